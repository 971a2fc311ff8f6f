import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { catalogOf } from '../../../src/collectors/catalog.ts';
import { collectors } from '../../../src/collectors/index.ts';
import { prometheusText } from '../../../src/metrics/prometheus.ts';

const odd = [
  'line\nbreak',
  'line break',
  'a"b',
  'a\\b',
  'a\\nb',
  'tab\there',
  'r\rn',
  '\u0001\u007f',
  'ünï 😀',
  '{},=#',
  '',
  ' ',
];

describe.runIf(spawnSync('promtool', ['--version']).status === 0)('the text format', () => {
  const check = (text: string) => spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });

  test('[A7] promtool takes odd names without a word, each a series of its own', () => {
    const catalog = catalogOf(collectors);
    const text = prometheusText(catalog, [
      {
        cluster: 'shop',
        samples: odd.map((relation, i) => ({
          metric: 'pg_table_dead_tuples',
          labels: { db: 'd', relation },
          value: i,
        })),
      },
    ]);
    expect(text.split('\n')).toHaveLength(2 + odd.length + 1);
    const { status, stdout, stderr } = check(text);
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
    // It does look: without the escapes it refuses the same.
    expect(check(text.replaceAll('\\n', '\n')).status).not.toBe(0);
  });
});
