import { describe, expect, test } from 'vitest';
import { type Baseline, emptyBaseline, learned, usual } from '../../../src/alerts/baseline.ts';

const MONDAY = Date.parse('2026-03-02T00:00:00Z') / 1_000;
const run = (baseline: Baseline, from: number, hours: number, value: (at: number) => number): Baseline => {
  let next = baseline;
  for (let at = from; at < from + hours * 3_600; at += 60) next = learned(next, value(at), 3, at);
  return next;
};
const wavy = (at: number) => 100 + 10 * Math.sin(at / 97);

describe('what is usual', () => {
  test('before an hour is over nobody knows', () => {
    expect(usual(run(emptyBaseline, MONDAY, 0.9, wavy), MONDAY)).toBeUndefined();
    expect(usual(run(emptyBaseline, MONDAY, 1.2, wavy), MONDAY)?.center).toBeCloseTo(100, -1);
  });

  test('an incident of an hour does not become usual', () => {
    const day = run(emptyBaseline, MONDAY, 12, wavy);
    const before = usual(day, MONDAY + 12 * 3_600);
    const after = usual(
      run(day, MONDAY + 12 * 3_600, 1, () => 5_000),
      MONDAY + 13 * 3_600,
    );
    expect(before).toBeDefined();
    expect(Math.abs((after?.center ?? 0) - (before?.center ?? 0))).toBeLessThan(5);
    expect(after?.spread).toBeLessThan(2 * (before?.spread ?? 0));
  });

  test('a change that lasts is learnt', () => {
    const day = run(emptyBaseline, MONDAY, 24, wavy);
    const changed = run(day, MONDAY + 24 * 3_600, 72, () => 130);
    expect(usual(changed, MONDAY + 96 * 3_600)?.center).toBeGreaterThan(120);
  });

  test('a series that never moves has a tenth of its value as room, on the first day a third', () => {
    const flat = run(emptyBaseline, MONDAY, 3, () => 50);
    expect(usual(flat, MONDAY)).toEqual({
      center: 50,
      spread: expect.closeTo(50 / 3, 9),
      comparedWith: 'the last 3 hours',
    });
    const day = run(flat, MONDAY + 3 * 3_600, 22, () => 50);
    expect(usual(day, MONDAY)).toEqual({ center: 50, spread: 5, comparedWith: 'the last day' });
  });

  test('after a week each hour of the day is compared with itself', () => {
    // Every night from 2 to 3 a backup writes a hundred times as much.
    const nightly = (at: number) => (Math.floor(at / 3_600) % 24 === 2 ? 10_000 : 100);
    const weeks = run(emptyBaseline, MONDAY, 24 * 9, nightly);
    const at = (hour: number) => usual(weeks, MONDAY + (9 * 24 + hour) * 3_600);
    expect(at(2)?.comparedWith).toMatch(/^this hour of the last \d+ days$/);
    expect(at(3)?.center).toBe(100);
    expect(at(2)?.center).toBeGreaterThan(at(3)?.center ?? 0);
  });
});
