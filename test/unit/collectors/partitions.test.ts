import { describe, expect, test } from 'vitest';
import { coverage, parseRange } from '../../../src/collectors/partitions/coverage.ts';

const at = (text: string) => Date.parse(text) / 1_000;

describe('bounds', () => {
  test.each<[string, string, unknown]>([
    [
      "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
      'date',
      { from: [at('2026-01-01Z')], to: [at('2026-02-01Z')] },
    ],
    [
      "FOR VALUES FROM ('2026-01-01 12:30:00') TO ('2026-02-01 00:00:00')",
      'timestamp without time zone',
      { from: [at('2026-01-01T12:30:00Z')], to: [at('2026-02-01T00:00:00Z')] },
    ],
    [
      "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO (MAXVALUE)",
      'timestamp with time zone',
      { from: [at('2026-01-01T00:00:00Z')], to: [Number.POSITIVE_INFINITY] },
    ],
    ["FOR VALUES FROM (MINVALUE) TO ('1000')", 'bigint', { from: [Number.NEGATIVE_INFINITY], to: [1_000] }],
    ["FOR VALUES FROM ('a') TO ('m')", 'text', undefined],
    ["FOR VALUES IN ('a', 'b')", 'text', undefined],
    ['FOR VALUES WITH (modulus 4, remainder 0)', 'integer', undefined],
    ['DEFAULT', 'date', undefined],
    ["FOR VALUES FROM ('2026-01-01', 5) TO ('2026-02-01', 5)", 'date', undefined],
    [
      "FOR VALUES FROM ('2026-01-01', '-5') TO ('2026-02-01', MINVALUE)",
      'date/integer',
      { from: [at('2026-01-01Z'), -5], to: [at('2026-02-01Z'), Number.NEGATIVE_INFINITY] },
    ],
    // Nothing lies between the end of one day and the beginning of the next.
    [
      "FOR VALUES FROM ('2026-01-01', MINVALUE) TO ('2026-01-31', MAXVALUE)",
      'date/bigint',
      { from: [at('2026-01-01Z'), Number.NEGATIVE_INFINITY], to: [at('2026-02-01Z'), Number.NEGATIVE_INFINITY] },
    ],
    ["FOR VALUES FROM ('2026-01-01', 'it''s, a') TO ('2026-02-01', 'b')", 'date/text', undefined],
    // [M14] The Ides of March are 15 days from 1 March of the year -43: 735,145 days before 1970.
    [
      "FOR VALUES FROM ('0044-03-15 BC') TO ('2026-02-01')",
      'date',
      { from: [at('-000043-03-15Z')], to: [at('2026-02-01Z')] },
    ],
    [
      "FOR VALUES FROM ('2024-02-29') TO ('12026-03-01')",
      'date',
      { from: [at('2024-02-29Z')], to: [at('+012026-03-01Z')] },
    ],
    [
      "FOR VALUES FROM ('0001-12-31 23:59:59.5+00 BC') TO ('294276-01-01 00:00:00+00')",
      'timestamp with time zone',
      { from: [at('+000000-12-31T23:59:59.5Z')], to: [9_224_286_393_600] },
    ],
  ])('%s of a %s', (bound, type, expected) => {
    expect(parseRange(bound, type.split('/'))).toEqual(expected);
  });
});

describe('coverage', () => {
  const range = (from: number, to: number) => ({ from: [from], to: [to] });
  const hole = (from: number, to: number) => ({ from, to });
  test.each([
    ['none', [], 5, { oldest: undefined, newest: undefined, holes: [], coveredUntil: undefined }],
    ['one that holds now', [range(0, 10)], 5, { oldest: 0, newest: 10, holes: [], coveredUntil: 10 }],
    ['two that touch', [range(10, 20), range(0, 10)], 5, { oldest: 0, newest: 20, holes: [], coveredUntil: 20 }],
    [
      'a hole ahead ends what is covered',
      [range(0, 10), range(15, 20)],
      5,
      { oldest: 0, newest: 20, holes: [hole(10, 15)], coveredUntil: 10 },
    ],
    [
      'now in a hole',
      [range(0, 10), range(15, 20)],
      12,
      { oldest: 0, newest: 20, holes: [hole(10, 15)], coveredUntil: undefined },
    ],
    [
      '[A12] two columns: the second one decides where the first is the same',
      [
        { from: [0, 5], to: [10, 5] },
        { from: [10, 5], to: [10, 9] },
        { from: [10, 10], to: [20, 0] },
      ],
      5,
      { oldest: 0, newest: 20, holes: [hole(10, 10)], coveredUntil: 10 },
    ],
    ['all in the past', [range(0, 10)], 50, { oldest: 0, newest: 10, holes: [], coveredUntil: undefined }],
    ['the end is not in it', [range(0, 10)], 10, { oldest: 0, newest: 10, holes: [], coveredUntil: undefined }],
    [
      'no clock to compare with',
      [range(0, 10)],
      undefined,
      { oldest: 0, newest: 10, holes: [], coveredUntil: undefined },
    ],
  ])('%s', (_, ranges, now, expected) => {
    expect(coverage(ranges, now)).toEqual(expected);
  });
});
