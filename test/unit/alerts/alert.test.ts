import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogRules } from '../../../src/alerts/rules/index.ts';
import { runbook } from '../../../src/alerts/runbook/index.ts';
import { alertSchema } from '../../../src/alerts/state.ts';
import type { Transition } from '../../../src/alerts/transition.ts';
import { messageOf, plainText } from '../../../src/notify/message.ts';
import { Passes, ruleOf, said, sample } from './support.ts';

const canary = (seconds: number) => [sample('pg_canary_seconds', seconds)];
const blocked = (seconds: number) => [sample('pg_longest_blocked_seconds', seconds)];
const linesOf = (transition: Transition | undefined) =>
  transition ? plainText(messageOf(transition, 'Seconds', '')) : [];

describe('[B1] times in a message are measured', () => {
  test('an alert is as old as its condition, not as its notification', () => {
    const passes = new Passes([ruleOf('canary_slow')]);
    passes.pass(canary(0.1));
    const [fired] = passes.passes(5, canary(1));
    expect(fired).toMatchObject({ kind: 'firing', since: '2026-03-02T00:00:15.000Z', at: '2026-03-02T00:01:15.000Z' });
    expect(linesOf(fired)[1]).toBe('Warning. Since 2026-03-02 00:00:15 UTC, for 60 s.');
    const [over] = passes.passes(20, canary(0.1));
    expect(over).toMatchObject({
      kind: 'resolved',
      since: '2026-03-02T00:00:15.000Z',
      until: '2026-03-02T00:01:30.000Z',
    });
  });

  test('what was first seen just now has lasted for no time', () => {
    const [fired] = new Passes([ruleOf('pending_restart')]).pass([sample('pg_settings_pending_restart', 1)]);
    expect(linesOf(fired)[1]).toBe('Info. Since 2026-03-02 00:00:00 UTC.');
  });

  test('what is an age began so long before it was first seen', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    const [fired] = passes.pass(blocked(31));
    expect(fired).toMatchObject({ since: '2026-03-02T00:00:00.000Z', began: '2026-03-01T23:59:29.000Z' });
    expect(linesOf(fired)[1]).toBe('Warning. Since 2026-03-01 23:59:29 UTC, for 31 s.');
    // Another session that waits later does not make the first wait longer: the headline has the longest wait of now.
    const [worse] = [...passes.passes(10, blocked(35)), ...passes.pass(blocked(121))];
    expect(worse).toMatchObject({ began: '2026-03-01T23:59:29.000Z', headline: 'a session blocked for 2 min' });
  });

  test('at the end it says what it was and how long it lasted', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.pass(blocked(40));
    passes.pass(blocked(55));
    const [over] = passes.passes(20, blocked(0));
    expect(over).toMatchObject({ kind: 'resolved', value: 55 });
    expect(linesOf(over).slice(0, 2)).toEqual([
      'It was: A session has been waiting for a lock for 55 s.',
      'It lasted 70 s, from 2026-03-01 23:59:20 UTC to 2026-03-02 00:00:30 UTC.',
    ]);
    expect(messageOf(over as Transition, 'Seconds', '').subject).toBe('shop: over after 70 s: a session blocked');
  });

  test('a second episode is as old as itself', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.pass(blocked(40));
    passes.passes(20, blocked(0));
    const [again] = passes.pass(blocked(40));
    expect(again?.since).toBe(again?.at);
  });

  test('no text of the catalog has the length of a `for` in it', () => {
    for (const { id, message } of catalogRules) {
      for (const text of [message, runbook[id]?.meaning ?? '']) {
        expect([id, text]).toEqual([
          id,
          expect.not.stringMatching(/\bfor (longer than )?(half an?|an?|five|six) (minute|hour|day)/),
        ]);
      }
    }
  });

  test('a rule over an hour says nothing after 20 s, nor before it saw half of the hour', () => {
    const passes = new Passes([ruleOf('checkpoint_thrash')], 60);
    const requested = (i: number) => [
      sample('pg_checkpoints_requested_total', 5 + 10 * i),
      sample('pg_checkpoints_timed_total', 1),
      sample('pg_wal_bytes_written_total', 1e12 * i),
      sample('pg_max_wal_size_bytes', 1e9),
    ];
    const heard = Array.from({ length: 40 }, (_, i) => said(passes.pass(requested(i))).map((one) => `${i} ${one}`));
    expect(heard.flat()).toEqual(['29 firing critical']);
  });
});

describe('[B2] `for` is not late by a pass where passes jitter', () => {
  const firesAt = (rule: string, config: object, times: readonly number[], metric: string) => {
    const interval = Math.round(times[1] ?? 0);
    const passes = new Passes([ruleOf(rule, config)], 0);
    const start = passes.at;
    return times.find((time) => {
      passes.at = start + time;
      return passes.pass([sample(metric, 1_000)], { intervalSeconds: interval }).length > 0;
    });
  };

  test('a minute that takes 59.05 s is a minute', () => {
    const config = { rules: { long_query: { for: '60s' } } };
    expect(
      firesAt(
        'long_query',
        { ...config, rules: { long_query: { for: '60s', warning: 1 } } },
        [0, 59.05, 119],
        'pg_longest_query_seconds',
      ),
    ).toBe(59.05);
  });

  test('half an interval at most, and half of the time itself', () => {
    const config = (length: string) => ({ rules: { long_query: { for: length, warning: 1 } } });
    const metric = 'pg_longest_query_seconds';
    expect(firesAt('long_query', config('60s'), [0, 15, 30, 45, 52.4, 60], metric)).toBe(60);
    expect(firesAt('long_query', config('30s'), [0, 60, 120], metric)).toBe(60);
    expect(firesAt('long_query', config('10m'), [0, 600, 1_200], metric)).toBe(600);
  });

  test('whatever the jitter, it fires in the pass that is nearest to its time', () => {
    const rules = new Map(
      [60, 300, 600, 3_600].map((length) => [
        length,
        ruleOf('long_query', { rules: { long_query: { for: `${length}s`, warning: 1 } } }),
      ]),
    );
    fc.assert(
      fc.property(
        fc.constantFrom([15, 60], [60, 300], [600, 600], [60, 60], [3_600, 3_600]),
        fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 12, maxLength: 12 }),
        ([interval = 0, length = 0], jitter) => {
          const times = jitter.map((share, i) => (i === 0 ? 0 : (i + share) * interval));
          const rule = rules.get(length);
          const passes = new Passes(rule ? [rule] : []);
          const start = passes.at;
          const fired = times.find((time) => {
            passes.at = start + time;
            const samples = [sample('pg_longest_query_seconds', 1_000)];
            return passes.pass(samples, { intervalSeconds: interval }).length > 0;
          });
          expect(fired).toBe(times[length / interval]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('[B4] values that are not finite are no sample', () => {
  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    '%s fires nothing and breaks nothing',
    (value) => {
      const own = {
        name: 'own',
        metric: 'pg_longest_blocked_seconds / pg_canary_seconds',
        comparison: '!=',
        threshold: 5,
      };
      const passes = new Passes([ruleOf('own', { custom: [own] }), ruleOf('canary_slow'), ruleOf('temp_surge')]);
      const zero = [...blocked(1), ...canary(0), sample('pg_temp_bytes_total', value, { db: 'shop' })];
      expect(passes.pass(zero)).toEqual([]);
      expect(passes.pass([...blocked(value), ...canary(2)])).toEqual([]);
      const output = passes.state();
      for (const alert of Object.values(output)) expect(alertSchema.safeParse(alert).success).toBe(true);
    },
  );
});
