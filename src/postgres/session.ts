import pg from 'pg';
import { type Credentials, type Endpoint, endpointText } from './endpoint.ts';
import { PostgresProblem, problemOf } from './problem.ts';
import { parseServerInfo, SERVER_INFO_SQL, type ServerInfo } from './server-info.ts';
import { type ServerTimeouts, sessionSettings } from './session-settings.ts';
import { tlsOptions } from './tls.ts';

/** One statement to read; `name` prepares it once per connection and must name one text only. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values?: readonly (number | string)[];
}

/**
 * What came back for one statement. `ms` is from sending, or from the answer before it where that came later, until
 * its own answer was complete: in a pipeline, the time that this statement took by itself.
 */
export type Answer =
  | { readonly ok: true; readonly rows: readonly unknown[]; readonly ms: number }
  | { readonly ok: false; readonly problem: PostgresProblem; readonly ms: number };

/** Answers by the name of their statement. */
export type Answers = ReadonlyMap<string, Answer>;

export interface SessionOptions extends ServerTimeouts {
  /** Shown in `pg_stat_activity`, `pgmon/<loop>`. */
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
}

const OLDEST_MAJOR = 12;

/**
 * One connection to one database: read-only, with timeouts that the server itself keeps, statements pipelined and
 * prepared. Where a transaction pooler stands between, each statement brings its settings along instead.
 */
export class Session {
  readonly info: ServerInfo;
  readonly #client: pg.Client;
  readonly #options: SessionOptions;
  #lost: PostgresProblem | undefined;
  #lastAnswerAt = 0;

  private constructor(client: pg.Client, info: ServerInfo, options: SessionOptions) {
    this.#client = client;
    this.info = info;
    this.#options = options;
    client.on('error', (error) => this.#drop(problemOf(error, false)));
    client.on('end', () => this.#drop(new PostgresProblem('disconnected', 'the server closed the connection')));
  }

  /**
   * Connects, learns the server, and makes the connection read-only.
   *
   * @throws PostgresProblem of a connecting kind, with a hint
   */
  static async open(endpoint: Endpoint, credentials: Credentials, options: SessionOptions): Promise<Session> {
    const client = new pg.Client({
      host: endpoint.host,
      port: endpoint.port,
      database: endpoint.database,
      user: credentials.user,
      ...(credentials.password === undefined ? {} : { password: credentials.password }),
      ssl: tlsOptions(endpoint),
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectTimeoutMs,
      // One dead socket in a thawed Lambda must not wait for the kernel's two hours.
      keepAlive: true,
      pipeline: true,
    });
    // Without a listener an error between two queries would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      const found = await within(client.query(SERVER_INFO_SQL), options.connectTimeoutMs);
      const info = parseServerInfo(found.rows[0], announcedPid(client));
      if (info.major < OLDEST_MAJOR) {
        throw new PostgresProblem(
          'version',
          `PostgreSQL ${info.version} is too old: pgmon reads ${OLDEST_MAJOR} and newer`,
        );
      }
      if (!info.pooled) await within(client.query(sessionSettings(options, info.major)), options.connectTimeoutMs);
      return new Session(client, info, options);
    } catch (error) {
      destroy(client);
      throw withPlace(problemOf(error, true), endpoint, credentials);
    }
  }

  /** The connection is gone, and why. */
  get lost(): PostgresProblem | undefined {
    return this.#lost;
  }

  /**
   * Sends all statements at once and waits for all answers, which come by the statement's name: one round trip. Each fails alone. What has no answer by
   * the deadline fails with `timeout`, and the connection is dropped, since answers on it could no longer be told apart.
   */
  async read(statements: readonly Statement[], deadlineMs: number): Promise<Answers> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    const answers = statements.map(async (statement) => [statement.name, await this.#answer(statement)] as const);
    const outcome = await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
    if (outcome !== 'late') return new Map(outcome);
    this.#drop(new PostgresProblem('timeout', `no answer within ${deadlineMs} ms`));
    return new Map(await Promise.all(answers));
  }

  /** Ends the connection; never throws, and does not wait for a server that no longer answers. */
  async close(): Promise<void> {
    this.#lost ??= new PostgresProblem('disconnected', 'closed by pgmon');
    await within(this.#client.end(), 500).catch(() => {});
    destroy(this.#client);
  }

  async #answer(statement: Statement): Promise<Answer> {
    const start = performance.now();
    const took = () => {
      const now = performance.now();
      const ms = now - Math.max(start, this.#lastAnswerAt);
      this.#lastAnswerAt = now;
      return ms;
    };
    if (this.#lost) return { ok: false, problem: this.#lost, ms: 0 };
    try {
      const rows = this.info.pooled ? await this.#readPooled(statement) : await this.#readOwn(statement);
      return { ok: true, rows, ms: took() };
    } catch (error) {
      return { ok: false, problem: this.#lost ?? problemOf(error, false), ms: took() };
    }
  }

  async #readOwn({ name, text, values }: Statement): Promise<unknown[]> {
    const result = await this.#client.query({ name, text, ...(values ? { values: [...values] } : {}) });
    return result.rows;
  }

  // One message carries the whole transaction, so that its settings hold for it whichever server connection it gets.
  async #readPooled({ text, values = [] }: Statement): Promise<unknown[]> {
    const { statementTimeoutMs, lockTimeoutMs } = this.#options;
    const settings = `SET LOCAL statement_timeout = ${statementTimeoutMs}; SET LOCAL lock_timeout = ${lockTimeoutMs}`;
    const body = text.replace(/\$(\d+)/g, (_, i: string) => literal(values[Number(i) - 1]));
    try {
      const results: unknown = await this.#client.query(`BEGIN READ ONLY; ${settings}; ${body}; COMMIT`);
      const list: unknown[] = Array.isArray(results) ? results : [results];
      return list.flatMap((result) => (isResult(result) ? result.rows : []));
    } catch (error) {
      await this.#client.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  #drop(problem: PostgresProblem): void {
    if (this.#lost) return;
    this.#lost = problem;
    destroy(this.#client);
  }
}

function literal(value: number | string | undefined): string {
  return typeof value === 'number' ? String(value) : pg.escapeLiteral(value ?? '');
}

function isResult(value: unknown): value is { rows: unknown[] } {
  return typeof value === 'object' && value !== null && 'rows' in value && Array.isArray(value.rows);
}

function announcedPid(client: pg.Client): number | null {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : null;
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PostgresProblem('timeout', `no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes the socket at once; what still waits for an answer on it fails. */
function destroy(client: pg.Client): void {
  const connection: unknown = 'connection' in client ? client.connection : undefined;
  if (typeof connection === 'object' && connection !== null && 'stream' in connection) {
    const { stream } = connection;
    if (typeof stream === 'object' && stream !== null && 'destroy' in stream && typeof stream.destroy === 'function')
      stream.destroy();
  }
}

function withPlace(problem: PostgresProblem, endpoint: Endpoint, credentials: Credentials): PostgresProblem {
  const place = `${endpointText(endpoint)} as ${credentials.user}`;
  return new PostgresProblem(
    problem.kind,
    `${place}: ${problem.message}`,
    problem.hint || connectHint(problem, endpoint, credentials),
    problem.sqlState,
  );
}

function connectHint(problem: PostgresProblem, endpoint: Endpoint, credentials: Credentials): string {
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
      return `Check the password and pg_hba.conf for user ${credentials.user}; on RDS with IAM, GRANT rds_iam TO it.`;
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
