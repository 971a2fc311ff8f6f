import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/alerts/fingerprint.ts';
import { Passes, ruleOf, said, sample } from './support.ts';

const canary = (seconds: number) => [sample('pg_canary_seconds', seconds)];
const blocked = (seconds: number) => [sample('pg_longest_blocked_seconds', seconds)];

describe('for', () => {
  test('fires when it has held without a break, and not before', () => {
    const passes = new Passes([ruleOf('canary_slow')]);
    expect(said(passes.passes(4, canary(1)))).toEqual([]);
    expect(said(passes.pass(canary(1)))).toEqual(['firing warning']);
    expect(said(passes.passes(20, canary(1)))).toEqual([]);
  });

  test('a break restarts it', () => {
    const passes = new Passes([ruleOf('canary_slow')]);
    passes.passes(4, canary(1));
    passes.pass(canary(0.1));
    expect(said(passes.passes(4, canary(1)))).toEqual([]);
    expect(said(passes.pass(canary(1)))).toEqual(['firing warning']);
  });

  test('nobody looked for a while: what was pending restarts', () => {
    const passes = new Passes([ruleOf('canary_slow')]);
    passes.passes(3, canary(1));
    passes.at += 600;
    expect(said(passes.passes(4, canary(1)))).toEqual([]);
    expect(said(passes.pass(canary(1)))).toEqual(['firing warning']);
  });
});

describe('severities', () => {
  test('worse is escalated, better de-escalated after a while, over is resolved after a while', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    expect(said(passes.pass(blocked(31)))).toEqual(['firing warning']);
    expect(said(passes.pass(blocked(121)))).toEqual(['escalated critical']);
    expect(said(passes.passes(8, blocked(60)))).toEqual([]);
    expect(said(passes.pass(blocked(60)))).toEqual(['de-escalated warning']);
    expect(said(passes.passes(8, blocked(0)))).toEqual([]);
    const [resolved] = passes.pass(blocked(0));
    expect(resolved).toMatchObject({ kind: 'resolved', severity: 'warning', since: '2026-03-02T00:00:00.000Z' });
  });

  test('critical at once is one message', () => {
    expect(said(new Passes([ruleOf('blocking_locks')]).pass(blocked(500)))).toEqual(['firing critical']);
  });

  test('a value that goes up and down rings once', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    const rung = Array.from({ length: 200 }, (_, i) => passes.pass(blocked(i % 2 ? 0 : 40))).flat();
    expect(said(rung)).toEqual(['firing warning']);
    expect(said(passes.passes(10, blocked(0)))).toEqual(['resolved warning']);
  });

  test('a critical alert that stays is said again every hour; a warning is not', () => {
    const passes = new Passes([ruleOf('blocking_locks')], 60);
    expect(said(passes.passes(181, blocked(200)))).toEqual([
      'firing critical',
      'repeated critical',
      'repeated critical',
      'repeated critical',
    ]);
    const warning = new Passes([ruleOf('blocking_locks')], 60);
    expect(said(warning.passes(181, blocked(40)))).toEqual(['firing warning']);
  });
});

test('an acknowledged one is not notified again; its end is', () => {
  const passes = new Passes([ruleOf('blocking_locks')], 60);
  passes.pass(blocked(200));
  expect(said(passes.passes(181, blocked(200), { acknowledged: () => true }))).toEqual([]);
  expect(said(passes.passes(4, blocked(0), { acknowledged: () => true }))).toEqual(['resolved critical']);
});

describe('no data', () => {
  const failed = { hasData: () => false };

  test('is not resolved; it is said once, and the end is notified when there is data again', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.pass(blocked(40));
    expect(said(passes.passes(18, [], failed))).toEqual([]);
    const heard = passes.passes(100, [], failed);
    expect(said(heard)).toEqual(['no-data warning']);
    expect(heard[0]?.message).toMatch(/^No data for 5 min: A session has been waiting/);
    expect(said(passes.passes(10, blocked(0)))).toEqual(['resolved warning']);
  });

  test('a series that its collector no longer gives is over', () => {
    const passes = new Passes([ruleOf('replication_lag')]);
    const lag = [sample('pg_replication_lag_seconds', 40, { replica: 'one' })];
    expect(said(passes.passes(5, lag))).toEqual(['firing warning']);
    expect(said(passes.passes(9, []))).toEqual(['resolved warning']);
  });

  test('of one database says nothing about another', () => {
    const passes = new Passes([ruleOf('invalid_index')]);
    const both = ['a', 'b'].map((db) => sample('pg_invalid_indexes', 1, { db }));
    expect(said(passes.pass(both))).toEqual(['firing warning', 'firing warning']);
    const onlyA = { hasData: (_: string, labels: Record<string, string>) => labels['db'] !== 'b' };
    const later = passes.passes(100, [sample('pg_invalid_indexes', 0, { db: 'a' })], onlyA);
    expect(later.map(({ kind, labels }) => `${kind} ${labels['db']}`)).toEqual(['resolved a', 'no-data b']);
  });

  test('a server that is down silences what depends on it', () => {
    const passes = new Passes([ruleOf('server_down'), ruleOf('cannot_log_in'), ruleOf('blocking_locks')]);
    passes.pass(blocked(40));
    const down = passes.passes(240, undefined);
    expect(down.map(({ rule, kind }) => `${rule} ${kind}`)).toEqual(['server_down firing']);
    const up = passes.passes(10, blocked(0));
    expect(up.map(({ rule, kind }) => `${rule} ${kind}`).sort()).toEqual([
      'blocking_locks resolved',
      'server_down resolved',
    ]);
  });

  test('a log-in that is refused is another alert than a server that is down', () => {
    const passes = new Passes([ruleOf('server_down'), ruleOf('cannot_log_in')]);
    const refused = { up: false, problem: 'password authentication failed' };
    const rung = passes.passes(4, [sample('pgmon_target_down', 1, { kind: 'auth' })], refused);
    expect(rung.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      'cannot_log_in: The server answers, but pgmon cannot work (auth): password authentication failed',
    ]);
  });
});

describe('suppression', () => {
  const quiet = { suppressedBy: () => 'maintenance' };

  test('keeps what happened and tells nobody', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    expect(said(passes.pass(blocked(40), quiet))).toEqual(['firing warning (suppressed)']);
    expect(said(passes.passes(20, blocked(0), quiet))).toEqual(['resolved warning (suppressed)']);
  });

  test('what still fires when it ends is notified then', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    passes.passes(5, blocked(40), quiet);
    expect(said(passes.pass(blocked(40)))).toEqual(['firing warning']);
    expect(said(passes.passes(10, blocked(0)))).toEqual(['resolved warning']);
  });

  test('what was notified before is ended for its receivers, also in the midst of a silence', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    expect(said(passes.pass(blocked(40)))).toEqual(['firing warning']);
    expect(said(passes.passes(20, blocked(0), quiet))).toEqual(['resolved warning']);
    // What begins again in the silence nobody hears of, and so not of its end either.
    expect(said(passes.pass(blocked(40), quiet))).toEqual(['firing warning (suppressed)']);
    expect(said(passes.passes(20, blocked(0), quiet))).toEqual(['resolved warning (suppressed)']);
    expect(said(passes.passes(20, blocked(0)))).toEqual([]);
  });
});

test('an alert whose rule was turned off is over for those who were notified, once', () => {
  const rule = ruleOf('blocking_locks');
  const passes = new Passes([rule]);
  passes.pass(blocked(500));
  const off = passes.pass(blocked(500), { rules: [] });
  expect(off).toMatchObject([{ kind: 'resolved', severity: 'critical', rule: 'blocking_locks' }]);
  expect(passes.passes(5, blocked(500), { rules: [] })).toEqual([]);
});

describe('identity', () => {
  test('an alert keeps its fingerprint; each change has an id of its own', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    const changes = [...passes.pass(blocked(40)), ...passes.pass(blocked(400)), ...passes.passes(30, blocked(0))];
    expect(changes).toHaveLength(3);
    expect(new Set(changes.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(new Set(changes.map(({ id }) => id)).size).toBe(3);
    expect(fingerprintOf('a', 'r', { x: '1', y: '2' })).toBe(fingerprintOf('a', 'r', { y: '2', x: '1' }));
    expect(fingerprintOf('a', 'r', {})).not.toBe(fingerprintOf('b', 'r', {}));
  });

  test('each series has an alert of its own, with its labels in the message', () => {
    const passes = new Passes([ruleOf('replication_lag', { rules: { replication_lag: { for: '0s' } } })]);
    const rung = passes.pass(
      ['one', 'two'].map((replica, i) => sample('pg_replication_lag_seconds', 40 * (i + 1), { replica })),
    );
    expect(rung.map(({ message }) => message)).toEqual(['one is 40 s behind', 'two is 80 s behind']);
  });
});

describe('a rule that cannot be evaluated', () => {
  const rules = [ruleOf('canary_slow', { rules: { canary_slow: { for: '0s' } } }), ruleOf('blocking_locks')];
  const both = [...canary(1), ...blocked(40)];
  const broken = {
    suppressedBy: ({ id }: { id: string }) => {
      if (id === 'canary_slow') throw new RangeError('out of range');
      return undefined;
    },
  };

  test('[M1] stops no other, and is named with the reason', () => {
    const passes = new Passes(rules);
    expect(passes.pass(both, broken).map(({ rule }) => rule)).toEqual(['blocking_locks']);
    expect(passes.faults).toEqual([{ rule: 'canary_slow', reason: 'failed to evaluate: RangeError: out of range' }]);
    expect(passes.pass(both).map(({ rule }) => rule)).toEqual(['canary_slow']);
    expect(passes.faults).toEqual([]);
  });

  test('[M1] keeps what it knew of its alerts', () => {
    const passes = new Passes(rules);
    passes.pass(both);
    const [before] = Object.values(passes.state());
    passes.passes(20, blocked(40), broken);
    expect(before).toMatchObject({ rule: 'canary_slow' });
    expect(Object.values(passes.state())).toContainEqual(
      expect.objectContaining({ rule: 'canary_slow', since: before?.since, value: before?.value }),
    );
  });

  test('[M1] a value beyond 1e101 is a message like any other', () => {
    const custom = [
      { name: 'huge', metric: 'pg_canary_seconds * 1e200', comparison: '>', threshold: 1e150, for: '0s' },
    ];
    const passes = new Passes([ruleOf('huge', { custom }), ruleOf('blocking_locks')]);
    const said = passes.pass(both).map(({ rule, message }) => `${rule}: ${message}`);
    expect(said).toHaveLength(2);
    expect(said[0]).toBe('huge: pg_canary_seconds * 1e200 is 1e+200');
  });
});

describe('what a message says', () => {
  const custom = (metric: string) => ({
    custom: [{ name: 'own', metric, comparison: '>=', threshold: 100, for: '0s' }],
  });

  test('[M10] an alert whose expression was changed ends with what was said of it, and why', () => {
    const before = new Passes([ruleOf('own', custom('pg_canary_seconds'))]);
    const [fired] = before.pass(canary(100));
    expect(fired?.message).toBe('pg_canary_seconds is 100');
    const after = new Passes([ruleOf('own', custom('pg_longest_blocked_seconds'))]);
    after.at = before.at;
    const ended = [after.pass(blocked(1), { alerts: before.state() }), after.passes(20, blocked(1))].flat();
    expect(ended.map(({ kind, message }) => [kind, message])).toEqual([
      ['resolved', 'pg_canary_seconds is 100 (the expression of its rule was changed since)'],
    ]);
  });

  test('[M11] blocking_locks says how many wait', () => {
    const passes = new Passes([ruleOf('blocking_locks')]);
    const [fired] = passes.pass([...blocked(49), sample('pg_blocked_sessions_total', 500)]);
    expect(fired?.message).toBe('A session has been waiting for a lock for 49 s, the longest of 500 that wait');
    const ended = passes.passes(20, [...blocked(0), sample('pg_blocked_sessions_total', 0)]);
    expect(ended.map(({ message }) => message)).toEqual([fired?.message]);
    const [single] = new Passes([ruleOf('blocking_locks')]).pass([
      ...blocked(49),
      sample('pg_blocked_sessions_total', 1),
    ]);
    expect(single?.message).toBe('A session has been waiting for a lock for 49 s');
  });

  test('[M11] connection_saturation says how many of how many', () => {
    const passes = new Passes([ruleOf('connection_saturation', { rules: { connection_saturation: { for: '0s' } } })]);
    const [fired] = passes.pass([
      sample('pg_used_connection_slots', 100),
      sample('pg_max_connections', 100),
      sample('pg_reserved_connections', 3),
    ]);
    expect(fired?.message).toMatch(/ 103 % of the connections.*: 100 of 97 /);
  });

  test('[M12] autovacuum_starvation says where autovacuum is off', () => {
    const labels = (relation: string) => ({ db: 'shop', relation });
    const rule = ruleOf('autovacuum_starvation', { rules: { autovacuum_starvation: { for: '0s' } } });
    const said = new Passes([rule]).pass([
      sample('pg_table_vacuum_overdue_ratio', 3, labels('a')),
      sample('pg_table_vacuum_overdue_ratio', 3, labels('b')),
      sample('pg_table_autovacuum_disabled', 1, labels('b')),
    ]);
    expect(said.map(({ message }) => message.split(' on record in six hours')[1])).toEqual([
      '',
      ': autovacuum is off for it',
    ]);
  });
});
