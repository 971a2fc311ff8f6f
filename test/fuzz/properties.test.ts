import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { evaluateRules } from '../../src/alerts/engine.ts';
import { emptyRuleHistory } from '../../src/alerts/state.ts';
import type { Transition } from '../../src/alerts/transition.ts';
import { extended } from '../../src/alerts/window.ts';
import { pageOf } from '../../src/api/paging.ts';
import { redactSql } from '../../src/collectors/redact.ts';
import { compare, tableOf } from '../../src/collectors/statements/deltas.ts';
import { latencyQuantile } from '../../src/collectors/statements/latency.ts';
import type { ServerRow, StatementRow } from '../../src/collectors/statements/row.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import type { Metric } from '../../src/metrics/metric.ts';
import { prometheusText } from '../../src/metrics/prometheus.ts';
import { rates } from '../../src/metrics/rates.ts';
import { ruleOf, sample } from '../unit/alerts/support.ts';

const numRuns = Number(process.env['PGMON_FUZZ_RUNS'] ?? 10_000);
const seed = Number(process.env['PGMON_FUZZ_SEED'] ?? Date.now() % 2_147_483_647);
console.log(`seed ${seed}, ${numRuns} cases each: PGMON_FUZZ_SEED=${seed} repeats them`);
const options = { seed, numRuns };
// The configuration's whole schema is walked in every case.
vi.setConfig({ testTimeout: 600_000 });

describe('configuration', () => {
  const VALID = {
    cluster: 'a',
    dsn: 'postgres://u@h/d',
    sample_intervals: { hot_path: '15s', workload: '60s' },
    limits: { top_relations: 50 },
    alerts: {
      connections_warn: 0.8,
      rules: { deadlocks: { enabled: false } },
      custom: [{ name: 'x', metric: 'pg_up', threshold: 1 }],
      maintenance: [{ days: ['sat'], from: '22:00', to: '02:00' }],
    },
    notifiers: { slack_webhook: '', channels: [{ type: 'webhook', url: 'https://example.com/' }] },
    http: { bind: '127.0.0.1:1', tokens: [] },
    targets: [{ cluster: 'b', dsn: 'postgres://u@h/d', databases: { max: 3 } }],
  };
  const paths = (value: unknown, path: (string | number)[] = []): (string | number)[][] => {
    if (typeof value !== 'object' || value === null) return [path];
    const entries: [string | number, unknown][] = Array.isArray(value)
      ? value.map((one, i) => [i, one])
      : Object.entries(value);
    return [path, ...entries.flatMap(([key, one]) => paths(one, [...path, key]))];
  };
  const set = (value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown => {
    if (key === undefined) return to;
    if (Array.isArray(value)) return value.map((one, i) => (i === key ? set(one, rest, to) : one));
    return { ...(value as object), [key]: set((value as Record<string, unknown>)[key], rest, to) };
  };

  test('whatever stands at whatever place: it parses, or every problem has its place', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths(VALID)), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        try {
          parseConfig(stringify(set(VALID, path, value)), 'fuzz', {});
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          for (const problem of error.problems) expect(problem.length).toBeGreaterThan(5);
        }
      }),
      options,
    );
  });

  test('any text at all is a configuration or a located message, never a crash', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          parseConfig(text, 'fuzz', {});
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
        }
      }),
      options,
    );
  });
});

describe('deltas', () => {
  const value = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e18, noNaN: true }));
  test('rates are never negative, never NaN, and their sum over a split is that of the whole', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 1, max: 600 }),
        (values, step) => {
          const at = (i: number) => ({
            moment: { at: i * step, startedAt: 0, role: 'primary' as const },
            points: [{ metric: 'm', labels: {}, value: values[i] ?? 0 }],
          });
          let sum = 0;
          let whole = true;
          for (let i = 1; i < values.length; i++) {
            const { rates: found, noRates } = rates(at(i - 1), at(i), 1e9);
            expect(found.length + noRates.size).toBe(1);
            if (noRates.size > 0) whole = false;
            for (const { value: rate } of found) {
              expect(rate).toBeGreaterThanOrEqual(0);
              sum += rate * step;
            }
          }
          const total = (values.at(-1) ?? 0) - (values[0] ?? 0);
          if (whole)
            expect(Math.abs(sum - total)).toBeLessThanOrEqual(
              Math.abs(total) * 1e-9 + (Math.max(...values) * 1e-12 + 1e-6),
            );
        },
      ),
      options,
    );
  });

  const row = fc.record<StatementRow & ServerRow>({
    user_id: fc.constantFrom(10, 11),
    own: fc.boolean(),
    db: fc.constantFrom('a', 'b'),
    queryid: fc.constantFrom('1', '2', '3', '4', '5'),
    toplevel: fc.boolean(),
    calls: fc.nat(1_000),
    exec_ms: fc.double({ min: 0, max: 1e9, noNaN: true }),
    stddev_ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
    result_rows: fc.nat(),
    blocks_hit: fc.nat(),
    blocks_read: fc.nat(),
    block_read_ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
    temp_blocks: fc.nat(),
    wal_bytes: fc.option(fc.nat()),
    since: fc.option(fc.integer({ min: 0, max: 5 })),
    stats_reset: fc.option(fc.integer({ min: 0, max: 5 })),
    evictions: fc.option(fc.nat(10)),
    sees_all: fc.boolean(),
  });
  test('statements: no negative calls or times, and a quantile that is a number', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.array(row, { maxLength: 12 }), (before, now) => {
        const { statements, timings } = compare(tableOf(now, 6, now[0]), tableOf(before, 2, before[0]), {
          seconds: 4,
        });
        for (const { interval } of statements) {
          if (!interval) continue;
          expect(interval.calls).toBeGreaterThanOrEqual(0);
          expect(interval.seconds).toBeGreaterThanOrEqual(-1e-6);
        }
        for (const { meanSeconds, stddevSeconds } of timings) {
          expect(Number.isFinite(meanSeconds) && Number.isFinite(stddevSeconds)).toBe(true);
        }
        const p95 = latencyQuantile(timings, 0.95);
        expect(p95 === undefined || (Number.isFinite(p95) && p95 >= 0)).toBe(true);
      }),
      options,
    );
  });
});

describe('the alert engine', () => {
  const step = fc.record({
    value: fc.option(fc.constantFrom(0, 20, 31, 60, 121, 500)),
    up: fc.boolean(),
    data: fc.boolean(),
    quiet: fc.boolean(),
    seconds: fc.constantFrom(15, 15, 15, 60, 600),
  });
  const rule = ruleOf('blocking_locks');

  const run = (
    steps: readonly { value: number | null; up: boolean; data: boolean; quiet: boolean; seconds: number }[],
    restartAt: number,
  ) => {
    let [alerts, history, at] = [{} as Parameters<typeof evaluateRules>[0]['alerts'], emptyRuleHistory, 1_000_000];
    const transitions: Transition[] = [];
    steps.forEach(({ value, up, data, quiet, seconds }, i) => {
      at += seconds;
      if (i === restartAt) [alerts, history] = JSON.parse(JSON.stringify([alerts, history]));
      const output = evaluateRules({
        cluster: 'c',
        rules: [rule],
        samples: value === null ? [] : [sample('pg_longest_blocked_seconds', value)],
        up,
        hasData: () => data,
        alerts,
        history,
        at,
        intervalSeconds: 15,
        repeatSeconds: 3_600,
        suppressedBy: () => (quiet ? 'quiet' : undefined),
        acknowledged: () => false,
        offenderOf: () => undefined,
      });
      ({ alerts, history } = output);
      transitions.push(...output.transitions);
    });
    return transitions;
  };

  test('no end without a beginning, no beginning twice, no repeat too soon; a restart anywhere changes nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, restartAt) => {
        const transitions = run(steps, -1);
        expect(run(steps, restartAt)).toEqual(transitions);
        let open = false;
        let heardAt = 0;
        for (const { kind, at, suppressed } of transitions) {
          if (suppressed) continue;
          if (kind === 'firing') expect(open).toBe(false);
          else expect(open).toBe(true);
          if (kind === 'repeated') expect((Date.parse(at) - heardAt) / 1_000).toBeGreaterThanOrEqual(3_600 - 7.5);
          if (kind !== 'no-data') heardAt = Date.parse(at);
          open = kind !== 'resolved';
        }
        expect(new Set(transitions.map(({ id }) => id)).size).toBe(transitions.length);
      }),
      options,
    );
  });

  test('the window keeps what it may, in order, the newest always', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat()), { minLength: 1, maxLength: 80 }),
        (passes) => {
          let [window, at] = [{}, 0];
          for (const [seconds, value] of passes) {
            at += seconds;
            window = extended(
              window,
              [sample('m', value)],
              new Map([['m', { seconds: 3_600, everyPoint: false }]]),
              at,
            );
          }
          const [series] = Object.values(window as Record<string, { points: [number, number][] }>);
          const points = series?.points ?? [];
          expect(points.at(-1)).toEqual([at, passes.at(-1)?.[1]]);
          expect(points.length).toBeLessThanOrEqual(241);
          expect(points.every(([time], i) => i === 0 || time > (points[i - 1]?.[0] ?? 0))).toBe(true);
        },
      ),
      options,
    );
  });
});

describe('texts', () => {
  /** Reads the text format as its specification has it, by hand and by nothing of ours. */
  const parsed = (text: string): { labels: Record<string, string>; value: string }[] =>
    text.split('\n').flatMap((line) => {
      if (line === '' || line.startsWith('#')) return [];
      const labels: Record<string, string> = {};
      let at = line.indexOf('{') + 1;
      while (line[at] !== '}') {
        const equals = line.indexOf('=', at);
        const name = line.slice(at, equals);
        let value = '';
        at = equals + 2;
        while (line[at] !== '"') {
          if (line[at] === '\\') {
            at += 1;
            value += line[at] === 'n' ? '\n' : line[at];
          } else value += line[at];
          at += 1;
        }
        labels[name] = value;
        at += line[at + 1] === ',' ? 2 : 1;
      }
      return [{ labels, value: line.slice(at + 2) }];
    });

  test('what Prometheus reads is what was measured, whatever the label holds', () => {
    const metric: Metric = {
      name: 'm',
      type: 'gauge',
      unit: 'None',
      help: 'a\\b\nc',
      labels: ['l'],
      loop: 'hot',
      collector: 'c',
    };
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true }), (label, value) => {
        const text = prometheusText(new Map([['m', metric]]), [
          { cluster: 'c', samples: [sample('m', value, { l: label })] },
        ]);
        const [found] = parsed(text);
        // What is not finite is no sample: nothing is said of it.
        if (!Number.isFinite(value)) {
          expect(found).toBeUndefined();
          return;
        }
        expect(found?.labels).toEqual({ cluster: 'c', l: label });
        const read = Number(found?.value);
        expect(Object.is(read, value) || read === value).toBe(true);
      }),
      options,
    );
  });

  test('no literal of a statement survives, wherever it is cut off', () => {
    const secret = 's3cretword';
    const literal = fc.constantFrom(
      `'${secret}'`,
      `E'a\\'${secret}'`,
      `$$${secret}$$`,
      `$t$${secret}$t$`,
      `U&'${secret}'`,
      `'a''${secret}'`,
    );
    const noise = fc.array(
      fc.constantFrom('SELECT ', '"x"', ' /* c */ ', '-- c\n', ' WHERE a = ', ', ', '1.5e3', "''", ' $1 ', '(', ')'),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(noise, literal, noise, fc.nat(40), (before, text, after, cut) => {
        const statement = `${before.join('')}${text}${after.join('')}`;
        const shown = redactSql(statement.slice(0, Math.max(1, statement.length - cut)));
        expect(shown).not.toContain(secret);
      }),
      options,
    );
  });
});

test('pages hold every item once, in order, whatever their size', () => {
  const item = fc.record({ id: fc.nat(), size: fc.option(fc.nat(5)) });
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(undefined, 'size', '-size'),
      (rows, limit, sort) => {
        const seen: object[] = [];
        let cursor: string | undefined;
        for (let i = 0; i <= 61; i++) {
          const page = pageOf(rows, { limit, sort, cursor }, ['id', 'size']);
          seen.push(...page.items);
          cursor = page.next_cursor;
          if (!cursor) break;
        }
        expect(cursor).toBeUndefined();
        expect(seen).toHaveLength(rows.length);
        expect(new Set(seen)).toEqual(new Set(rows));
      },
    ),
    options,
  );
});
