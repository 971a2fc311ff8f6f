import { expect, test } from 'vitest';
import { healthOf } from '../../../src/api/health.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { snapshotWith } from '../../support/snapshot.ts';

const start = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
const snapshot = (seconds: number, more: Partial<Snapshot> = {}): Snapshot =>
  snapshotWith({ cluster: 'main', takenAt: later(seconds).toISOString(), ...more });
const health = (snapshots: Snapshot[], seconds: number) =>
  healthOf(['main'], snapshots, new Map([['hot', 15_000]]), start, later(seconds));

test.each([
  ['fresh', [snapshot(100)], 110, true],
  ['one pass late', [snapshot(100)], 135, true],
  ['late', [snapshot(100)], 141, false],
  ['no pass yet, just begun', [], 30, true],
  ['no pass at all', [], 60, false],
  ['old data from the last start', [snapshot(-9_000)], 30, true],
])('%s', (_name, snapshots, now, ok) => {
  expect(health(snapshots, now).ok).toBe(ok);
});

test('a target that is down is a reason, a finding a warning', () => {
  const down = health(
    [snapshot(10, { up: false, problem: { kind: 'unreachable', message: 'nothing listens', hint: '' } })],
    12,
  );
  expect(down).toMatchObject({ ok: false, reasons: ['main: nothing listens'] });
  const warned = health(
    [
      snapshot(10, {
        findings: [{ aspect: 'role', severity: 'warning', message: 'can write (tolerated)', hint: 'REVOKE' }],
      }),
    ],
    12,
  );
  expect(warned).toMatchObject({ ok: true, warnings: ['main: can write (tolerated) — REVOKE'] });
});

test('[M2] a database that is not read since the role can write there is a reason', () => {
  const finding = { aspect: 'role', severity: 'error' as const, message: 'database x: refused', hint: 'REVOKE' };
  const refused = health([snapshot(10, { findings: [finding] })], 12);
  expect(refused).toEqual({ ok: false, reasons: ['main: database x: refused — REVOKE'], warnings: [] });
});
