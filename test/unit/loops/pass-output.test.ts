import { expect, test } from 'vitest';
import { defineCollector } from '../../../src/collectors/collector.ts';
import { counter, rowsSchema, state } from '../../../src/collectors/columns.ts';
import { emptyState, type LoopState } from '../../../src/loops/loop-state.ts';
import { passOutput } from '../../../src/loops/pass-output.ts';
import { planCollector } from '../../../src/loops/plan.ts';
import { readsOf } from '../../../src/loops/read.ts';
import { PostgresProblem } from '../../../src/postgres/problem.ts';
import type { Answer } from '../../../src/postgres/session.ts';

const columns = { n: state.count(), seen: counter('x_seen_total', 'Count', 'Seen.') };
const collector = (name: string) =>
  defineCollector({
    name,
    loop: 'hot',
    scope: 'instance',
    role: 'any',
    timeoutMs: 900,
    maxRows: 1,
    sql: [{ version: '12', text: '-- x', file: 'x' }],
    columns,
    state: { schema: rowsSchema(columns) },
    transform: ({ rows }) => ({ rows, state: rows }),
  });
const server = {
  versionNum: 180000,
  major: 18,
  version: '18.0',
  role: 'primary' as const,
  database: 'd',
  user: 'u',
  startedAt: 1,
  extensions: {},
  pooled: false,
};
const limits = { topRelations: 1, topIndexes: 1, topQueries: 1 };

interface Read {
  readonly name: string;
  readonly ms: number;
  readonly fails?: true;
}
const read = (name: string, ms: number): Read => ({ name, ms });

/** A pass that got these answers at `at`, after the passes that made `before`. */
function pass(reads: readonly Read[], durationMs: number, before: LoopState, at = 100) {
  const moment = { at, startedAt: 1, role: 'primary' as const };
  const plans = reads.map(({ name }) => planCollector(collector(name), server, limits));
  const answers = new Map(
    reads.map(({ name, ms, fails }): [string, Answer] => [
      `pgmon_${name}_12`,
      fails
        ? { ok: false, problem: new PostgresProblem('statement-timeout', 'broken'), ms, sinceSentMs: ms }
        : { ok: true, rows: [{ n: ms, seen: at }], ms, sinceSentMs: ms },
    ]),
  );
  const context = {
    states: before.collectors,
    moment,
    takenAt: 0,
    seesAll: true,
    limits,
    redactSql: true,
    longestGapSeconds: 900,
  };
  return passOutput(
    { cluster: 'c', loop: 'hot', takenAt: new Date(0), durationMs },
    { server, moment, reads: readsOf(plans, 'd', answers, context), findings: [] },
    before,
  );
}

test('a pass over its budget lets the slowest collector back off, with the reason', () => {
  const first = pass([read('quick', 310), read('slow', 890)], 1_250, emptyState).state;
  expect(first.health).toEqual({
    slow: { failures: 2, passesLeft: 1, reason: 'a hot pass of 1200 ms, over its 1000 ms, of which it took 890 ms' },
  });
  // Connecting, or a watcher short of CPU, is no collector's fault.
  expect(pass([read('quick', 5), read('slow', 890)], 4_000, emptyState).state.health).toEqual({});
  expect(pass([read('slow', 890)], 950, first).state.health).toEqual({});
});

test('[C5] a collector over its own budget says so, counts as an error, and the second time backs off', () => {
  const once = pass([read('slow', 901)], 950, emptyState).state;
  const reason = 'an answer after 901 ms, over its budget of 900 ms';
  expect(once.health).toEqual({ slow: { failures: 1, passesLeft: 0, reason } });
  const twice = pass([read('slow', 901)], 950, once);
  expect(twice.state.health).toEqual({ slow: { failures: 2, passesLeft: 1, reason } });
  expect([twice.state.errors, twice.snapshot.outcomes[0]]).toMatchObject([2, { status: 'ok', reason }]);
});

test('what a collector knew outlives a pass in which it failed, and its rates span the gap', () => {
  const first = pass([read('one', 5)], 10, emptyState, 100).state;
  const second = pass([{ name: 'one', ms: 5, fails: true }], 10, first, 115);
  expect(second.state.collectors['one']).toMatchObject({ moment: { at: 100 }, value: [{ n: 5, seen: 100 }] });
  expect(second.snapshot.rows['one']).toEqual([]);
  const third = pass([read('one', 5)], 10, second.state, 130);
  expect(third.snapshot.rates).toEqual([{ metric: 'x_seen_total', labels: {}, value: 1 }]);
});

test('an answer goes to the statement whose name it has, in whatever order answers come', () => {
  const { snapshot, rows } = pass([read('two', 2), read('one', 1)], 10, emptyState);
  expect(snapshot.rows).toEqual({ two: [{ n: 2, seen: 100 }], one: [{ n: 1, seen: 100 }] });
  expect(rows.of(collector('one'))).toEqual([{ n: 1, seen: 100 }]);
});

test('what was known of a database that is gone goes after a week', () => {
  const first = pass([read('one', 5)], 10, emptyState, 100).state;
  expect(pass([], 10, first, 100 + 6 * 86_400).state.collectors['one']).toBeDefined();
  expect(pass([], 10, first, 100 + 8 * 86_400).state.collectors['one']).toBeUndefined();
});
