import { type ConnectionOptions, parse } from 'pg-connection-string';

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

/** `sslmode` and `sslrootcert` as they stand in the connection string. */
export function dsnTls(dsn: string): { mode: string | undefined; rootCert: string | undefined } {
  const parameters = new URLSearchParams(dsn.split('?')[1] ?? '');
  return { mode: parameters.get('sslmode') || undefined, rootCert: parameters.get('sslrootcert') || undefined };
}
