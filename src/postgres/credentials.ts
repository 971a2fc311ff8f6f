import type { CredentialSource } from './endpoint.ts';
import { dsnCredentials } from './endpoint.ts';

/** Credentials out of the target's own DSN; a target that logs in with AWS' help needs the AWS source. */
export const credentialsFromDsn: CredentialSource = async (target) => {
  if (!target.dsn)
    throw new Error(`${target.cluster}: auth with a secret or IAM works in a deployment only; give a dsn here`);
  return dsnCredentials(target.dsn);
};
