import { expect, test } from 'vitest';
import { defineCollector } from '../../../src/collectors/collector.ts';
import { gauge, label } from '../../../src/collectors/columns.ts';

const collector = defineCollector({
  name: 'few',
  loop: 'hot',
  scope: 'instance',
  role: 'any',
  timeoutMs: 100,
  maxRows: 2,
  sql: [],
  columns: { name: label(), size: gauge('m', 'Count', 'M.') },
  transform: ({ rows }) => ({ rows, limited: { reason: 'half of it was hidden', hint: 'GRANT it.' } }),
});

function limitedBy(names: readonly string[]) {
  const answer = names.map((name) => ({ name, size: 1 }));
  const collected = collector.collect({
    answer,
    redactSql: false,
    labels: {},
    previous: undefined,
    interval: { noRate: 'first-run' },
    limits: { topRelations: 1, topIndexes: 1, topQueries: 1 },
    now: 0,
    takenAt: 0,
  });
  return 'malformed' in collected ? undefined : collected.limited;
}

test('[A7] a cut and a shared series are said beside what the collector itself could not see', () => {
  expect(limitedBy(['a'])).toEqual({ reason: 'half of it was hidden', hint: 'GRANT it.' });
  expect(limitedBy(['a', 'a', 'b'])).toEqual({
    reason: expect.stringMatching(/^half of it was hidden; 2 of 3 rows were taken; .*; .*share/),
    hint: 'GRANT it.',
  });
});
