import { describe, expect, test } from 'vitest';
import { Passes, ruleOf, said, sample } from './support.ts';

const canary = (seconds: number) => [sample('pg_canary_seconds', seconds)];
const blocked = (seconds: number) => [sample('pg_longest_blocked_seconds', seconds)];
const failed = { hasData: () => false };
const quiet = { suppressedBy: () => 'maintenance' };

describe('how long a pause between passes may be', () => {
  test.each([
    ['three intervals and a minute are no gap: what is pending has held all the time', 105, ['firing warning']],
    ['a second more is one: it starts over', 106, []],
  ])('%s', (_, pause, heard) => {
    const passes = new Passes([ruleOf('canary_slow')]);
    passes.pass(canary(1));
    passes.at += pause - 15;
    expect(said(passes.pass(canary(1)))).toEqual(heard);
  });
});

describe('how long there may be no data', () => {
  test.each([
    ['five minutes', 15, 20],
    ['three passes, where these take longer', 600, 3],
  ])('%s, then it is said, once, to whom it was said that it fires', (_, step, passesUntil) => {
    const passes = new Passes([ruleOf('blocking_locks')], step);
    passes.pass(blocked(40));
    expect(said(passes.passes(passesUntil - 1, [], failed))).toEqual([]);
    expect(said(passes.pass([], failed))).toEqual(['no-data warning']);
    expect(said(passes.passes(50, [], failed))).toEqual([]);
  });

  test('what was pending is forgotten then, and not before', () => {
    const passes = new Passes([ruleOf('canary_slow')]);
    passes.pass(canary(1));
    passes.passes(19, [], failed);
    expect(Object.keys(passes.state())).toHaveLength(1);
    passes.pass([], failed);
    expect(passes.state()).toEqual({});
  });

  test('who never heard that it fires does not hear that it cannot be seen', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.pass(blocked(40), quiet);
    expect(said(passes.passes(50, [], failed))).toEqual([]);
  });

  test('in a silence it is kept in the history, and no channel gets it', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.pass(blocked(40));
    expect(said(passes.passes(50, [], { ...failed, ...quiet }))).toEqual(['no-data warning (suppressed)']);
  });
});

describe('what is repeated', () => {
  const hour = { repeatSeconds: 3_600 };

  test('nothing before the interval is over, and then once', () => {
    const passes = new Passes([ruleOf('blocking_locks')], 60);
    passes.pass(blocked(200), hour);
    expect(said(passes.passes(59, blocked(200), hour))).toEqual([]);
    expect(said(passes.pass(blocked(200), hour))).toEqual(['repeated critical']);
    expect(said(passes.passes(59, blocked(200), hour))).toEqual([]);
  });

  test('nothing that is fine again and only kept firing for a while', () => {
    const passes = new Passes([ruleOf('blocking_locks')], 60);
    passes.passes(60, blocked(200), hour);
    expect(said(passes.pass(blocked(0), hour))).toEqual([]);
    expect(said(passes.pass(blocked(200), hour))).toEqual(['repeated critical']);
  });
});

describe('what a silence changes', () => {
  test('worse and better within it is nothing new for those who know', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    expect(said(passes.pass(blocked(40)))).toEqual(['firing warning']);
    expect(said(passes.pass(blocked(200), quiet))).toEqual(['escalated critical (suppressed)']);
    expect(said(passes.passes(8, blocked(60), quiet))).toEqual([]);
    const [better] = passes.pass(blocked(60));
    expect(better).toMatchObject({
      kind: 'de-escalated',
      previous: 'critical',
      suppressed: 'nothing new for receivers',
    });
  });

  test('worse within it is said after it, from what receivers know', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.pass(blocked(40));
    passes.passes(3, blocked(200), quiet);
    expect(passes.pass(blocked(200))).toMatchObject([{ kind: 'escalated', severity: 'critical', previous: 'warning' }]);
  });
});

test('a message names the offender while it lasts, and nobody at its end', () => {
  const passes = new Passes([ruleOf('blocking_locks')]);
  const offenderOf = () => ({ pid: 4711 });
  expect(passes.pass(blocked(40), { offenderOf })[0]?.culprit).toEqual({ pid: 4711 });
  const [over] = passes.passes(20, blocked(0), { offenderOf });
  expect([over?.kind, over?.culprit]).toEqual(['resolved', undefined]);
});

test('a rule that was turned off says so of its alert, and nothing of one that did not fire', () => {
  const passes = new Passes([ruleOf('blocking_locks'), ruleOf('canary_slow')]);
  passes.pass([...blocked(500), ...canary(1)]);
  passes.pass([...blocked(500), ...canary(1)], { rules: [] });
  expect(passes.transitions.slice(1)).toMatchObject([
    { rule: 'blocking_locks', message: expect.stringMatching(/^The rule was disabled or removed/) },
  ]);
  expect(passes.state()).toEqual({});
});
