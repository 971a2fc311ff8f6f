import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueText } from '../../../src/alerts/format.ts';
import type { Rule } from '../../../src/alerts/rule.ts';

const UNITS: readonly Rule['unit'][] = [
  'ratio',
  'Percent',
  'Bytes',
  'Bytes/Second',
  'Seconds',
  'Count',
  'Count/Second',
  'None',
];

test('[M1] every number has a text in every unit, however large it is', () => {
  const numbers = fc.double({ noNaN: true });
  fc.assert(
    fc.property(numbers, fc.constantFrom(...UNITS), (value, unit) => {
      const text = valueText(value, unit);
      expect(text).toMatch(/^-?(\d|Infinity)/);
      expect(text.length).toBeLessThan(40);
    }),
    { numRuns: 20_000 },
  );
  expect(valueText(1e200, 'None')).toBe('1e+200');
  expect(valueText(1.5e300, 'Seconds')).toBe('1.74e+295 days');
  expect(valueText(1e101, 'Bytes')).toBe('9.09e+88 TB');
});

test.each([
  [1_234, 'Count', '1,234'],
  [150.4, 'Percent', '150 %'],
  [1.6e9, 'Count', '1.6 billion'],
  [2.5e12, 'Count', '2500 billion'],
  [-3_600, 'Seconds', '-60 min'],
  [1_536, 'Bytes', '1.5 kB'],
] as const)('%d %s is %s', (value, unit, text) => {
  expect(valueText(value, unit)).toBe(text);
});

test('[M11] what is not all used is not 100 %', () => {
  expect(valueText(2_147_482_999 / 2_147_483_647, 'ratio')).toBe('99.9 %');
  expect(valueText(99.96, 'Percent')).toBe('99.9 %');
  expect(valueText(1, 'ratio')).toBe('100 %');
  expect(valueText(0.9987, 'ratio')).toBe('99.9 %');
});
