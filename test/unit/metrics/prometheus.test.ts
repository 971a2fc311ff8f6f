import { expect, test } from 'vitest';
import type { Metric } from '../../../src/metrics/metric.ts';
import { prometheusText } from '../../../src/metrics/prometheus.ts';
import { labelValue, seriesKey } from '../../../src/metrics/sample.ts';

const metric = (name: string): [string, Metric] => [
  name,
  {
    name,
    type: 'gauge',
    unit: 'Count',
    help: `What ${name} is.\nReally.`,
    labels: ['db'],
    loop: 'hot',
    collector: 'x',
  },
];

test('metrics in order, each with HELP and TYPE once, labels escaped, the unknown left out', () => {
  const text = prometheusText(new Map([metric('b'), metric('a'), metric('unused')]), [
    {
      cluster: 'one',
      samples: [
        { metric: 'b', labels: { db: 'quote " back \\ line \n' }, value: 1.5 },
        { metric: 'a', labels: {}, value: 0 },
        { metric: 'stranger', labels: {}, value: 1 },
      ],
    },
    { cluster: 'two', samples: [{ metric: 'a', labels: {}, value: 2 }] },
  ]);
  expect(text).toBe(
    [
      '# HELP a What a is.\\nReally.',
      '# TYPE a gauge',
      'a{cluster="one"} 0',
      'a{cluster="two"} 2',
      '# HELP b What b is.\\nReally.',
      '# TYPE b gauge',
      'b{cluster="one",db="quote \\" back \\\\ line \\n"} 1.5',
      '',
    ].join('\n'),
  );
});

test('nothing is an empty text', () => {
  expect(prometheusText(new Map(), [])).toBe('');
});

test('the key of a series does not depend on the order of its labels', () => {
  expect(seriesKey('m', { b: '1', a: '2' })).toBe(seriesKey('m', { a: '2', b: '1' }));
  expect(seriesKey('m', { a: '1",b="2' })).not.toBe(seriesKey('m', { a: '1', b: '2' }));
});

test('a label value has no control characters and an end', () => {
  expect(labelValue('a\tb\u0000c')).toBe('a b c');
  expect(labelValue('x'.repeat(500))).toHaveLength(200);
  expect(labelValue('ünï "quoted" \\')).toBe('ünï "quoted" \\');
});
