import { expect, test } from 'vitest';
import { type Inspected, Inspections } from '../../../src/postgres/inspections.ts';

const found = (at: number): Inspected => ({ info: {} as never, findings: [], at, checkedAt: at });

test('[C2] what was found in a database holds for as long as nobody was there since', async () => {
  const inspections = new Inspections();
  const at = async (since: number, now: number) =>
    (await inspections.ofDatabase('c', 'db', since, async () => found(now))).at;
  expect(await at(0, 100)).toBe(100);
  // Somebody may have been there between what was found at 100 and 150.
  inspections.noteUnused('c', 'db', 150, 600);
  expect(await at(200, 700)).toBe(700);
  inspections.noteUnused('c', 'db', 700, 1_240);
  inspections.noteUnused('c', 'db', 1_240, 1_780);
  inspections.noteUnused('c', 'other', 0, 9_999);
  expect(await at(1_700, 1_800)).toBe(1_780);
  expect(await at(1_781, 1_800)).toBe(1_800);
});

test('[C2] rights as they were keep what was found in other databases, others end it', async () => {
  const inspections = new Inspections();
  const at = async (now: number) => (await inspections.ofDatabase('c', 'db', 0, async () => found(now))).at;
  expect(await at(1)).toBe(1);
  inspections.noteRights('c', 'reads');
  inspections.noteRights('c', 'reads');
  expect(await at(2)).toBe(1);
  inspections.noteRights('c', 'writes');
  expect(await at(3)).toBe(3);
});
