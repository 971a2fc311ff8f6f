import { expect, test } from 'vitest';
import {
  numbered,
  type Replica,
  type Replicas,
  replicaSamples,
  replicasSeen,
} from '../../../src/collectors/replicas.ts';

const a: Replica = { replica: 'a', client: '10.0.0.1', slot: '' };
const b: Replica = { replica: 'a', client: '10.0.0.2', slot: '' };

/** What is connected at each minute; what is said at the end. */
function after(minutes: readonly (readonly Replica[])[]): Record<string, number> {
  let known: Replicas = [];
  minutes.forEach((connected, minute) => {
    known = replicasSeen(known, connected, minute * 60);
  });
  const samples = replicaSamples(known, (minutes.length - 1) * 60).filter((one) => 'value' in one);
  return Object.fromEntries(samples.map(({ labels, value }) => [labels['client'], value]));
}

const times = (count: number, connected: readonly Replica[]) => Array.from({ length: count }, () => connected);

test.each<[string, (readonly Replica[])[], Record<string, number>]>([
  ['both are there', times(20, [a, b]), { '10.0.0.1': 1, '10.0.0.2': 1 }],
  ['one is gone', [...times(20, [a, b]), [a]], { '10.0.0.1': 1, '10.0.0.2': 0 }],
  ['one came back', [...times(20, [a, b]), [a], [a, b]], { '10.0.0.1': 1, '10.0.0.2': 1 }],
  ['all are gone', [...times(20, [a, b]), []], { '10.0.0.1': 0, '10.0.0.2': 0 }],
  ['one that was there for ten minutes only by hand is not missed', [...times(5, [a, b]), [a]], { '10.0.0.1': 1 }],
  ['after a day it is forgotten', [...times(20, [a, b]), ...times(1_440, [a])], { '10.0.0.1': 1 }],
  ['just before, it is not', [...times(20, [a, b]), ...times(1_439, [a])], { '10.0.0.1': 1, '10.0.0.2': 0 }],
])('[A8] %s', (_, minutes, expected) => {
  expect(after(minutes)).toEqual(expected);
});

test('[A8] the lag of a replica that is gone is unknown, not over', () => {
  const known = replicasSeen([{ ...a, since: 0, seen: 1_200 }], [], 1_260);
  expect(replicaSamples(known, 1_260)).toContainEqual({
    metric: 'pg_replication_lag_bytes',
    labels: a,
    noRate: 'gone',
  });
});

test('[M13] a number stays with its session; who connects again gets its own back', () => {
  const twin = (pid: number, started_at: number) => ({ replica: 'twin', client: 'local', slot: '', pid, started_at });
  const [first, second, third] = [twin(11, 100), twin(12, 200), twin(13, 900)];
  let known: Replicas = [];
  const pass = (minute: number, connected: (typeof first)[]) => {
    const rows = numbered(known, connected);
    known = replicasSeen(known, rows, minute * 60);
    return Object.fromEntries(rows.map(({ pid, replica }) => [pid, replica]));
  };
  for (let minute = 0; minute < 20; minute++)
    expect(pass(minute, [second, first])).toEqual({ 11: 'twin', 12: 'twin #2' });
  expect(pass(20, [second])).toEqual({ 12: 'twin #2' });
  const gone = replicaSamples(known, 1_200).filter(({ metric }) => metric === 'pg_replication_connected');
  expect(gone.map((one) => [one.labels['replica'], 'value' in one && one.value])).toEqual([
    ['twin #2', 1],
    ['twin', 0],
  ]);
  expect(pass(21, [second, third])).toEqual({ 12: 'twin #2', 13: 'twin' });
});
