import { type Credentials, type Endpoint, endpointText } from './endpoint.ts';
import { PostgresProblem } from './problem.ts';

/**
 * A failed connection with its place and what to do. Who logs in is in no message: viewers, who may not see users, read
 * them.
 */
export function withPlace(problem: PostgresProblem, endpoint: Endpoint, credentials: Credentials): PostgresProblem {
  const message = problem.message.replaceAll(`"${credentials.user}"`, 'of pgmon');
  return new PostgresProblem(
    problem.kind,
    `${endpointText(endpoint)}: ${message}`,
    problem.hint || connectHint(problem, endpoint),
    problem.sqlState,
  );
}

function connectHint(problem: PostgresProblem, endpoint: Endpoint): string {
  switch (problem.kind) {
    case 'unreachable':
      return 'Check the host, the port and the server, and that firewalls and security groups let pgmon in.';
    case 'timeout':
      return 'Something accepts or drops the connection without an answer: check the port, firewalls and security groups.';
    case 'tls':
      return /does not offer|cut off/.test(problem.message)
        ? 'Turn on ssl on the server, or, on a private network, set tls.mode: disable.'
        : 'Connect by the host name in the certificate, or name its CA with tls.ca (sslrootcert= in a DSN).';
    case 'auth':
      return 'Check user, password and pg_hba.conf; on RDS with IAM, GRANT rds_iam TO the role.';
    case 'database':
      return `Name an existing database: ${endpoint.database} does not exist.`;
    case 'starting':
      return 'The server is starting up, shutting down or recovering; pgmon retries by itself.';
    case 'full':
      return 'No connection is free for pgmon: raise max_connections, or on 16+ set reserved_connections and GRANT pg_use_reserved_connections.';
    case 'version':
      return 'Upgrade the server: PostgreSQL 11 and older no longer get fixes.';
    case 'not-postgres':
      return "The answer is not from a PostgreSQL database: check the port, and that the database is not PgBouncer's console.";
    default:
      return '';
  }
}
