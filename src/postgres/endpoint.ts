import { isIP } from 'node:net';
import { dsnTls, parseDsn } from '../config/dsn.ts';
import type { TargetConfig } from '../config/target.ts';

export type TlsMode = 'verify-full' | 'verify-ca' | 'disable';

/** Where a target is and how to speak to it; {@link Credentials} has what the login needs. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tls: TlsMode;
  /** A CA to trust beside the public ones and Amazon's: a PEM file, or its text. */
  readonly ca?: string;
}

/** How to log in; fetched again at every connect, so that rotated secrets and short-lived tokens are picked up. */
export interface Credentials {
  readonly user: string;
  readonly password?: string;
  /** Where the secret names the server: stands in for what the target leaves out. */
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly tls?: TlsMode;
}

/**
 * Gives the credentials of a target; throws with what is missing, never with the secret itself. `fresh` asks for them
 * again: what was given before was refused.
 */
export type CredentialSource = (target: TargetConfig, fresh?: boolean) => Promise<Credentials>;

/** Credentials from the DSN: the local form's, and a deployment's where the secret holds a DSN. */
export function dsnCredentials(dsn: string): Credentials {
  const parsed = parseDsn(dsn);
  const tls = modeOf(dsn);
  return {
    user: parsed.user || 'postgres',
    ...(parsed.password ? { password: parsed.password } : {}),
    ...(parsed.host ? { host: parsed.host } : {}),
    ...(parsed.port ? { port: Number(parsed.port) } : {}),
    ...(parsed.database ? { database: parsed.database } : {}),
    ...(tls ? { tls } : {}),
  };
}

/** Resolves where to connect to. What the target says itself wins over its DSN, and that over the secret. */
export function endpointOf(target: TargetConfig, credentials: Credentials): Endpoint {
  const dsn = target.dsn ? parseDsn(target.dsn) : undefined;
  const host = target.host ?? dsn?.host ?? credentials.host;
  if (!host) throw new Error(`${target.cluster}: no host: set host, a dsn, or a secret that has it`);
  const ca = target.tls?.ca ?? (target.dsn && dsnTls(target.dsn).rootCert);
  return {
    host,
    port: target.port ?? (dsn?.port ? Number(dsn.port) : credentials.port) ?? 5432,
    database: target.database ?? dsn?.database ?? credentials.database ?? 'postgres',
    tls: target.tls?.mode ?? modeOf(target.dsn) ?? credentials.tls ?? (isLoopback(host) ? 'disable' : 'verify-full'),
    ...(ca ? { ca } : {}),
  };
}

/**
 * `sslmode` of a DSN. `require` and `prefer` encrypt without knowing to whom, which is no protection at all: they are
 * read as verify-full, and who has a private CA names it with `sslrootcert` or `tls.ca`.
 */
function modeOf(dsn: string | undefined): TlsMode | undefined {
  const mode = dsn ? dsnTls(dsn).mode : undefined;
  if (mode === 'disable' || mode === 'verify-ca') return mode;
  return mode ? 'verify-full' : undefined;
}

export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host.startsWith('/') || (isIP(host) === 4 && host.startsWith('127.'))
  );
}

/** `host:port/database` for messages. */
export function endpointText(endpoint: Endpoint): string {
  return `${endpoint.host}:${endpoint.port}/${endpoint.database}`;
}
