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
      return 'Check host and port, that the server runs, and that a firewall or security group lets pgmon in.';
    case 'timeout':
      return 'Something accepts the connection or drops it without an answer: check the port, firewalls and security groups.';
    case 'tls':
      return /does not offer|cut off/.test(problem.message)
        ? 'Turn on ssl on the server, or, on a network that nobody else can read, set tls.mode: disable.'
        : 'Connect by the name that the certificate is for, or name its CA with tls.ca (sslrootcert= in a DSN).';
    case 'auth':
      return 'Check user, password and pg_hba.conf; on RDS with IAM, GRANT rds_iam TO the role.';
    case 'database':
      return `Name a database that exists: ${endpoint.database} does not.`;
    case 'starting':
      return 'The server is starting up, shutting down or recovering; pgmon tries again by itself.';
    case 'full':
      return 'No connection is left for pgmon: raise max_connections, or on 16+ reserved_connections and GRANT pg_use_reserved_connections.';
    case 'version':
      return 'Upgrade the server: PostgreSQL 11 and older get no fixes any more.';
    case 'not-postgres':
      return "What answers is not a PostgreSQL database: check the port, and that database is not PgBouncer's console.";
    default:
      return '';
  }
}
