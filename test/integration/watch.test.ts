import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Loop } from '../../src/config/loop.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { createLoop } from '../../src/loops/compose.ts';
import type { LoopRunner } from '../../src/loops/loop.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { HistoryStore } from '../../src/store/history.ts';
import { SnapshotStore } from '../../src/store/snapshots.ts';
import { SqliteTable } from '../../src/store/sqlite-table.ts';
import { storesIn } from '../../src/store/stores.ts';
import type { Table } from '../../src/store/table.ts';
import { total } from '../support/pass.ts';
import { useServer } from '../support/test-server.ts';
import { fakeServer } from '../support/wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-watch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly level: string;
  readonly message: string;
}

function loopOver(
  loop: Loop,
  table: Table,
  targets: Readonly<Record<string, string>>,
  lines: Line[],
  connectTimeoutMs = 500,
): { runner: LoopRunner; pass: () => Promise<Snapshot[]> } {
  const yaml = `targets:\n${Object.entries(targets)
    .map(([cluster, dsn]) => `  - { cluster: ${cluster}, dsn: "${dsn}" }`)
    .join('\n')}\ntimeouts: { connect_timeout_ms: ${connectTimeoutMs} }\n`;
  const config = parseConfig(yaml, 'test', {});
  const say = (level: string) => (_context: object, message: string) => {
    lines.push({ level, message });
  };
  const runner = createLoop(loop, config, {
    credentials: credentialsFromDsn,
    stores: storesIn(table),
    channels: [],
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    now: () => new Date(),
    idleLimitMs: Number.POSITIVE_INFINITY,
  });
  return {
    runner,
    pass: async () => {
      const passes = await runner.pass(config.targets);
      expect(await runner.write(config.targets, passes)).toBe(0);
      return passes.map(({ snapshot }) => snapshot);
    },
  };
}

describe('loops over a local table', () => {
  const server = useServer(18);
  let local: Awaited<ReturnType<typeof openLocalTable>>;
  beforeAll(async () => {
    local = await openLocalTable(folder);
  });
  afterAll(() => local.close());

  test('a server that goes away is pg_up 0 and one line; when it is back, so are the numbers', async () => {
    const lines: Line[] = [];
    const { runner, pass } = loopOver('hot', local.table, { main: server().postgres.dsn('pgmon') }, lines);
    const counting = loopOver('workload', local.table, { main: server().postgres.dsn('pgmon') }, []);
    await counting.pass();
    const up = async () => (await pass()).map((snapshot) => total(snapshot, 'pg_up'));
    expect(await up()).toEqual([1]);
    await server().stopClients();
    await server().postgres.kill();
    expect(await up()).toEqual([0]);
    expect(await up()).toEqual([0]);
    expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^main: .*nothing listens there/),
    ]);
    await server().postgres.start();
    expect(await up()).toEqual([1]);
    const [back] = await counting.pass();
    // A crash sets counters back: the first pass after it has a reason instead of a rate.
    expect(Object.values(back?.noRates ?? {})).toContain('restart');
    expect(back?.rates).toEqual([]);
    expect((await counting.pass())[0]?.rates.length).toBeGreaterThan(0);
    await counting.runner.close();
    expect(lines.filter(({ message }) => message === 'main: watching')).toHaveLength(2);
    await runner.close();
  });

  test('a dead connection is replaced within the pass, and none is left behind', async () => {
    const { runner, pass } = loopOver('hot', local.table, { main: server().postgres.dsn('pgmon') }, []);
    await pass();
    await server().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgmon/hot'");
    const [snapshot] = await pass();
    expect(snapshot?.up).toBe(true);
    const ours = () =>
      server().sql("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    expect(await ours()).toEqual([{ n: 1 }]);
    await runner.close();
    await server().until(
      "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%')",
    );
  });

  test('a listener that never answers costs one target one pass, inside its limit, and the other nothing', async () => {
    const silent = await fakeServer(() => {});
    const targets = {
      silent: `postgres://pgmon@127.0.0.1:${silent.port}/postgres`,
      good: server().postgres.dsn('pgmon'),
    };
    const { runner, pass } = loopOver('hot', local.table, targets, [], 2_000);
    const began = performance.now();
    const [down, good] = await pass();
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(down).toMatchObject({ up: false, problem: { kind: 'timeout' } });
    expect(good?.up).toBe(true);
    expect(good?.durationMs).toBeLessThan(1_500);
    await runner.close();
    silent.close();
  });

  test('a server that stops in the middle of all times out at the deadline', async () => {
    const { runner, pass } = loopOver('hot', local.table, { main: server().postgres.dsn('pgmon') }, []);
    await pass();
    server().postgres.pause();
    try {
      const [snapshot] = await pass();
      expect(snapshot).toMatchObject({ up: false, problem: { kind: 'timeout' } });
      expect(snapshot?.durationMs).toBeLessThan(2_500);
    } finally {
      server().postgres.resume();
    }
    expect((await pass())[0]?.up).toBe(true);
    await runner.close();
  });

  test('snapshots, history and state survive a restart of pgmon', async () => {
    const from = new Date();
    const first = loopOver('workload', local.table, { kept: server().postgres.dsn('pgmon') }, []);
    await first.pass();
    await first.runner.close();
    await local.close();
    local = await openLocalTable(folder);
    const second = loopOver('workload', local.table, { kept: server().postgres.dsn('pgmon') }, []);
    const [snapshot] = await second.pass();
    // A rate in the first pass of a new process comes from the state that the other one left.
    expect(snapshot?.rates.length).toBeGreaterThan(0);
    const points = await new HistoryStore(local.table).between('kept', from, new Date());
    expect(points).toHaveLength(2);
    expect(points[0]?.values['pg_checkpoints_timed_total{}'] ?? points[1]?.values['pg_checkpoints_timed_total{}']).toBe(
      0,
    );
    expect(await new SnapshotStore(local.table).clusters()).toContain('kept');
    await second.runner.close();
  });

  test('[E9] history past its week is deleted, of whatever target, and nothing else', async () => {
    let now = new Date('2026-03-01T00:00:00Z');
    const table = SqliteTable.inMemory(() => now);
    const history = new HistoryStore(table);
    const times = [
      '2026-03-11T23:59:00.000Z',
      '2026-03-12T11:59:00.000Z',
      '2026-03-13T00:00:00.000Z',
      '2026-03-20T11:59:00.000Z',
    ];
    for (const at of times) await history.append('old', 'hot', [{ at, values: { 'pg_up{}': 1 } }]);
    now = new Date('2026-03-20T12:00:00Z');
    expect(await table.sweep()).toBe(3);
    const left = await history.between('old', new Date('2026-03-01T00:00:00Z'), now);
    expect(left.map(({ at }) => at)).toEqual(times.slice(3));
    table.close();
  });
});
