import { type ConnectionOptions, parse } from 'pg-connection-string';
import { didYouMean } from './similar.ts';

/**
 * The parts of a connection string but for TLS, of which pgmon has an idea of its own (see `endpointOf`): the library
 * would read the files named there, and warn of modes that it will read differently some day.
 *
 * @throws where it is no URL; the message may hold the string itself and is not for people
 */
export function parseDsn(dsn: string): ConnectionOptions {
  const [location = '', query = ''] = dsn.split('?');
  const parameters = new URLSearchParams(query);
  for (const name of [...parameters.keys()]) if (name.startsWith('ssl')) parameters.delete(name);
  return parse(parameters.size > 0 ? `${location}?${parameters}` : location);
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Parameters that have no effect here and do no harm: libpq's, and those of poolers and frameworks. */
const HARMLESS =
  /^(user|password|host|port|database|application_name|fallback_application_name|client_encoding|connect_timeout|tcp_user_timeout|keepalives(_.*)?|target_session_attrs|load_balance_hosts|channel_binding|gss.*|krbsrvname|require_auth|options|passfile|service|min_protocol_version|max_protocol_version|uselibpqcompat|pgbouncer|schema|connection_limit|pool_timeout|pool_max_conns|statement_cache_size|sslnegotiation|sslcompression|sslsni|ssl_m.._protocol_version)$/;

/** What is wrong with the parameters of a connection string; undefined where nothing is. Values are not shown. */
export function parameterFault(dsn: string): string | undefined {
  const parameters = new URLSearchParams(dsn.split('?')[1] ?? '');
  for (const [name, value] of parameters) {
    if (name === 'sslmode' && value !== '' && !MODES.includes(value))
      return `has an sslmode other than ${MODES.join(', ')}`;
    if (/^ssl(cert|key|password|crl|crldir)$/.test(name)) return `has ${name}: pgmon logs in by password or token only`;
    if (name !== 'sslmode' && name !== 'sslrootcert' && !HARMLESS.test(name))
      return `has an unknown parameter ${name.slice(0, 40)}${didYouMean(name, ['sslmode', 'sslrootcert'])}`;
  }
  return undefined;
}

/** `sslmode` and `sslrootcert` as they stand in the connection string. */
export function dsnTls(dsn: string): { mode: string | undefined; rootCert: string | undefined } {
  const parameters = new URLSearchParams(dsn.split('?')[1] ?? '');
  return { mode: parameters.get('sslmode') || undefined, rootCert: parameters.get('sslrootcert') || undefined };
}
