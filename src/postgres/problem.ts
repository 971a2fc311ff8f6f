/** Why a server is unreadable, as far as a caller decides on it. */
export type ProblemKind =
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'auth'
  | 'database'
  | 'starting'
  | 'full'
  | 'version'
  | 'not-postgres'
  | 'writable'
  | 'disconnected'
  | 'too-large'
  | 'config'
  | 'statement-timeout'
  | 'lock-timeout'
  | 'permission'
  | 'missing'
  | 'recovery'
  | 'cancelled'
  | 'statement';

/** A failure with its kind, a message for people and what to do about it. Never holds a password. */
export class PostgresProblem extends Error {
  override readonly name = 'PostgresProblem';
  readonly kind: ProblemKind;
  readonly hint: string;
  readonly sqlState: string | undefined;

  constructor(kind: ProblemKind, message: string, hint = '', sqlState?: string) {
    super(message);
    this.kind = kind;
    this.hint = hint;
    this.sqlState = sqlState;
  }
}

const SQLSTATE: Readonly<Record<string, ProblemKind>> = {
  '28000': 'auth',
  '28P01': 'auth',
  '3D000': 'database',
  '57P03': 'starting',
  '53300': 'full',
  '57P01': 'disconnected',
  '57P02': 'disconnected',
  '57P05': 'disconnected',
  '57014': 'cancelled',
  '55P03': 'lock-timeout',
  '42501': 'permission',
  '42P01': 'missing',
  '42703': 'missing',
  '42883': 'missing',
  '3F000': 'missing',
  '0A000': 'missing',
  '55000': 'recovery',
};

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve right now',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
};

/** Sorts whatever the driver threw. `connecting` tells a failed login from a connection lost later. */
export function problemOf(error: unknown, connecting: boolean): PostgresProblem {
  if (error instanceof PostgresProblem) return error;
  const message = error instanceof Error ? error.message || error.name : String(error);
  const code = errorCode(error);
  if (/^Client network socket disconnected before secure TLS/.test(message)) {
    return new PostgresProblem('tls', 'the server cut off the TLS handshake');
  }
  if (code && /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/.test(code)) {
    return new PostgresProblem('tls', `the server's certificate is not trusted (${code}): ${message.split(';')[0]}`);
  }
  if (/does not support SSL/i.test(message)) return new PostgresProblem('tls', 'the server does not offer TLS');
  if (code && NETWORK[code]) {
    return new PostgresProblem(connecting ? 'unreachable' : 'disconnected', `${NETWORK[code]} (${code})`);
  }
  if (
    /Connection terminated|Client has encountered a connection error|connection is closed|Client was closed/i.test(
      message,
    )
  ) {
    return new PostgresProblem(connecting ? 'unreachable' : 'disconnected', 'the server closed the connection');
  }
  if (code?.startsWith('08')) {
    return new PostgresProblem(connecting ? 'not-postgres' : 'disconnected', message, '', code);
  }
  if (/timeout expired|timeout exceeded/i.test(message)) return new PostgresProblem('timeout', 'no answer in time');
  if (code === '57014' && /statement timeout/i.test(message)) {
    return new PostgresProblem('statement-timeout', 'the statement exceeded statement_timeout', '', code);
  }
  if (/SASL|password|pg_hba/i.test(message) && connecting) return new PostgresProblem('auth', message, '', code);
  // A limit of the role or the database (too many connections for role "x"): the server itself has room.
  if (code === '53300' && message.includes('"') && !message.includes('pg_use_reserved_connections')) {
    return new PostgresProblem('auth', message, 'Raise its CONNECTION LIMIT with ALTER ROLE or ALTER DATABASE.', code);
  }
  const kind = (code && SQLSTATE[code]) || (connecting ? 'not-postgres' : 'statement');
  return new PostgresProblem(kind, message, '', code);
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
