import type pg from 'pg';
import { collectors } from '../../src/collectors/index.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Loop } from '../../src/config/loop.ts';
import { emptyState, type LoopState } from '../../src/loops/loop-state.ts';
import { runPass } from '../../src/loops/pass.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { privilegeCheck } from '../../src/postgres/privileges/check.ts';
import { Sessions } from '../../src/postgres/sessions.ts';
import { cpuMs } from './cpu.ts';

export interface Measured {
  /** CPU milliseconds of pgmon's own backend, pass by pass, planning and sending included. */
  readonly cpu: readonly number[];
  readonly wall: readonly number[];
  /** CPU milliseconds of making the connection, looking at the role, and the first pass with cold caches. */
  readonly firstMs: number;
  readonly statementsPerPass: number;
  readonly tempFiles: number;
  readonly last: Snapshot;
}

/** Runs passes of a loop as the role pgmon and measures what they cost the server. */
export async function measureLoop(
  loop: Loop,
  port: number,
  admin: pg.Client,
  passes: { readonly warmUp: number; readonly counted: number },
): Promise<Measured> {
  const config = parseConfig(`cluster: bench\ndsn: postgres://pgmon@127.0.0.1:${port}/postgres`, 'bench', {});
  const [target] = config.targets;
  if (!target) throw new Error('no target');
  const sessions = new Sessions({
    applicationName: `pgmon/${loop}`,
    connectTimeoutMs: 3_000,
    statementTimeoutMs: loop === 'hot' ? 900 : 3_000,
    lockTimeoutMs: 500,
    credentials: credentialsFromDsn,
    privileges: privilegeCheck(config.security),
    idleLimitMs: Number.POSITIVE_INFINITY,
  });
  const settings = {
    loop,
    collectors: collectors.filter((collector) => collector.loop === loop),
    sessions,
    limits: { topRelations: 50, topIndexes: 50, topQueries: 50 },
    redactSql: true,
    deadlineMs: 60_000,
    longestGapSeconds: 900,
    now: () => new Date(),
  };
  let state: LoopState = emptyState;
  const pass = async () => {
    const output = await runPass(settings, target, state);
    state = output.state;
    if (!output.snapshot.up || output.snapshot.outcomes.some(({ status }) => status === 'failed')) {
      throw new Error(`a pass failed: ${JSON.stringify(output.snapshot.problem ?? output.snapshot.outcomes)}`);
    }
    return output.snapshot;
  };
  try {
    let last = await pass();
    const found = await admin.query('SELECT pid FROM pg_stat_activity WHERE application_name = $1', [`pgmon/${loop}`]);
    const pid: number = found.rows[0].pid;
    const firstMs = cpuMs(pid);
    for (let i = 1; i < passes.warmUp; i++) await pass(); // plans, caches and this program warm up
    const [callsBefore, tempBefore] = [await ownCalls(admin), await tempFiles(admin)];
    const cpu: number[] = [];
    const wall: number[] = [];
    for (let i = 0; i < passes.counted; i++) {
      const [cpuBefore, wallBefore] = [cpuMs(pid), performance.now()];
      last = await pass();
      cpu.push(cpuMs(pid) - cpuBefore);
      wall.push(performance.now() - wallBefore);
    }
    return {
      cpu,
      wall,
      firstMs,
      statementsPerPass: ((await ownCalls(admin)) - callsBefore) / passes.counted,
      tempFiles: (await tempFiles(admin)) - tempBefore,
      last,
    };
  } finally {
    await sessions.close();
  }
}

async function ownCalls(admin: pg.Client): Promise<number> {
  const found = await admin.query(
    "SELECT coalesce(sum(calls), 0)::float8 AS calls FROM pg_stat_statements(false) WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = 'pgmon')",
  );
  return found.rows[0].calls;
}

async function tempFiles(admin: pg.Client): Promise<number> {
  return (await admin.query('SELECT sum(temp_files)::float8 AS files FROM pg_stat_database')).rows[0].files;
}
