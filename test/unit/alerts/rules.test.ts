import { describe, expect, test } from 'vitest';
import { effectiveRules } from '../../../src/alerts/effective.ts';
import type { PreparedRule } from '../../../src/alerts/prepare.ts';
import { SEVERITIES } from '../../../src/alerts/rule.ts';
import { catalogRules } from '../../../src/alerts/rules/index.ts';
import { runbook } from '../../../src/alerts/runbook/index.ts';
import { alertsSchema } from '../../../src/config/alerts.ts';
import type { Labels, Sample } from '../../../src/metrics/sample.ts';
import { catalog, Passes, ruleOf, rulesOf, said, sample } from './support.ts';

const DAY = 86_400;

/** A world in which the rule's expression has this value at every pass; `i` counts the passes. */
type World = (value: number, i: number) => Sample[];

const one = (metric: string, labels: Labels = {}, ...more: Sample[]): World => {
  return (value) => [sample(metric, value, labels), ...more];
};
/** A counter that grows by so much a second, from far enough back. */
const growing = (metric: string, perSecond: number, step: number, i: number, labels: Labels = {}) =>
  sample(metric, 1e6 + perSecond * step * i, labels);
const db = { db: 'shop' };
const relation = { db: 'shop', relation: 'public.orders' };

/** For every rule: a world, seconds between its passes, and how many see half of the rule's range. */
const worlds: Readonly<Record<string, { world: World; step?: number; passes?: number }>> = {
  server_down: { world: one('pgmon_target_down', { kind: 'unreachable' }) },
  cannot_log_in: { world: one('pgmon_target_down', { kind: 'auth' }) },
  canary_slow: { world: one('pg_canary_seconds') },
  collector_degraded: { world: one('pgmon_collectors_degraded', { loop: 'hot' }) },
  loop_late: { world: one('pgmon_loop_lateness_ratio', { loop: 'workload' }) },
  target_without_data: { world: one('pgmon_hot_lateness_ratio') },
  connection_saturation: {
    world: (value) => [
      sample('pg_used_connection_slots', value * 1_000_000),
      sample('pg_max_connections', 1_000_010),
      sample('pg_reserved_connections', 10),
    ],
  },
  connections_growing: {
    // 30 minutes ahead of a straight line that is at 60 % now.
    world: (value, i) => [
      sample('pg_used_connection_slots', 600_000 + ((value * 1e6 - 600_000) / 1_800) * 15 * (i - 79)),
      sample('pg_max_connections', 1_000_010),
      sample('pg_reserved_connections', 10),
    ],
    passes: 80,
  },
  long_transaction: { world: one('pg_longest_transaction_seconds') },
  idle_in_transaction: { world: one('pg_longest_idle_in_transaction_seconds') },
  blocking_locks: { world: one('pg_longest_blocked_seconds') },
  long_query: { world: one('pg_longest_query_seconds') },
  autovacuum_workers_busy: {
    world: (value) => [
      sample('pg_autovacuum_jobs', value * 3_000, { phase: 'scanning heap' }),
      sample('pg_autovacuum_max_workers', 3_000),
    ],
  },
  cache_hit_ratio_low: {
    world: (value, i) => [sample('pg_cache_hit_ratio', value, db), growing('pg_blocks_read_total', 500, 60, i, db)],
    step: 60,
  },
  rollback_ratio_high: {
    world: (value, i) => [
      growing('pg_xact_rollback_total', value * 1_000, 60, i, db),
      growing('pg_xact_commit_total', (1 - value) * 1_000, 60, i, db),
    ],
    step: 60,
  },
  deadlocks: { world: (value, i) => [sample('pg_deadlocks_total', i === 0 ? 5 : 5 + value, db)], step: 60, passes: 6 },
  checkpoint_thrash: {
    world: (value, i) => [
      sample('pg_checkpoints_requested_total', 1e6 + i * value * 100),
      sample('pg_checkpoints_timed_total', 1e6 + i * (1 - value) * 100),
      growing('pg_wal_bytes_written_total', 1e9, 60, i),
      sample('pg_max_wal_size_bytes', 1e9),
    ],
    step: 60,
    passes: 31,
  },
  checkpoints_frequent: {
    world: (value, i) => [
      sample('pg_checkpoints_requested_total', i === 0 ? 1 : 1 + value),
      sample('pg_checkpoints_timed_total', 7),
      growing('pg_wal_bytes_written_total', 1e9, 60, i),
      sample('pg_max_wal_size_bytes', 1e9),
    ],
    step: 60,
    passes: 17,
  },
  statements_evicting: {
    world: (value, i) => [sample('pg_stat_statements_evictions_total', i === 0 ? 3 : 3 + value)],
    step: 60,
    passes: 31,
  },
  statistics_reset: { world: one('pgmon_counters_reset', { loop: 'workload', collector: 'databases' }) },
  xmin_horizon_held: { world: one('pg_xmin_horizon_age', { holder: 'slot' }), step: 60 },
  autovacuum_starvation: { world: one('pg_table_vacuum_overdue_ratio', relation), step: 60 },
  replication_lag: { world: one('pg_replication_lag_seconds', { replica: 'r' }), step: 60 },
  replication_lag_bytes: { world: one('pg_replication_lag_bytes', { replica: 'r' }), step: 60 },
  standby_replay_lag: {
    world: one('pg_standby_replay_lag_seconds', {}, sample('pg_standby_replay_lag_bytes', 1)),
    step: 60,
  },
  replica_gone: { world: one('pg_replication_connected', { replica: 'r', client: '10.0.0.1' }), step: 60 },
  standby_not_streaming: { world: one('pg_replication_streaming', { replica: 'r' }), step: 60 },
  receiver_not_streaming: { world: one('pg_standby_receiver_streaming'), step: 60 },
  slot_inactive: {
    world: one(
      'pg_replication_slot_active',
      { slot: 's' },
      sample('pg_replication_slot_retained_bytes', 1e9, { slot: 's' }),
    ),
    step: 60,
  },
  slot_retains_wal: { world: one('pg_replication_slot_retained_bytes', { slot: 's' }), step: 60 },
  slot_invalidated: { world: one('pg_replication_slot_lost', { slot: 's' }), step: 60 },
  subscription_stopped: { world: one('pg_subscription_running', { subscription: 's' }), step: 60 },
  archiver_failing: { world: one('pg_archiver_failing'), step: 60 },
  dead_tuples: {
    world: one('pg_table_pct_dead', relation, sample('pg_table_dead_tuples', 100_001, relation)),
    step: 600,
  },
  unused_index: {
    world: one(
      'pg_index_unused_seconds',
      { db: 'shop', index: 'public.i' },
      sample('pg_unused_index_size_bytes', 104_857_601, { db: 'shop', index: 'public.i' }),
    ),
    step: 600,
  },
  invalid_index: { world: one('pg_invalid_indexes', db), step: 600 },
  duplicate_indexes: { world: one('pg_duplicate_indexes_bytes', db), step: 600 },
  database_growing: {
    world: (value, i) => [sample('pg_database_size_bytes', i === 0 ? 2e9 * (1 - value) : 2e9, db)],
    step: 600,
    passes: 73,
  },
  database_size: { world: one('pg_database_size_bytes', db), step: 600 },
  partitions_running_out: { world: one('pg_partition_ahead_seconds', relation), step: 600 },
  default_partition_filling: { world: one('pg_partition_default_rows', relation), step: 600 },
  stale_statistics: { world: one('pg_table_stale_rows', relation), step: 3_600 },
  wraparound: { world: one('pg_wraparound_tx_age', db), step: 3_600 },
  multixact_wraparound: { world: one('pg_wraparound_mxid_age', db), step: 3_600 },
  sequence_near_end: { world: one('pg_sequence_used_ratio', { db: 'shop', sequence: 'public.s' }), step: 3_600 },
  bloat: { world: one('pg_table_bloat_bytes', { ...relation, method: 'measured' }), step: 3_600 },
  pending_restart: { world: one('pg_settings_pending_restart'), step: 3_600 },
};

/** The nearest value on either side of a threshold, of whole numbers the next one. */
function beside({ comparison, unit }: PreparedRule, threshold: number): { fires: number; quiet: number } {
  const nudge = unit === 'Count' || unit === 'Bytes' ? 1 : Math.max(Math.abs(threshold), 1) * 1e-4;
  switch (comparison) {
    case '>':
      return { fires: threshold + nudge, quiet: threshold - (unit === 'Count' && threshold === 0 ? 0 : nudge) };
    case '>=':
      return { fires: threshold, quiet: threshold - Math.max(nudge, 1e-4) };
    case '<':
      return { fires: threshold - nudge, quiet: threshold + nudge };
    case '<=':
      return { fires: threshold, quiet: threshold + nudge };
    case '==':
      return { fires: threshold, quiet: threshold + 1 };
    default:
      return { fires: threshold + 1, quiet: threshold };
  }
}

function outcome(rule: PreparedRule, value: number) {
  const found = worlds[rule.id];
  if (!found) throw new Error(`no world for ${rule.id}`);
  const step = found.step ?? 15;
  const passes = new Passes([rule], step);
  const count = found.passes ?? Math.ceil(rule.forSeconds / step) + 8;
  const extra = found.passes ? Math.ceil(rule.forSeconds / step) : 0;
  const up = rule.aboutTarget === undefined;
  return Array.from({ length: count + extra }, (_, i) =>
    passes.pass(found.world(value, found.passes && !rule.id.includes('growing') ? Math.min(i, count - 1) : i), { up }),
  ).flat();
}

describe('every rule', () => {
  const fixed = rulesOf().filter(({ baseline }) => !baseline);

  test.each(
    fixed.flatMap((rule) =>
      SEVERITIES.flatMap((severity) => {
        const threshold = rule.thresholds[severity];
        return threshold === undefined ? [] : [[rule.id, severity, rule, threshold] as const];
      }),
    ),
  )('%s is %s beyond its threshold, and not on this side of it', (_, severity, rule, threshold) => {
    const { fires, quiet } = beside(rule, threshold);
    const rung = outcome(rule, fires);
    expect(rung.at(-1)).toMatchObject({ severity, rule: rule.id });
    expect(['firing', 'escalated', 'repeated']).toContain(rung.at(-1)?.kind);
    expect(outcome(rule, quiet).filter((transition) => transition.severity === severity)).toEqual([]);
    // Every brace of its message is filled in.
    expect(rung.at(-1)?.message).not.toMatch(/\{\{|–/);
  });

  test('each has a world in this test', () => {
    expect(Object.keys(worlds).sort()).toEqual(fixed.map(({ id }) => id).sort());
    expect(catalogRules.length).toBeGreaterThanOrEqual(30);
  });

  test.each(
    rulesOf()
      .filter(({ baseline }) => baseline)
      .map((rule) => [rule.id, rule] as const),
  )(
    '%s compares with what is usual: seeded before it fires, quiet at the threshold, said with what it compared',
    (_, rule) => {
      const step = rule.loop === 'hot' ? 15 : 60;
      const metric = rule.id === 'wal_surge' ? 'pg_wal_bytes_written_total' : 'pg_temp_bytes_total';
      const labels: Labels = rule.id === 'wal_surge' ? {} : db;
      const MB = 1_048_576;
      const passes = new Passes([rule], step);
      let total = 0;
      const run = (seconds: number, perSecond: () => number) =>
        Array.from({ length: seconds / step }, () => {
          total += perSecond() * step;
          return passes.pass([sample(metric, total, labels)]);
        }).flat();
      let i = 0;
      const usual = () => (20 + 2 * Math.sin(i++ / 7)) * MB;
      // A surge in the first hour is not evaluated: nobody knows yet what is usual.
      expect(said(run(1_200, () => 200 * MB))).toEqual([]);
      expect(said(run(7 * 3_600, usual))).toEqual([]);
      expect(said(run(3_600, () => 24 * MB))).toEqual([]);
      const [surge] = run(3_600, () => 400 * MB);
      expect(surge).toMatchObject({ kind: 'firing', severity: 'warning' });
      expect(surge?.comparedWith).toMatch(/^the last/);
      expect(surge?.message).not.toMatch(/\{\{|–/);
      expect(said(run(3_600, usual))).toEqual(['resolved warning']);
    },
  );

  test('has what a person at night needs, and a page in the runbook', () => {
    expect(Object.keys(runbook).sort()).toEqual(catalogRules.map(({ id }) => id).sort());
    for (const { id, title, action, message } of catalogRules) {
      expect([id, title && action && message]).toEqual([id, expect.anything()]);
      for (const text of Object.values(runbook[id] ?? {})) expect([id, text.length > 20]).toEqual([id, true]);
    }
    expect(new Set(catalogRules.map(({ id }) => id)).size).toBe(catalogRules.length);
  });
});

describe('checkpoints that max_wal_size has no part in', () => {
  const hour = (requested: number, timed: number, walBytes: number) => {
    const passes = new Passes([ruleOf('checkpoint_thrash'), ruleOf('checkpoints_frequent')], 60);
    return Array.from({ length: 61 }, (_, i) =>
      passes.pass([
        sample('pg_checkpoints_requested_total', 10 + (requested * i) / 60),
        sample('pg_checkpoints_timed_total', 10 + (timed * i) / 60),
        sample('pg_wal_bytes_written_total', 1e9 + (walBytes * i) / 60),
        sample('pg_max_wal_size_bytes', 2 ** 30),
      ]),
    )
      .flat()
      .map(({ rule, kind }) => `${rule} ${kind}`);
  };
  test('eight CREATE DATABASE in an hour with 93 MB of WAL are no thrash', () => {
    expect(hour(8, 12, 93e6)).toEqual([]);
  });
  test('eight that 8 GB of WAL asked for are', () => {
    expect(hour(8, 12, 8e9)).toContain('checkpoint_thrash firing');
  });
  test('an idle server looks every minute and makes none', () => {
    expect(hour(0, 60, 1e6)).toEqual([]);
  });
  test('a checkpoint a minute with 4 GB of WAL an hour is frequent', () => {
    expect(hour(0, 60, 4e9)).toEqual(['checkpoints_frequent firing']);
  });
});

describe('[B10] partitions that are made ahead by their own length', () => {
  const HOUR = 3_600;
  const ahead = (seconds: number, period?: number) => {
    const passes = new Passes([ruleOf('partitions_running_out')], 600);
    return said(
      passes.pass([
        sample('pg_partition_ahead_seconds', seconds, relation),
        ...(period === undefined ? [] : [sample('pg_partition_period_seconds', period, relation)]),
        sample('pg_partition_ahead_seconds', 400 * DAY, { db: 'shop', relation: 'public.other' }),
        sample('pg_partition_period_seconds', DAY, { db: 'shop', relation: 'public.other' }),
      ]),
    );
  };
  test.each<[string, number, number | undefined, string[]]>([
    ['hourly, four left: as they are made', 4 * HOUR, HOUR, []],
    ['hourly, fewer than three left', 3 * HOUR - 1, HOUR, ['firing critical']],
    ['of eight hours, fewer than three left', 23 * HOUR, 8 * HOUR, ['firing warning']],
    ['daily, three left', 3 * DAY, DAY, []],
    ['daily, fewer', 3 * DAY - 1, DAY, ['firing warning']],
    ['monthly, the next one made', 31 * DAY, 31 * DAY, []],
    ['monthly, the last days', 2 * DAY, 31 * DAY, ['firing warning']],
    ['none for now', 0, undefined, ['firing critical']],
  ])('%s', (_, seconds, period, expected) => {
    expect(ahead(seconds, period)).toEqual(expected);
  });
});

describe('configuration', () => {
  test("the specification's keys change thresholds", () => {
    const rules = { connections_warn: 0.5, long_txn_warn_s: 60, repl_crit_s: 1_000 };
    expect(ruleOf('connection_saturation', rules)).toMatchObject({
      thresholds: { warning: 0.5, critical: 0.95 },
      origin: 'overridden',
    });
    expect(ruleOf('long_transaction', rules).thresholds).toEqual({ warning: 60, critical: 1_800 });
    expect(ruleOf('replication_lag', rules).thresholds).toEqual({ warning: 30, critical: 1_000 });
    expect(ruleOf('deadlocks', rules).origin).toBe('catalog');
  });

  test('a rule can be changed by its id, and turned off', () => {
    const changed = ruleOf('deadlocks', { rules: { deadlocks: { warning: 5, for: '10m', enabled: false } } });
    expect(changed).toMatchObject({ thresholds: { warning: 5, critical: 10 }, forSeconds: 600, enabled: false });
  });

  test('an own rule runs like those of the catalog', () => {
    const own = {
      name: 'queue_long',
      metric: 'pg_table_live_tuples{relation="public.jobs"}',
      threshold: 1_000,
      for: '0s',
    };
    const passes = new Passes([ruleOf('queue_long', { custom: [{ ...own, severity: 'critical' }] })], 600);
    const rung = passes.pass([sample('pg_table_live_tuples', 1_001, { db: 'shop', relation: 'public.jobs' })]);
    expect(said(rung)).toEqual(['firing critical']);
  });

  test.each<[string, object, string]>([
    ['an unknown metric', { custom: [{ name: 'x', metric: 'pg_nothing', threshold: 1 }] }, 'unknown metric pg_nothing'],
    ['no threshold', { custom: [{ name: 'x', metric: 'pg_up' }] }, 'it has no threshold'],
    ['an expression that cannot parse', { custom: [{ name: 'x', metric: 'pg_up >', threshold: 1 }] }, 'is not PromQL'],
    [
      'an id of the catalog',
      { custom: [{ name: 'deadlocks', metric: 'pg_up', threshold: 1 }] },
      'the catalog has a rule with this id',
    ],
    [
      'metrics of two loops',
      { custom: [{ name: 'x', metric: 'pg_up + pg_tables', threshold: 1 }] },
      'of several loops (hot, storage)',
    ],
    [
      'a change of a rule that is not there',
      { rules: { deadlokcs: { enabled: false } } },
      'the catalog has no rule with this id',
    ],
  ])('%s is refused with the id and the reason', (_, config, reason) => {
    const { faults } = effectiveRules(alertsSchema.parse(config), catalog);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.reason).toContain(reason);
    expect(faults[0]?.rule).toMatch(/^(x|deadlocks|deadlokcs)$/);
  });

  test('a negative time and two rules of one name never get so far', () => {
    const own = { name: 'x', metric: 'pg_up', threshold: 1 };
    expect(alertsSchema.safeParse({ custom: [{ ...own, for: '-5m' }] }).success).toBe(false);
    expect(alertsSchema.safeParse({ custom: [own, own] }).error?.issues[0]?.message).toContain('two rules named x');
  });

  test('own time ranges are days at most', () => {
    expect(ruleOf('unused_index').thresholds.info).toBe(7 * DAY);
  });
});
