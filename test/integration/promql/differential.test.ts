import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleData } from '../../../src/alerts/data.ts';
import { extended, rangesOf, type Window } from '../../../src/alerts/window.ts';
import type { Labels, Sample } from '../../../src/metrics/sample.ts';
import { evaluate } from '../../../src/promql/evaluate.ts';
import { lookbacksOf } from '../../../src/promql/lookback.ts';
import { parseExpression } from '../../../src/promql/parse.ts';
import { EvaluationError } from '../../../src/promql/value.ts';
import { catalog, rulesOf } from '../../unit/alerts/support.ts';
import { expressions, failing } from './expressions.ts';

/** Numbers from 0 to 1, the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Generated {
  readonly metric: string;
  readonly labels: Labels;
  /** Index of the grid and value. */
  readonly points: readonly (readonly [number, number])[];
}

/** A world of series on a grid of time: at which steps of the grid passes were, and what each saw. */
interface World {
  readonly stepSeconds: number;
  readonly passes: readonly number[];
  readonly series: readonly Generated[];
}

/**
 * Passes that jitter around their pace: all at even steps of the grid but the last, so that none is exactly a range
 * before it, where Prometheus 2 and 3 differ.
 */
function passesOf(count: number, pace: number, next: () => number): number[] {
  const times = [0];
  while (times.length < count - 1) times.push((times.at(-1) ?? 0) + pace + 2 * (Math.floor(next() * 3) - 1));
  times.push((times.at(-1) ?? 0) + pace + 1);
  return times;
}

/**
 * A series: a counter that grows and falls at times, but never so low that its zero would be within the range (there
 * Prometheus 2 and 3 differ), or a gauge that wanders; a pass here and there is missing, but not the last.
 */
function seriesOf(metric: string, labels: Labels, counter: boolean, passes: readonly number[], next: () => number) {
  let value = counter ? 1e9 + next() * 1e9 : next() * 100;
  const points: [number, number][] = [];
  passes.forEach((time, i) => {
    if (counter) value += Math.floor(next() * 1_000);
    else value = Math.abs(value + (next() - 0.5) * 20) + 0.001;
    if (counter && next() < 0.03) value = 0.5e9 + Math.floor(next() * 1e8);
    if (i === passes.length - 1 || next() > 0.1) points.push([time, Number(value.toFixed(4))]);
  });
  return { metric, labels, points };
}

const seriesText = (metric: string, labels: Labels) =>
  `${metric}{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;

function valuesText(points: Generated['points']): string {
  let at = -1;
  const parts: string[] = [];
  for (const [time, value] of points) {
    const missing = time - at - 1;
    if (missing === 1) parts.push('_');
    else if (missing > 1) parts.push(`_x${missing}`);
    parts.push(String(value));
    at = time;
  }
  return parts.join(' ');
}

type Result = ReadonlyMap<string, number> | 'error';

interface Difference {
  readonly text: string;
  readonly key: string;
  readonly promtool: unknown;
  readonly pgmon: unknown;
}

const keyOf = (labels: Labels) => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What promtool finds at the last pass: its expected samples are wrong on purpose, and it says what it got. */
function promtool({ stepSeconds, passes, series }: World, texts: readonly string[]): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-promtool-'));
  const at = `${(passes.at(-1) ?? 0) * stepSeconds}s`;
  const file = join(folder, 'test.json');
  const suite = {
    evaluation_interval: at,
    tests: [
      {
        interval: `${stepSeconds}s`,
        input_series: series.map(({ metric, labels, points }) => ({
          series: seriesText(metric, { cluster: 'shop', ...labels }),
          values: valuesText(points),
        })),
        promql_expr_test: texts.map((expr) => ({
          expr,
          eval_time: at,
          exp_samples: [{ labels: 'never', value: 12_345.678 }],
        })),
      },
    ],
  };
  writeFileSync(file, JSON.stringify(suite));
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8', maxBuffer: 1e8 });
  rmSync(folder, { recursive: true });
  const answers = `${stdout}${stderr}`.split(/^ {4}expr: /m).slice(1);
  expect(answers, `${stdout}${stderr}`.slice(0, 2_000)).toHaveLength(texts.length);
  return answers.map((answer) => {
    const got = /\n\s+got: ?(.*)/.exec(answer)?.[1];
    if (got === undefined) return 'error';
    return new Map(
      [...got.matchAll(/\{((?:[^}"]|"(?:[^"\\]|\\.)*")*)\} ([-+0-9.EINaInf]+)/g)].map(([, labels = '', value = '']) => [
        keyOf(
          Object.fromEntries(
            [...labels.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)]
              .filter(([, name]) => name !== '__name__')
              .map(([, name = '', text = '']) => [name, JSON.parse(text)]),
          ),
        ),
        Number(value.replace('Inf', 'Infinity')),
      ]),
    );
  });
}

/** What pgmon finds: pass by pass through the window that rules look back at, then as in a pass of the alerts. */
function ours({ stepSeconds, passes, series }: World, texts: readonly string[]): Result[] {
  const parsed = texts.map(parseExpression);
  const ranges = rangesOf(parsed.flatMap(lookbacksOf).map((lookback) => ({ ...lookback, everyPoint: true })));
  const values = series.map(({ points }) => new Map(points));
  let window: Window = {};
  let samples: Sample[] = [];
  for (const time of passes) {
    samples = series.flatMap(({ metric, labels }, i) => {
      const value = values[i]?.get(time);
      return value === undefined ? [] : [{ metric, labels, value }];
    });
    window = extended(window, samples, ranges, time * stepSeconds);
  }
  const data = ruleData('shop', samples, window, (passes.at(-1) ?? 0) * stepSeconds, Number.POSITIVE_INFINITY);
  return parsed.map((expression) => {
    try {
      const value = evaluate(expression, data);
      const vector = typeof value === 'number' ? [{ labels: {}, value }] : value;
      return new Map(vector.map((one) => [keyOf(one.labels), one.value]));
    } catch (error) {
      if (error instanceof EvaluationError) return 'error';
      throw error;
    }
  });
}

function close(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** The expressions of which the two find something else, with both results. */
function differences(world: World, texts: readonly string[]): Difference[] {
  const [theirs, mine] = [promtool(world, texts), ours(world, texts)];
  return texts.flatMap((text, i): Difference[] => {
    const [a, b] = [theirs[i], mine[i]];
    if (a === 'error' || b === 'error') return a === b ? [] : [{ text, key: '', promtool: a, pgmon: b }];
    const keys = [...new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])];
    const other = keys.filter((key) => !close(a?.get(key), b?.get(key)));
    return other.map((key) => ({ text, key, promtool: a?.get(key), pgmon: b?.get(key) }));
  });
}

const found = (results: readonly Result[]) => results.filter((one) => one === 'error' || one.size > 0).length;

describe.runIf(spawnSync('promtool', ['--version']).status === 0)('[B8] beside Prometheus itself', () => {
  const labelsOf = (names: readonly string[], i: number): Labels =>
    Object.fromEntries(names.map((name) => [name, name === 'db' ? `db${i % 3}` : `${name} "${i}"`]));

  test.each([1, 2, 3])('the rules of the catalog find the same over generated series, seed %i', (seed) => {
    const paces = { hot: [1, 16, 260], workload: [1, 60, 70], storage: [10, 60, 150], hourly: [60, 60, 30] } as const;
    for (const [loop, [stepSeconds, pace, count]] of Object.entries(paces)) {
      const next = random(seed);
      const rules = rulesOf().filter((rule) => rule.loop === loop || rule.loop === 'every');
      const metrics = [...new Set(rules.flatMap((rule) => rule.metrics))];
      const passes = passesOf(count, pace, next);
      const series = metrics.flatMap((metric) => {
        const spec = catalog.get(metric);
        const labels = (spec?.labels ?? []).filter((name) => name !== 'cluster');
        return (labels.length === 0 ? [0] : [0, 1, 2]).map((i) =>
          seriesOf(metric, labelsOf(labels, i), spec?.type === 'counter', passes, next),
        );
      });
      const texts = rules.map(({ expression }) => expression);
      expect({ loop, differences: differences({ stepSeconds, passes, series }, texts) }).toEqual({
        loop,
        differences: [],
      });
    }
  });

  const next = random(7);
  const passes = passesOf(40, 30, next);
  const both = ['a', 'b', 'c'].flatMap((db) => ['idle', 'active'].map((state) => ({ db, state })));
  const gone = seriesOf('requests', { db: 'gone', state: 'idle' }, true, passes.slice(0, 27), next);
  const world: World = {
    stepSeconds: 1,
    passes,
    series: [
      ...both.map((labels) => seriesOf('requests', labels, true, passes, next)),
      ...both.map((labels) => seriesOf('sessions', labels, false, passes, next)),
      ...['a', 'b', 'x'].map((db) => seriesOf('size', { db }, false, passes, next)),
      ...['a', 'b', 'x'].map((db) => seriesOf('zero', { db }, false, [passes.at(-1) ?? 0], () => 0)),
      seriesOf('most', {}, false, passes, next),
      gone,
    ].map((one) => (one.metric === 'zero' ? { ...one, points: one.points.map(([time]) => [time, 0] as const) } : one)),
  };

  test(`${expressions.length} expressions find the same`, () => {
    expect(differences(world, expressions)).toEqual([]);
    // Most of them find something: nothing beside nothing would show nothing.
    expect(found(ours(world, expressions))).toBeGreaterThan(expressions.length * 0.85);
    expect(expressions.length).toBeGreaterThanOrEqual(200);
  });

  test('what fails there fails here', () => {
    expect(promtool(world, failing)).toEqual(failing.map(() => 'error'));
    expect(ours(world, failing)).toEqual(failing.map(() => 'error'));
  });
});
