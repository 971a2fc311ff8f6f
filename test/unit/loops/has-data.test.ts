import { expect, test } from 'vitest';
import { replicaSamples } from '../../../src/collectors/replicas.ts';
import { hasData } from '../../../src/loops/has-data.ts';
import { type Sample, seriesKey } from '../../../src/metrics/sample.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { snapshotWith } from '../../support/snapshot.ts';
import { catalog, Passes, ruleOf, said, sample } from '../alerts/support.ts';

const empty = snapshotWith({ loop: 'workload' });

test('[B4] what could not be read in one database is no data there, and data in the other', () => {
  const metric = 'pg_invalid_indexes';
  const collector = catalog.get(metric)?.collector ?? '';
  const pass: Snapshot = {
    ...empty,
    outcomes: [
      { collector, database: 'a', status: 'ok' },
      { collector, database: 'b', status: 'failed' },
    ],
    samples: [sample(metric, 0, { db: 'a' })],
  };
  expect(hasData(pass, catalog, metric, { db: 'a' })).toBe(true);
  expect(hasData(pass, catalog, metric, { db: 'b' })).toBe(false);
  // Without a database in its labels, any that answered will do.
  expect(hasData(pass, catalog, metric, {})).toBe(true);
  expect(hasData({ ...pass, outcomes: pass.outcomes.slice(1) }, catalog, metric, {})).toBe(false);
});

test('what was wrong in a database that was dropped has ended, where the pass asked which there are', () => {
  const metric = 'pg_invalid_indexes';
  const collector = catalog.get(metric)?.collector ?? '';
  const pass: Snapshot = { ...empty, outcomes: [{ collector, database: 'a', status: 'ok' }] };
  expect(hasData(pass, catalog, metric, { db: 'b' })).toBe(false);
  expect(hasData({ ...pass, databases: ['a', 'b'] }, catalog, metric, { db: 'b' })).toBe(false);
  expect(hasData({ ...pass, databases: ['a'] }, catalog, metric, { db: 'b' })).toBe(true);
});

test('what is hidden from the role has not ended', () => {
  const collector = catalog.get('pg_longest_blocked_seconds')?.collector ?? '';
  const pass: Snapshot = { ...empty, loop: 'hot', outcomes: [{ collector, status: 'ok' }] };
  expect(hasData(pass, catalog, 'pg_longest_blocked_seconds', {})).toBe(true);
  const noRates = { [seriesKey('pg_longest_blocked_seconds', {})]: 'hidden' };
  expect(hasData({ ...pass, noRates }, catalog, 'pg_longest_blocked_seconds', {})).toBe(false);
});

test('[A8] the lag of a replica that is gone has not ended: it is not measured, and the replica is missed', () => {
  const collector = catalog.get('pg_replication_lag_seconds')?.collector ?? '';
  const [first, second] = ['one', 'two'].map((replica) => ({ replica, client: '10.0.0.1', slot: '' }));
  const passOf = (goneSince: number | undefined): Snapshot => {
    const now = 10_000;
    const seen = [
      { ...(first ?? { replica: '', client: '', slot: '' }), since: 0, seen: now },
      { ...(second ?? { replica: '', client: '', slot: '' }), since: 0, seen: goneSince ?? now },
    ];
    const all = replicaSamples(seen, now);
    const values = all.filter((one): one is Sample => 'value' in one);
    const lags = seen
      .filter((one) => one.seen === now)
      .map(({ replica, client, slot }) =>
        sample('pg_replication_lag_seconds', replica === 'two' ? 90 : 0, { replica, client, slot }),
      );
    const gone = all.filter((one) => 'noRate' in one);
    return {
      ...empty,
      outcomes: [{ collector, status: 'ok' }],
      samples: [...values, ...lags],
      noRates: Object.fromEntries(gone.map((one) => [seriesKey(one.metric, one.labels), 'gone' as const])),
    };
  };
  const passes = new Passes([ruleOf('replication_lag'), ruleOf('replica_gone')], 60);
  const pass = (snapshot: Snapshot) =>
    passes.pass(snapshot.samples, { hasData: (metric, labels) => hasData(snapshot, catalog, metric, labels) });
  const lagging = [passOf(undefined), passOf(undefined), passOf(undefined)].flatMap(pass);
  expect(said(lagging)).toEqual(['firing warning']);
  const missed = Array.from({ length: 20 }, () => pass(passOf(9_000))).flat();
  const kindsOf = (rule: string) => missed.filter((one) => one.rule === rule).map(({ kind }) => kind);
  expect(kindsOf('replication_lag')).not.toContain('resolved');
  expect(kindsOf('replica_gone')).toContain('firing');
  // Back, and no longer behind: now it has ended.
  const back = passOf(undefined);
  const caughtUp = { ...back, samples: back.samples.map((one) => (one.value === 90 ? { ...one, value: 0 } : one)) };
  const ended = Array.from({ length: 20 }, () => pass(caughtUp)).flat();
  expect(said(ended.filter(({ rule }) => rule === 'replication_lag'))).toEqual(['resolved warning']);
});

test('that another collector answered says nothing, and a metric of pgmon itself is always known', () => {
  const metric = 'pg_invalid_indexes';
  const collector = catalog.get(metric)?.collector ?? '';
  const outcomes = [
    { collector, status: 'failed' as const },
    { collector: 'another', status: 'ok' as const },
  ];
  expect(hasData({ ...empty, outcomes }, catalog, metric, {})).toBe(false);
  expect(hasData(empty, catalog, 'pgmon_target_down', {})).toBe(true);
});

test('a counter that was reset has data: its sample is there, only its rate is not', () => {
  const metric = 'pg_invalid_indexes';
  const collector = catalog.get(metric)?.collector ?? '';
  const noRates = { [seriesKey(metric, { db: 'a' })]: 'reset' as const };
  const pass: Snapshot = { ...empty, outcomes: [{ collector, status: 'ok' }], noRates };
  expect(hasData({ ...pass, samples: [sample(metric, 1, { db: 'a' })] }, catalog, metric, { db: 'a' })).toBe(true);
  expect(hasData({ ...pass, samples: [sample(metric, 1, { db: 'b' })] }, catalog, metric, { db: 'a' })).toBe(false);
  expect(hasData(pass, catalog, metric, { db: 'b' })).toBe(false);
});
