import { describe, expect, test } from 'vitest';
import { effectiveRules } from '../../../src/alerts/effective.ts';
import type { PreparedRule } from '../../../src/alerts/prepare.ts';
import { SEVERITIES } from '../../../src/alerts/rule.ts';
import { catalogRules } from '../../../src/alerts/rules/index.ts';
import { runbook } from '../../../src/alerts/runbook/index.ts';
import { alertsSchema } from '../../../src/config/alerts.ts';
import type { Labels } from '../../../src/metrics/sample.ts';
import { catalog, Passes, ruleOf, rulesOf, said, sample } from './support.ts';
import { db, relation, worlds } from './worlds.ts';

const DAY = 86_400;

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
