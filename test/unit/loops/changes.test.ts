import { expect, test } from 'vitest';
import { ChangeLog } from '../../../src/loops/changes.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { snapshotWith } from '../../support/snapshot.ts';

const snapshot = (loop: Snapshot['loop'], change: Partial<Snapshot> = {}): Snapshot =>
  snapshotWith({ loop, ...change });

test('a finding that all loops of a process have is said once, and again after it changed', () => {
  const said: string[] = [];
  const note = (_: object, text: string) => void said.push(text);
  const log = new ChangeLog({ debug: note, info: note, warn: note, error: note });
  const findings = [{ aspect: 'role', severity: 'warning' as const, message: 'may read every file' }];
  for (const loop of ['hot', 'workload', 'storage', 'hourly'] as const) log.note(snapshot(loop, { findings }));
  expect(said.filter((text) => text === 'shop: may read every file')).toHaveLength(1);
  expect(said.filter((text) => text === 'shop: watching')).toHaveLength(4);
  log.note(snapshot('hot', { findings: findings.map((one) => ({ ...one, severity: 'error' as const })) }));
  expect(said.filter((text) => text === 'shop: may read every file')).toHaveLength(2);
});
