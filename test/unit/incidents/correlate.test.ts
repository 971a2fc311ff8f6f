import { describe, expect, test } from 'vitest';
import { lostMembers } from '../../../src/incidents/fold.ts';
import { openMembers } from '../../../src/incidents/incident.ts';
import { START, Steps } from './support.ts';

const over = (rule: string, extra = {}) => ({ rule, kind: 'resolved', ...extra }) as const;

describe('alerts of one session', () => {
  test('[B9] a session that idles in a transaction and blocks others is one incident: it opens, gets worse and ends', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'blocking_locks', pid: 7 }]);
    steps.step(90, [{ rule: 'blocking_locks', pid: 7, kind: 'escalated', severity: 'critical' }]);
    steps.step(270, [
      { rule: 'long_transaction', pid: 7 },
      { rule: 'idle_in_transaction', pid: 7 },
    ]);
    steps.step(300);
    steps.step(1_800, [{ rule: 'idle_in_transaction', pid: 7, kind: 'escalated', severity: 'critical' }]);
    steps.step(2_000, [over('blocking_locks'), over('long_transaction')]);
    expect(steps.sent).toEqual(['firing warning blocking_locks', 'escalated critical blocking_locks']);
    steps.step(2_200, [over('idle_in_transaction', { severity: 'critical' })]);
    expect(steps.sent.slice(2)).toEqual(['resolved critical blocking_locks']);
    expect(steps.incidents).toMatchObject([{ cause: { kind: 'session', key: '7' } }]);
    expect(steps.messages.at(-1)).toMatchObject({
      since: new Date(START * 1_000).toISOString(),
      until: new Date((START + 2_200) * 1_000).toISOString(),
      incident: { alerts: 3, cause: 'session 7' },
    });
    // All of one incident have its id, and each its own.
    expect(new Set(steps.messages.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(new Set(steps.messages.map(({ id }) => id)).size).toBe(3);
  });

  test('[B9] alerts of one pass: the widest leads, whatever their order', () => {
    const steps = new Steps();
    steps.step(0, [
      { rule: 'long_transaction', pid: 7 },
      { rule: 'idle_in_transaction', pid: 7 },
      { rule: 'blocking_locks', pid: 7 },
    ]);
    expect(steps.sent).toEqual(['firing warning blocking_locks']);
    expect(steps.messages[0]?.incident?.alerts).toBe(3);
  });

  test('[B9] what says more of the session than receivers know is said once', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'long_transaction', pid: 7 }]);
    steps.step(15, [{ rule: 'idle_in_transaction', pid: 7 }]);
    steps.step(30, [{ rule: 'blocking_locks', pid: 7 }]);
    steps.step(45);
    expect(steps.sent).toEqual([
      'firing warning long_transaction',
      'changed warning idle_in_transaction',
      'changed warning blocking_locks',
    ]);
  });

  test('another session is another incident, also while the first is open', () => {
    const steps = new Steps();
    steps.step(0, [
      { rule: 'blocking_locks', pid: 7 },
      { rule: 'long_transaction', pid: 8 },
    ]);
    expect(steps.sent).toEqual(['firing warning blocking_locks', 'firing warning long_transaction']);
    expect(steps.incidents).toHaveLength(2);
    steps.step(60, [over('blocking_locks')]);
    steps.step(120, [{ rule: 'blocking_locks', pid: 8 }]);
    expect(steps.sent.slice(2)).toEqual(['resolved warning blocking_locks', 'changed warning blocking_locks']);
  });

  test('the session that causes it changes: said once, not at every pass', () => {
    const steps = new Steps();
    const caused = (pid: number) => ({
      sessions: { at: steps.at, isOver: () => false, offenderOf: () => ({ pid, application: 'web' }) },
    });
    steps.step(0, [{ rule: 'blocking_locks', pid: 7 }], caused(7));
    for (let t = 15; t <= 600; t += 15) steps.step(t, [], caused(t < 300 ? 7 + (t % 2) : 9));
    expect(steps.sent).toEqual(['firing warning blocking_locks', 'changed warning blocking_locks']);
    expect(steps.messages[1]).toMatchObject({ culprit: { pid: 9, application: 'web' } });
  });

  test('what ended it is said at the end', () => {
    const steps = new Steps();
    const gone = { at: START, isOver: (pid: number) => pid === 7, offenderOf: () => undefined };
    steps.step(0, [{ rule: 'blocking_locks', pid: 7 }]);
    steps.step(60, [], { sessions: gone });
    steps.step(180, [over('blocking_locks')], { sessions: gone });
    expect(steps.messages.at(-1)?.incident?.ending).toBe('The transaction of session 7 ended');
  });
});

describe('alerts of one object, one rule, one server', () => {
  const table = (relation: string) => ({ db: 'shop', relation });

  test('one table, two rules', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'dead_tuples', labels: table('public.orders') }]);
    steps.step(1_200, [{ rule: 'bloat', labels: table('public.orders') }]);
    steps.step(1_300, [{ rule: 'bloat', labels: { ...table('public.orders'), db: 'other' } }]);
    expect(steps.incidents.map(({ cause }) => cause.key)).toEqual(['shop/public.orders', 'other/public.orders']);
  });

  test('a storm of 1,000 series is one message with a count and the worst ten', () => {
    const steps = new Steps();
    const storm = Array.from({ length: 1_000 }, (_, i) => ({
      rule: 'dead_tuples',
      labels: table(`public.t${i}`),
      severity: i % 100 === 99 ? ('critical' as const) : ('warning' as const),
    }));
    steps.step(0, storm);
    expect(steps.sent).toEqual(['firing critical dead_tuples']);
    const [message] = steps.messages;
    expect(message?.incident).toMatchObject({
      alerts: 1_000,
      rules: { dead_tuples: 1_000 },
      cause: 'rule dead_tuples',
    });
    expect(message?.incident?.worst.map(({ severity }) => severity)).toEqual(Array(10).fill('critical'));
    for (let t = 15; t < 3_600; t += 600) steps.step(t);
    steps.step(
      3_600,
      storm.slice(1).map((one) => ({ ...one, kind: 'resolved' }) as const),
    );
    expect(steps.sent).toHaveLength(1);
    steps.step(4_200, [{ ...storm[0], rule: 'dead_tuples', kind: 'resolved' }]);
    expect(steps.sent.slice(1)).toEqual(['resolved critical dead_tuples']);
  });

  test('one that creeps through the tables is said when it has doubled', () => {
    const steps = new Steps();
    for (let i = 0; i < 40; i++) steps.step(i * 600, [{ rule: 'dead_tuples', labels: table(`public.t${i}`) }]);
    expect(steps.messages.map(({ incident }) => incident?.alerts)).toEqual([1, 2, 4, 8, 16, 32]);
    expect(steps.incidents).toHaveLength(1);
  });

  test('the same rule on another table hours later is an incident of its own', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'dead_tuples', labels: table('public.a') }]);
    steps.step(7_200, [{ rule: 'dead_tuples', labels: table('public.b') }]);
    expect(steps.sent).toEqual(['firing warning dead_tuples', 'firing warning dead_tuples']);
  });

  test('a server that is down takes everything else of it with it', () => {
    const steps = new Steps();
    steps.step(0, [
      { rule: 'canary_slow' },
      { rule: 'server_down', severity: 'critical' },
      { rule: 'server_down', severity: 'critical', cluster: 'other' },
    ]);
    steps.step(60, [{ rule: 'replica_gone', labels: { replica: 'r1' } }]);
    expect(steps.sent).toEqual(['firing critical server_down', 'firing critical server_down']);
    steps.step(120, [over('canary_slow'), over('replica_gone', { labels: { replica: 'r1' } })]);
    steps.step(130, [over('server_down', { severity: 'critical' })]);
    expect(steps.sent.slice(2)).toEqual(['resolved critical server_down']);
    expect(steps.messages.at(-1)?.incident?.ending).toBe('The server answers again');
  });

  test('within the wait a server that goes down takes the incident that nobody has heard of', () => {
    const steps = new Steps({ waitSeconds: 15 });
    steps.step(0, [{ rule: 'canary_slow' }]);
    expect(steps.sent).toEqual([]);
    steps.step(15, [{ rule: 'server_down', severity: 'critical' }]);
    expect(steps.sent).toEqual(['firing critical server_down']);
    expect(steps.incidents).toHaveLength(1);
  });
});

describe('who hears what', () => {
  test('a channel for critical ones hears of it when it is, and of its end, whatever it was on the way', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'canary_slow' }]);
    steps.step(60, [{ rule: 'canary_slow', kind: 'escalated', severity: 'critical' }]);
    steps.step(120, [{ rule: 'canary_slow', kind: 'de-escalated', severity: 'warning' }]);
    steps.step(180, [{ rule: 'canary_slow', kind: 'escalated', severity: 'critical' }]);
    steps.step(240, [over('canary_slow')]);
    expect(steps.sent).toEqual([
      'firing warning canary_slow',
      'escalated critical canary_slow',
      'resolved critical canary_slow',
    ]);
    expect(steps.channels).toEqual([['chat'], ['chat', 'pager'], ['chat', 'pager']]);
  });

  test('a silence on the lead does not hide an alert that is not silenced', () => {
    const steps = new Steps();
    steps.step(0, [
      { rule: 'blocking_locks', pid: 7, severity: 'critical', suppressed: 'silence 1' },
      { rule: 'long_transaction', pid: 7 },
    ]);
    expect(steps.sent).toEqual(['firing warning long_transaction']);
    // The silence ends.
    steps.step(600, [{ rule: 'blocking_locks', pid: 7, severity: 'critical' }]);
    expect(steps.sent.slice(1)).toEqual(['escalated critical blocking_locks']);
    steps.step(700, [over('blocking_locks'), over('long_transaction')]);
    expect(steps.sent.slice(2)).toEqual(['resolved critical blocking_locks']);
  });

  test('of one that was silenced from its beginning to its end nobody hears', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'canary_slow', suppressed: 'maintenance' }]);
    const { ended } = steps.step(60, [over('canary_slow', { suppressed: 'nothing new for receivers' })]);
    expect(steps.sent).toEqual([]);
    expect(ended).toHaveLength(1);
  });

  test('it ends with the last of its alerts, a silenced one too', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'blocking_locks', pid: 7 }]);
    steps.step(15, [{ rule: 'long_transaction', pid: 7, suppressed: 'silence 1' }]);
    steps.step(30, [over('blocking_locks')]);
    expect(steps.sent).toEqual(['firing warning blocking_locks']);
    steps.step(60, [over('long_transaction', { suppressed: 'nothing new for receivers' })]);
    expect(steps.sent.slice(1)).toEqual(['resolved warning blocking_locks']);
  });

  test('one that comes back soon is the same incident, and one that does so again and again is no stream of messages', () => {
    const steps = new Steps();
    for (let i = 0; i < 20; i++) {
      steps.step(i * 240, [{ rule: 'canary_slow' }]);
      steps.step(i * 240 + 135, [over('canary_slow')]);
    }
    expect(steps.sent).toEqual([
      'firing warning canary_slow',
      'resolved warning canary_slow',
      'firing warning canary_slow',
    ]);
    for (let t = 4_800; t <= 5_400; t += 15) steps.step(t);
    expect(steps.sent.slice(3)).toEqual(['resolved warning canary_slow']);
    expect(new Set(steps.messages.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(steps.incidents).toEqual([]);
  });

  test('one that comes back later is another', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'canary_slow' }]);
    steps.step(60, [over('canary_slow')]);
    steps.step(600, [{ rule: 'canary_slow' }]);
    expect(new Set(steps.messages.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test('acknowledged ones are not repeated, and say so when they get worse', () => {
    const steps = new Steps();
    const first = { rule: 'connection_saturation', severity: 'critical' } as const;
    steps.step(0, [{ ...first, severity: 'warning' }]);
    const [{ id = '' } = {}] = steps.incidents;
    const acknowledged = new Map([[id, { at: new Date((START + 60) * 1_000).toISOString(), by: 'anna' }]]);
    steps.step(75, [], { acknowledged });
    expect(steps.incidents).toMatchObject([{ acknowledged: { by: 'anna' }, firstAcknowledgedAt: START + 60 }]);
    steps.step(3_700, [{ ...first, severity: 'warning', kind: 'repeated' }], { acknowledged });
    expect(steps.sent).toEqual(['firing warning connection_saturation']);
    const { forgotten } = steps.step(4_000, [{ ...first, kind: 'escalated' }], { acknowledged });
    expect(steps.sent.slice(1)).toEqual(['escalated critical connection_saturation']);
    expect(forgotten).toEqual([id]);
    expect(steps.incidents[0]).not.toHaveProperty('acknowledged');
    steps.step(7_700, [{ ...first, kind: 'repeated' }]);
    expect(steps.sent.slice(2)).toEqual(['repeated critical connection_saturation']);
    expect(steps.incidents[0]?.timeline.map(({ kind }) => kind)).toEqual([
      ...['opened', 'notified', 'acknowledged', 'escalated', 'notified', 'notified'],
    ]);
  });

  test('who acknowledges each of its alerts has acknowledged it', () => {
    const steps = new Steps();
    steps.step(0, [
      { rule: 'blocking_locks', pid: 7 },
      { rule: 'long_transaction', pid: 7 },
    ]);
    const [one = '', other = ''] = openMembers(steps.incidents[0] ?? { members: {} }).map(([id]) => id);
    const at = new Date((START + 10) * 1_000).toISOString();
    steps.step(15, [], { acknowledged: new Map([[one, { at }]]) });
    expect(steps.incidents[0]?.acknowledged).toBeUndefined();
    steps.step(30, [], { acknowledged: new Map([one, other].map((id) => [id, { at }])) });
    expect(steps.incidents[0]?.acknowledged).toEqual({ at });
  });

  test('of a thousand alerts without data one message says so', () => {
    const steps = new Steps();
    const storm = Array.from({ length: 1_000 }, (_, i) => ({
      rule: 'dead_tuples',
      labels: { db: 'a', relation: `t${i}` },
    }));
    steps.step(0, storm);
    steps.step(
      3_600,
      storm.map((one) => ({ ...one, kind: 'no-data' }) as const),
    );
    expect(steps.sent).toEqual(['firing warning dead_tuples', 'no-data warning dead_tuples']);
  });
});

describe('grouping by labels, as in Alertmanager', () => {
  const table = (relation: string) => ({ rule: 'dead_tuples', labels: { db: relation[0] ?? '', relation } });
  test.each([
    [['rule'], 1],
    [['rule', 'db'], 2],
    [['...'], 3],
  ] as const)('by %s: %i incidents', (groupBy, count) => {
    const steps = new Steps({ groupBy });
    steps.step(0, [table('a1'), table('a2'), table('b1')]);
    expect(steps.incidents).toHaveLength(count);
    expect(steps.sent).toHaveLength(count);
  });
});

describe('what is taken twice, or late', () => {
  test('an end that got lost is made up for, once the alert is known to be over', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'canary_slow' }]);
    const none = () => false;
    expect(lostMembers(steps.incidents, none, START + 60)).toBe(steps.incidents);
    expect(lostMembers(steps.incidents, () => true, START + 3_600)).toBe(steps.incidents);
    steps.incidents = lostMembers(steps.incidents, none, START + 3_600);
    steps.step(3_600);
    expect(steps.sent).toEqual(['firing warning canary_slow', 'resolved warning canary_slow']);
  });

  test('a transition that comes again changes nothing', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'canary_slow' }]);
    const again = steps.transition({ rule: 'canary_slow' });
    const options = steps.options;
    steps.step(0, [{ rule: 'canary_slow' }], options);
    expect(again.id).toBeTruthy();
    expect(steps.sent).toHaveLength(1);
    steps.step(60, [over('canary_slow')]);
    const before = JSON.stringify(steps.incidents);
    steps.step(0, [{ rule: 'canary_slow' }]);
    expect(JSON.stringify(steps.incidents)).toBe(before);
  });

  test('the end of what nobody saw begin is nothing', () => {
    const steps = new Steps();
    expect(steps.step(0, [over('canary_slow')])).toMatchObject({ incidents: [], announcements: [], changed: false });
  });

  test('without anything new nothing changes', () => {
    const steps = new Steps();
    steps.step(0, [{ rule: 'canary_slow' }]);
    expect(steps.step(15)).toMatchObject({ changed: false, announcements: [] });
  });

  test('10,000 alerts in one pass take less than a second, and not a second more at each pass', () => {
    const steps = new Steps();
    const storm = Array.from({ length: 10_000 }, (_, i) => ({
      rule: 'dead_tuples',
      labels: { db: 'a', relation: `t${i}` },
    }));
    const began = performance.now();
    steps.step(0, storm);
    steps.step(15);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(JSON.stringify(steps.messages[0]).length).toBeLessThan(10_000);
  });
});
