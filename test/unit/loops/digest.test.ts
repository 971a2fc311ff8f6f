import { expect, test } from 'vitest';
import { defineCollector } from '../../../src/collectors/collector.ts';
import { state } from '../../../src/collectors/columns.ts';
import { targetSchema } from '../../../src/config/target.ts';
import { digest } from '../../../src/loops/digest.ts';
import { emptyMemory, type Memory } from '../../../src/loops/memory.ts';
import type { Read } from '../../../src/loops/read.ts';

const collector = (name: string) =>
  defineCollector({
    name,
    loop: 'hot',
    scope: 'instance',
    role: 'any',
    timeoutMs: 900,
    maxRows: 1,
    sql: [{ version: '12', text: '-- x', file: 'x' }],
    columns: { n: state.count() },
    remembers: 'rows',
  });
const read = (name: string, ms: number, status: 'ok' | 'failed' = 'ok'): Read => ({
  collector: collector(name),
  database: undefined,
  rows: status === 'ok' ? [{ n: ms }] : [],
  ms,
  outcome: { collector: name, status, ms, ...(status === 'ok' ? {} : { reason: 'broken' }) },
});
const pass = (reads: Read[], durationMs: number, memory: Memory, at = 100) =>
  digest({
    target: targetSchema.parse({ cluster: 'c', dsn: 'postgres://u@h/d' }),
    loop: 'hot',
    limits: { topRelations: 1, topIndexes: 1, topQueries: 1 },
    longestGapSeconds: 900,
    memory,
    now: () => new Date(0),
    server: {
      versionNum: 180000,
      major: 18,
      version: '18.0',
      role: 'primary',
      database: 'd',
      user: 'u',
      startedAt: 1,
      extensions: {},
      pooled: false,
    },
    moment: { at, startedAt: 1, role: 'primary' },
    reads,
    findings: [],
    resumeAt: undefined,
    durationMs,
  });

test('a pass over its budget lets the slowest collector rest, with the reason', () => {
  const { memory } = pass([read('quick', 310), read('slow', 890)], 1_250, emptyMemory);
  expect(memory.health).toEqual({
    slow: { failures: 2, resting: 1, reason: 'a hot pass of 1200 ms, over its 1000 ms, of which it took 890 ms' },
  });
  // Connecting, or a watcher short of CPU, is no collector's fault.
  expect(pass([read('quick', 5), read('slow', 890)], 4_000, emptyMemory).memory.health).toEqual({});
  expect(pass([read('slow', 890)], 950, memory).memory.health).toEqual({});
});

test('a collector over its own time counts as failed, and the second time rests', () => {
  const once = pass([read('slow', 901)], 950, emptyMemory).memory;
  expect(once.health).toEqual({ slow: { failures: 1, resting: 0 } });
  expect(pass([read('slow', 901)], 950, once).memory.health).toEqual({ slow: { failures: 2, resting: 1 } });
});

test('what a collector knew outlives a pass in which it failed', () => {
  const first = pass([read('one', 5)], 10, emptyMemory, 100).memory;
  const second = pass([read('one', 5, 'failed')], 10, first, 115);
  expect(second.memory.remembered['one']).toEqual({
    moment: { at: 100, startedAt: 1, role: 'primary' },
    rows: [{ n: 5 }],
  });
  expect(second.snapshot.rows['one']).toEqual([]);
});

test('what was remembered of a database that is gone goes after a week', () => {
  const first = pass([read('one', 5)], 10, emptyMemory, 100).memory;
  expect(pass([], 10, first, 100 + 6 * 86_400).memory.remembered['one']).toBeDefined();
  expect(pass([], 10, first, 100 + 8 * 86_400).memory.remembered['one']).toBeUndefined();
});
