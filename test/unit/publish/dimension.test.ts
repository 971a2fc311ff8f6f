import { expect, test } from 'vitest';
import { dimensionValue } from '../../../src/publish/dimension.ts';

test.each([
  ['shop', 'shop'],
  ['my "shop" \\ 1', 'my "shop" \\ 1'],
  ['line\nbreak', 'line%0Abreak'],
  ['line%0Abreak', 'line%250Abreak'],
  ['Bücher', 'B%C3%BCcher'],
  ['😀', '%F0%9F%98%80'],
  [':shop', '%3Ashop'],
  [' ', '%20'],
  [' a b ', '%20a b%20'],
  ['\u007f', '%7F'],
  ['', '%'],
])('[A7] %j is the dimension %s', (text, value) => expect(dimensionValue(text)).toBe(value));

test('[A7] the longest name of a database is within the limit of 1,024, and two names are two values', () => {
  const names = ['é'.repeat(31), `${'é'.repeat(30)}è`];
  const values = names.map(dimensionValue);
  expect(new Set(values).size).toBe(2);
  for (const value of values) expect(value).toMatch(/^[\x21-\x7e]{1,255}$/);
  expect(decodeURIComponent(values[0] ?? '')).toBe(names[0]);
});
