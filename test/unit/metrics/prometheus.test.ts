import { expect, test } from 'vitest';
import type { Metric } from '../../../src/metrics/metric.ts';
import { prometheusText } from '../../../src/metrics/prometheus.ts';
import { labelValue, seriesKey, shownLabel } from '../../../src/metrics/sample.ts';

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

test('[A7] a label value stays as it is; a long one is cut so that it stays another than its like', () => {
  expect(labelValue('a\tb\nc "quoted" \\ ünï')).toBe('a\tb\nc "quoted" \\ ünï');
  expect(labelValue('x'.repeat(200))).toBe('x'.repeat(200));
  const [one, other] = [labelValue(`${'x'.repeat(300)}1`), labelValue(`${'x'.repeat(300)}2`)];
  expect(one).toHaveLength(200);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^x{191}…[0-9a-f]{8}$/);
  expect(labelValue(`${'x'.repeat(190)}😀${'y'.repeat(50)}`).isWellFormed()).toBe(true);
});

test('[A7] control characters are pictures for people', () => {
  expect(shownLabel('line\nbreak\u001b[31m\u007f ok')).toBe('line␊break␛[31m␡ ok');
});

test('[B4] values that are not finite are not exposed', () => {
  const samples = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21].map((value, i) => ({
    metric: 'a',
    labels: { db: `${i}` },
    value,
  }));
  const lines = prometheusText(new Map([metric('a')]), [{ cluster: 'c', samples }]).split('\n');
  expect(lines.slice(2)).toEqual(['a{cluster="c",db="3"} 1e+21', '']);
});
