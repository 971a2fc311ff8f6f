import type { Collector, Limits, Row } from '../../src/collectors/collector.ts';
import { collectors } from '../../src/collectors/index.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Loop } from '../../src/config/loop.ts';
import { emptyState, type LoopState } from '../../src/loops/loop-state.ts';
import { runPass } from '../../src/loops/pass.ts';
import type { PassOutput } from '../../src/loops/pass-output.ts';
import type { Labels } from '../../src/metrics/sample.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import type { Inspections } from '../../src/postgres/inspections.ts';
import { privilegeCheck } from '../../src/postgres/privileges/check.ts';
import { Sessions } from '../../src/postgres/sessions.ts';

/** A loop over one target, pass by pass, as the least-privileged role. */
export class TestLoop {
  readonly sessions: Sessions;
  readonly #dsn: string;
  readonly #loop: Loop;
  readonly #collectors: readonly Collector[];
  readonly #databases: string;
  readonly #now: () => Date;
  #limits: Limits = { topRelations: 50, topIndexes: 50, topQueries: 50 };
  #state: LoopState = emptyState;

  constructor(
    dsn: string,
    options: {
      loop?: Loop;
      collectors?: readonly Collector[];
      enforce?: boolean;
      connectTimeoutMs?: number;
      limits?: Partial<Limits>;
      databases?: string;
      statementTimeoutMs?: number;
      /** What another loop of the process learned of the server. */
      inspections?: Inspections;
      now?: () => Date;
    } = {},
  ) {
    this.#dsn = dsn;
    this.#limits = { ...this.#limits, ...options.limits };
    this.#databases = options.databases ?? '{}';
    this.#now = options.now ?? (() => new Date());
    this.#loop = options.loop ?? 'hot';
    this.#collectors = options.collectors ?? collectors.filter(({ loop }) => loop === this.#loop);
    this.sessions = new Sessions({
      applicationName: `pgmon/${this.#loop}`,
      connectTimeoutMs: options.connectTimeoutMs ?? 3_000,
      statementTimeoutMs: options.statementTimeoutMs ?? 2_700,
      lockTimeoutMs: Math.min(500, options.statementTimeoutMs ?? 500),
      credentials: credentialsFromDsn,
      privileges: privilegeCheck({ read_only_enforce: options.enforce ?? true }),
      idleLimitMs: Number.POSITIVE_INFINITY,
      ...(options.inspections ? { inspections: options.inspections } : {}),
    });
  }

  async pass(deadlineMs = 4_000): Promise<PassOutput> {
    const [target] = parseConfig(
      `targets: [{ cluster: test, dsn: "${this.#dsn}", databases: ${this.#databases} }]`,
      'test',
      {},
    ).targets;
    if (!target) throw new Error('no target');
    const settings = {
      loop: this.#loop,
      collectors: this.#collectors,
      sessions: this.sessions,
      limits: this.#limits,
      redactSql: true,
      deadlineMs,
      longestGapSeconds: 900,
      now: this.#now,
    };
    const output = await runPass(settings, target, this.#state);
    this.#state = output.state;
    return output;
  }

  async snapshot(): Promise<Snapshot> {
    return (await this.pass()).snapshot;
  }

  async close(): Promise<void> {
    await this.sessions.close();
  }
}

/** The sum of a metric's samples whose labels include these. */
export function total(snapshot: Pick<Snapshot, 'samples'>, metric: string, labels: Labels = {}): number {
  const found = snapshot.samples.filter(
    (sample) =>
      sample.metric === metric && Object.entries(labels).every(([name, value]) => sample.labels[name] === value),
  );
  if (found.length === 0) throw new Error(`no sample of ${metric} with ${JSON.stringify(labels)}`);
  return found.reduce((sum, { value }) => sum + value, 0);
}

export function rowsOf(snapshot: Snapshot, collector: string): readonly Row[] {
  return snapshot.rows[collector] ?? [];
}

/** What did not answer and should have: not what has no place on this server. */
export function unexpected({ outcomes }: Snapshot): Snapshot['outcomes'] {
  return outcomes.filter(({ status, expected }) => status !== 'ok' && !expected);
}
