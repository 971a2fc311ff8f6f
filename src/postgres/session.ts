import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { withPlace } from './connect-problem.ts';
import type { Credentials, Endpoint } from './endpoint.ts';
import { foreignProtocol } from './foreign-protocol.ts';
import { PostgresProblem, problemOf } from './problem.ts';
import { parseServerInfo, SERVER_INFO_SQL, type ServerInfo } from './server-info.ts';
import { type ServerTimeouts, sessionSettings, startupOptions } from './session-settings.ts';
import { backendKey, cancelBackend, destroy, onData } from './socket.ts';

/** One statement to read; `name` prepares it once per connection and must name one text only. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values?: readonly (number | string)[];
}

/**
 * What came back for one statement. `ms` is from the arrival of the answer before it until its own was complete, on the
 * socket: in a pipeline, the time that it took by itself. Answers that arrived together share theirs evenly, since
 * nothing tells them apart. `sinceSentMs` is from sending the pass until the answer was complete.
 */
export type Answer = { readonly ms: number; readonly sinceSentMs: number } & (
  | { readonly ok: true; readonly rows: readonly unknown[] }
  | { readonly ok: false; readonly problem: PostgresProblem }
);

/** Answers by the name of their statement, in the order of sending. */
export type Answers = ReadonlyMap<string, Answer>;

type Arrived = Answer & { readonly chunk: number };

export interface SessionOptions extends ServerTimeouts {
  /** Shown in `pg_stat_activity`, `pgmon/<loop>`. */
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
}

/** What is known before a connection is made. */
interface Known {
  readonly info: ServerInfo;
  readonly brief: boolean;
}

const OLDEST_MAJOR = 12;

/** Most bytes that a pass or a login may bring: a Lambda of 128 MB serves 25 targets. */
export const MAX_BYTES = 32 * 1024 * 1024;

/** What is on the wire between sending and the last answer. */
interface Pass {
  readonly sentAt: number;
  pending: number;
  /** Ends once nothing waits behind a lock any more; there after the first lock timeout. */
  hurry?: Promise<void>;
}

/**
 * One connection to one database: read-only, with timeouts that the server itself keeps, statements pipelined and
 * prepared. Where a transaction pooler stands between, each statement brings its settings along instead.
 */
export class Session {
  readonly info: ServerInfo;
  readonly #client: pg.Client;
  readonly #endpoint: Endpoint;
  readonly #options: SessionOptions;
  #lost: PostgresProblem | undefined;
  /** Since the last statements were sent. */
  #bytes = 0;
  #chunk = 0;
  #chunkAt = 0;

  private constructor(client: pg.Client, info: ServerInfo, endpoint: Endpoint, options: SessionOptions) {
    this.#client = client;
    this.info = info;
    this.#endpoint = endpoint;
    this.#options = options;
    client.on('error', (error) => this.#drop(problemOf(error, false)));
    client.on('end', () => this.#drop(new PostgresProblem('disconnected', 'the server closed the connection')));
    onData(client, ({ length }) => this.#arrived(length));
  }

  /**
   * Connects, learns the server, and makes the connection read-only.
   *
   * @param known what an earlier connection to the same database learned: nothing is asked. Of a connection that is closed
   *   after one use (`brief`) the settings ride in the startup packet, so that it costs no round trip beside the login; a
   *   lasting one sets them afterwards, since those of the packet hide the server's own values (`reset_val`).
   * @throws PostgresProblem of a connecting kind, with a hint
   */
  static async open(
    endpoint: Endpoint,
    credentials: Credentials,
    options: SessionOptions,
    known?: Known,
  ): Promise<Session> {
    try {
      return await Session.#connect(endpoint, credentials, options, known);
    } catch (error) {
      throw withPlace(problemOf(error, true), endpoint, credentials);
    }
  }

  static async #connect(endpoint: Endpoint, credentials: Credentials, options: SessionOptions, known?: Known) {
    const inPacket = known?.brief === true && !known.info.pooled;
    const client = new pg.Client({
      host: endpoint.host,
      port: endpoint.port,
      database: endpoint.database,
      user: credentials.user,
      ...(credentials.password === undefined ? {} : { password: credentials.password }),
      // Amazon's certificates are 180 kB: loaded with the first connection that needs them.
      ssl: endpoint.tls !== 'disable' && (await import('./tls.ts')).tlsOptions(endpoint),
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectTimeoutMs,
      // One dead socket in a thawed Lambda must not wait for the kernel's two hours.
      keepAlive: true,
      pipeline: true,
      // A pooler would refuse them.
      ...(inPacket ? { options: startupOptions(options, known.info.major) } : {}),
    });
    // Without a listener an error between two queries would end the process.
    client.on('error', () => {});
    let bytes = 0;
    let refused: PostgresProblem | undefined;
    let session: Session | undefined;
    onData(client, (chunk) => {
      if (bytes === 0) refused = foreignProtocol(chunk);
      bytes += chunk.length;
      if (!session && bytes > MAX_BYTES) refused = tooLarge();
      if (refused) destroy(client);
    });
    try {
      await client.connect();
      const info = known?.info ?? (await learn(client, options));
      if (!inPacket && !info.pooled)
        await within(client.query(sessionSettings(options, info.major)), options.connectTimeoutMs);
      session = new Session(client, info, endpoint, options);
      return session;
    } catch (error) {
      destroy(client);
      throw refused ?? error;
    }
  }

  /** The connection is gone, and why. */
  get lost(): PostgresProblem | undefined {
    return this.#lost;
  }

  /**
   * Sends all statements at once and waits for all answers, which come by the statement's name: one round trip. Each
   * fails alone. What has no answer by
   * the deadline fails with `timeout`, and the connection is dropped, since answers on it could no longer be matched
   * apart; so it is where more than {@link MAX_BYTES} come back (`too-large`). After the first lock timeout the others
   * wait for one more at most, all together.
   */
  async read(statements: readonly Statement[], deadlineMs: number): Promise<Answers> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    this.#bytes = 0;
    const pass: Pass = { sentAt: performance.now(), pending: statements.length };
    const answers = statements.map((statement) => this.#answer(statement, pass));
    const outcome = await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
    if (outcome === 'late') this.#drop(new PostgresProblem('timeout', `no answer within ${deadlineMs} ms`));
    // A cancel request on its way must not hit the next pass.
    await pass.hurry;
    const shared = withShares(await Promise.all(answers));
    return new Map(statements.flatMap(({ name }, i) => (shared[i] ? [[name, shared[i]] as const] : [])));
  }

  /** Ends the connection; never throws, and does not wait for a server that no longer answers. */
  async close(): Promise<void> {
    this.#lost ??= new PostgresProblem('disconnected', 'closed by pgmon');
    await within(this.#client.end(), 500).catch(() => {});
    destroy(this.#client);
  }

  async #answer(statement: Statement, pass: Pass): Promise<Arrived> {
    const arrived = () => {
      pass.pending -= 1;
      return { ms: 0, sinceSentMs: Math.max(0, this.#chunkAt - pass.sentAt), chunk: this.#chunk };
    };
    if (this.#lost) return { ok: false, problem: this.#lost, ...arrived() };
    try {
      const rows = this.info.pooled ? await this.#readPooled(statement) : await this.#readOwn(statement);
      return { ok: true, rows, ...arrived() };
    } catch (error) {
      const problem = this.#lost ?? problemOf(error, false);
      if (problem.kind === 'lock-timeout') pass.hurry ??= this.#hurry(pass);
      const waited = problem.kind === 'cancelled' && pass.hurry !== undefined;
      return { ok: false, problem: waited ? canceledBehindLock() : problem, ...arrived() };
    }
  }

  /**
   * One statement ran into the lock timeout, and those behind it would each wait as long for the same lock: they get
   * one more timeout for all of them, and what makes no headway within its share is cancelled.
   */
  async #hurry(pass: Pass): Promise<void> {
    const key = backendKey(this.#client);
    const shareMs = this.#options.lockTimeoutMs / (2 * Math.max(1, pass.pending));
    while (pass.pending > 0 && !this.#lost && key) {
      const before = pass.pending;
      await sleep(shareMs);
      if (pass.pending > 0 && pass.pending === before && !this.#lost) await cancelBackend(this.#endpoint, key);
    }
  }

  async #readOwn({ name, text, values }: Statement): Promise<unknown[]> {
    const result = await this.#client.query({ name, text, ...(values ? { values: [...values] } : {}) });
    return result.rows;
  }

  // Three messages, sent together: the statement is one by itself, so that nothing in it (a comment at its end, a
  // semicolon) can swallow the COMMIT or bring a second one along.
  async #readPooled({ text, values }: Statement): Promise<unknown[]> {
    const { statementTimeoutMs, lockTimeoutMs } = this.#options;
    const settings = `SET LOCAL statement_timeout = ${statementTimeoutMs}; SET LOCAL lock_timeout = ${lockTimeoutMs}`;
    // The extended protocol takes one command only.
    const query = { text, values: [...(values ?? [])], queryMode: 'extended' };
    const [begun, result, ended] = await Promise.allSettled([
      this.#client.query(`BEGIN READ ONLY; ${settings}`),
      this.#client.query(query),
      this.#client.query('COMMIT'),
    ]);
    for (const one of [begun, result, ended]) if (one.status === 'rejected') throw one.reason;
    return result.status === 'fulfilled' ? result.value.rows : [];
  }

  #arrived(bytes: number): void {
    this.#chunk += 1;
    this.#chunkAt = performance.now();
    this.#bytes += bytes;
    if (this.#bytes > MAX_BYTES) this.#drop(tooLarge());
  }

  #drop(problem: PostgresProblem): void {
    if (this.#lost) return;
    this.#lost = problem;
    destroy(this.#client);
  }
}

/** Learns the server and sets the session up. */
async function learn(client: pg.Client, options: SessionOptions): Promise<ServerInfo> {
  const found = await within(client.query(SERVER_INFO_SQL), options.connectTimeoutMs);
  const info = parseServerInfo(found.rows[0], backendKey(client)?.pid ?? null);
  if (info.major < OLDEST_MAJOR) {
    throw new PostgresProblem('version', `PostgreSQL ${info.version} is too old: pgmon needs ${OLDEST_MAJOR} or newer`);
  }
  return info;
}

/** Splits the time between arrivals among the answers that came with each. */
function withShares(answers: readonly Arrived[]): Answer[] {
  const inChunk = Map.groupBy(answers, ({ chunk }) => chunk);
  let before = 0;
  const shares = new Map<number, number>();
  for (const [chunk, group] of inChunk) {
    const at = group[0]?.sinceSentMs ?? before;
    shares.set(chunk, Math.max(0, at - before) / group.length);
    before = Math.max(before, at);
  }
  return answers.map(({ chunk, ...answer }) => ({ ...answer, ms: shares.get(chunk) ?? 0 }));
}

const tooLarge = () =>
  new PostgresProblem(
    'too-large',
    `more than ${MAX_BYTES / 1024 / 1024} MB returned: the connection was dropped`,
    'Lower limits, or check what the statement reads: pgmon sql prints it.',
  );

const canceledBehindLock = () =>
  new PostgresProblem(
    'lock-timeout',
    'canceled: it waited for a lock after another statement of the pass had timed out on one',
  );

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
