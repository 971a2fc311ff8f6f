import { expect, test } from 'vitest';
import { type LastHour, perHour, withValue } from '../../../src/collectors/last-hour.ts';

const after = (values: readonly number[]) =>
  values.reduce<LastHour>((known, value, minute) => withValue(known, minute * 60, value), []);

test.each<[string, number[], number | undefined]>([
  ['ten minutes say nothing', Array.from({ length: 11 }, () => 5), undefined],
  ['one burst in half an hour', [...Array.from({ length: 30 }, () => 5), 8], 6],
  ['an hour', Array.from({ length: 61 }, (_, minute) => Math.floor(minute / 5)), 12],
  [
    'what is older than an hour no longer counts',
    [...Array.from({ length: 60 }, (_, i) => i), ...Array(61).fill(60)],
    0,
  ],
  ['a reset restarts it', [...Array.from({ length: 50 }, (_, i) => i), ...Array(20).fill(0)], undefined],
])('[A12] checkpoints an hour: %s', (_, values, expected) => {
  expect(perHour(after(values))).toBe(expected);
});
