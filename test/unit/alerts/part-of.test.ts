import { expect, test } from 'vitest';
import type { EngineInput } from '../../../src/alerts/engine.ts';
import { sessionRules } from '../../../src/alerts/rules/sessions.ts';
import { Passes, ruleOf, said, sample } from './support.ts';

const RULES = ['blocking_locks', 'idle_in_transaction', 'long_transaction', 'long_query'].map((id) => ruleOf(id));

/** Ages in seconds, as the samples have them. */
const scene = (ages: { blocked?: number; idle?: number; transaction?: number; query?: number }) => [
  sample('pg_longest_blocked_seconds', ages.blocked ?? 0),
  sample('pg_longest_idle_in_transaction_seconds', ages.idle ?? 0),
  sample('pg_longest_transaction_seconds', ages.transaction ?? 0),
  sample('pg_longest_query_seconds', ages.query ?? 0),
];

const offenders =
  (pids: Readonly<Record<string, number>>): EngineInput['offenderOf'] =>
  ({ id }) =>
    pids[id] === undefined ? undefined : { pid: pids[id] };
const ONE = offenders({ blocking_locks: 7, idle_in_transaction: 7, long_transaction: 7 });

/** What receivers were notified of, in order. */
const sent = (passes: Passes) =>
  passes.notices.flatMap(({ transition, channels }) =>
    channels.length > 0 ? [`${transition.rule} ${transition.kind} ${transition.severity}`] : [],
  );
const options = { offenderOf: ONE, channelsFor: () => ['pager'] };

test('[B9] a session that idles in a transaction and blocks others is one alert that gets worse, not six', () => {
  const passes = new Passes(RULES);
  for (let t = 0; t <= 2_400; t += 15) passes.pass(scene({ blocked: t, idle: t, transaction: t }), options);
  expect(sent(passes)).toEqual(['blocking_locks firing warning', 'blocking_locks escalated critical']);
  passes.passes(80, scene({}), options);
  expect(sent(passes).slice(2)).toEqual(['blocking_locks resolved critical']);
  // The history has the others, and why nobody heard of them.
  expect(
    passes.notices.map(({ transition }) => transition).filter(({ rule }) => rule === 'long_transaction'),
  ).toMatchObject([
    { kind: 'firing', suppressed: 'part of blocking_locks, which is about the same session (pid 7)' },
    { kind: 'escalated', suppressed: 'part of blocking_locks, which is about the same session (pid 7)' },
    { kind: 'resolved' },
  ]);
});

test('[B9] what remains after the wider alert is news then', () => {
  const passes = new Passes(RULES);
  passes.passes(10, scene({ blocked: 60, idle: 400, transaction: 400 }), options);
  expect(sent(passes)).toEqual(['blocking_locks firing warning']);
  passes.passes(20, scene({ idle: 700, transaction: 700 }), options);
  expect(sent(passes).slice(1)).toEqual(['blocking_locks resolved warning', 'idle_in_transaction firing warning']);
});

test('[B9] an alert of another session, or a more severe one, is its own', () => {
  const other = offenders({ blocking_locks: 7, idle_in_transaction: 8, long_transaction: 8 });
  const passes = new Passes(RULES);
  passes.pass(scene({ blocked: 60, idle: 400, transaction: 400 }), { ...options, offenderOf: other });
  expect(sent(passes)).toEqual(['blocking_locks firing warning', 'idle_in_transaction firing warning']);
  passes.pass(scene({ blocked: 60, idle: 2_000, transaction: 2_000 }), options);
  expect(sent(passes).slice(2)).toEqual(['idle_in_transaction escalated critical']);
});

test('[B9] it covers nothing while it is silenced itself', () => {
  const passes = new Passes(RULES);
  const [first] = [
    passes.pass(scene({ blocked: 60, transaction: 400 }), {
      ...options,
      suppressedBy: ({ id }) => (id === 'blocking_locks' ? 'silence 1' : undefined),
    }),
  ];
  expect(said(first)).toEqual(['firing warning (suppressed)', 'firing warning']);
});

test('what was over before a silence ended is no news after it', () => {
  const passes = new Passes([ruleOf('blocking_locks')]);
  passes.pass(scene({ blocked: 60 }), { ...options, suppressedBy: () => 'silence 1' });
  passes.passes(20, scene({}), options);
  expect(sent(passes)).toEqual([]);
});

test('a rule is part of rules that are evaluated before it', () => {
  for (const [i, { partOf = [] }] of sessionRules.entries()) {
    const before = sessionRules.slice(0, i).map(({ id }) => id);
    expect(before).toEqual(expect.arrayContaining([...partOf]));
  }
});
