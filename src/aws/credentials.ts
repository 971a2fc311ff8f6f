import { credentialsOf } from '../postgres/credentials.ts';
import type { CredentialSource } from '../postgres/endpoint.ts';
import { iamTokens } from './iam-token.ts';
import type { Secrets } from './secrets.ts';

/** Credentials by every way that a target may name: DSN, secret, IAM token. */
export function credentialsWith(secrets: Secrets): CredentialSource {
  return credentialsOf({ secret: (arn, fresh) => secrets.read(arn, fresh), iamToken: iamTokens() });
}
