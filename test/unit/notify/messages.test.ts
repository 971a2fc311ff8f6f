import { expect, test } from 'vitest';
import type { EngineInput } from '../../../src/alerts/engine.ts';
import { offenderOf, type Scene } from '../../../src/alerts/offender.ts';
import type { PreparedRule } from '../../../src/alerts/prepare.ts';
import type { Transition } from '../../../src/alerts/transition.ts';
import type { SessionRow } from '../../../src/collectors/activity/session-row.ts';
import { messageOf, plainText } from '../../../src/notify/message.ts';
import { sessionRow } from '../../support/session-row.ts';
import { Passes, rulesOf, sample } from '../alerts/support.ts';
import { worlds } from '../alerts/worlds.ts';

// Every rule at its begin, its escalation and its end, as people read it: read the file, at best at three in the morning.

const MB = 1_048_576;
const GB = 1_024 * MB;
const DAY = 86_400;

/** What somebody finds at night, for each rule: at the begin, and when it gets worse. */
const VALUES: Readonly<Record<string, readonly number[]>> = {
  server_down: [1],
  cannot_log_in: [1],
  canary_slow: [0.82, 3.4],
  collector_degraded: [1],
  loop_late: [4.2],
  target_without_data: [9.6],
  connection_saturation: [0.86, 0.97],
  connections_growing: [1.2],
  long_transaction: [312, 1_830],
  idle_in_transaction: [305, 1_812],
  blocking_locks: [41, 126],
  long_query: [1_860, 7_260],
  autovacuum_workers_busy: [1],
  cache_hit_ratio_low: [0.84, 0.61],
  rollback_ratio_high: [0.24, 0.63],
  deadlocks: [1, 14],
  checkpoint_thrash: [0.42, 0.95],
  checkpoints_frequent: [9],
  statements_evicting: [31],
  statistics_reset: [26],
  xmin_horizon_held: [12_400_000, 131_000_000],
  autovacuum_starvation: [3.1, 14],
  replication_lag: [48, 410],
  replication_lag_bytes: [1.7 * GB, 14 * GB],
  standby_replay_lag: [51, 605],
  replica_gone: [0],
  standby_not_streaming: [0],
  receiver_not_streaming: [0],
  slot_inactive: [0],
  slot_retains_wal: [6.2 * GB, 24 * GB],
  slot_invalidated: [1],
  subscription_stopped: [0],
  archiver_failing: [1],
  dead_tuples: [27, 61],
  unused_index: [9 * DAY],
  invalid_index: [1],
  duplicate_indexes: [310 * MB],
  database_growing: [0.14, 0.44],
  database_size: [520 * GB, 1_040 * GB],
  partitions_running_out: [2 * DAY, 3 * 3_600],
  default_partition_filling: [1, 240_000],
  stale_statistics: [41_000, 3_100_000],
  wraparound: [1_520_000_000, 1_810_000_000],
  multixact_wraparound: [1_520_000_000, 1_810_000_000],
  sequence_near_end: [0.83, 0.96],
  bloat: [7.4 * GB],
  pending_restart: [1],
};

/** What is fine again, where a value of zero is not. */
const FINE: Readonly<Record<string, number>> = {
  cache_hit_ratio_low: 0.99,
  replica_gone: 1,
  standby_not_streaming: 1,
  receiver_not_streaming: 1,
  slot_inactive: 1,
  subscription_stopped: 1,
  partitions_running_out: 30 * DAY,
};

const row = (more: Partial<SessionRow>) =>
  sessionRow({
    db: 'orders',
    user_name: 'reporting',
    query: 'SELECT count(*) FROM orders WHERE state = ?',
    ...more,
  });

/** A session that idles in its transaction for so long, with ten behind it, and a statement that runs for as long. */
function sceneOf(seconds: number): Scene {
  const root = row({
    pid: 13_751,
    application: 'nightly-report',
    state: 'idle in transaction',
    query: 'UPDATE accounts SET balance = balance - ? WHERE id = ?',
    xact_age_seconds: seconds + 4,
    state_age_seconds: seconds,
  });
  const waiting = Array.from({ length: 10 }, (_, i) =>
    row({
      pid: 14_000 + i,
      wait_event_type: 'Lock',
      lock_type: 'relation',
      lock_relation: 'accounts',
      wait_seconds: seconds - i,
      blocked_by: [13_751],
    }),
  );
  const running = row({ pid: 15_111, application: 'bi', query_age_seconds: seconds, state_age_seconds: seconds });
  return {
    sessions: [root, ...waiting, running],
    holders: [{ holder: 'slot', name: 'warehouse', held_in: 'orders', detail: 'logical, of catalogs only' }],
    showQueries: true,
    showUsers: false,
  };
}

/** Everything that was said of a rule, in the order of the passes. */
function saidOf(rule: PreparedRule): Transition[] {
  const found = worlds[rule.id];
  const values = VALUES[rule.id];
  if (!found || !values) throw new Error(`no values for ${rule.id}`);
  const step = found.step ?? 15;
  const passes = new Passes([rule], step, Date.parse('2026-03-02T01:57:00Z') / 1_000);
  const said: Transition[] = [];
  const counted = found.passes !== undefined && !rule.id.includes('growing');
  let i = 0;
  const pass = (value: number, age: number) => {
    const scene = sceneOf(age);
    const options: Partial<EngineInput> = {
      cluster: 'orders',
      up: rule.aboutTarget === undefined,
      problem:
        rule.id === 'server_down'
          ? 'db-1.example.com:5432/orders: nothing listens there (ECONNREFUSED)'
          : 'db-1.example.com:5432/orders: password authentication failed for user of pgmon',
      offenderOf: ({ offender }, labels) => offender && offenderOf(offender, labels, scene),
    };
    const at = counted ? Math.min(i, (found.passes ?? 0) - 1) : i;
    said.push(...passes.pass(found.world(value, at), options));
    i += 1;
  };
  const seeds = (found.passes ?? 0) + Math.ceil(rule.forSeconds / step) + 2;
  for (const [level, value] of values.entries()) {
    const before = said.length;
    const grown = () => (rule.valueIsAge ? (values[0] ?? 0) + i * step : value);
    for (let n = 0; n < seeds + 500 && said.length === before; n++) pass(grown(), grown());
    if (said.length === before) throw new Error(`${rule.id} says nothing at level ${level}`);
    pass(grown(), grown());
  }
  for (let n = 0; n < 200 && said.at(-1)?.kind !== 'resolved'; n++) pass(FINE[rule.id] ?? 0, 0);
  return said;
}

/** A rule against a baseline: hours of what is usual, a surge, and what is usual again. */
function surgeOf(rule: PreparedRule): Transition[] {
  const step = rule.loop === 'hot' ? 15 : 60;
  const [metric, labels] =
    rule.id === 'wal_surge' ? ['pg_wal_bytes_written_total', {}] : ['pg_temp_bytes_total', { db: 'orders' }];
  const passes = new Passes([rule], step, Date.parse('2026-03-02T01:57:00Z') / 1_000);
  let total = 0;
  const run = (seconds: number, perSecond: number) =>
    Array.from({ length: seconds / step }, (_, i) => {
      total += (perSecond + Math.sin(i / 7) * MB) * step;
      return passes.pass([sample(metric, total, labels)], { cluster: 'orders' });
    }).flat();
  run(4 * 3_600, 20 * MB);
  return [...run(1_800, 400 * MB), ...run(3_600, 20 * MB)];
}

const shown = (rule: PreparedRule, transition: Transition): string => {
  const message = messageOf(transition, rule.unit, 'https://pgmon.example.com/');
  return [`${message.subject}   (${message.subject.length})`, ...plainText(message)].join('\n  ');
};

test('what every rule says, at its begin, when it gets worse, and at its end', async () => {
  const config = { rules: { database_size: { enabled: true } } };
  const text = rulesOf(config).map((rule) => {
    const said = rule.baseline ? surgeOf(rule) : saidOf(rule);
    expect([rule.id, said.at(0)?.kind, said.at(-1)?.kind]).toEqual([rule.id, 'firing', 'resolved']);
    return `## ${rule.id}\n\n${said.map((one) => shown(rule, one)).join('\n\n')}\n`;
  });
  for (const one of text) expect(one).not.toMatch(/\{\{|undefined|NaN|null/);
  await expect(text.join('\n')).toMatchFileSnapshot('messages.golden.txt');
});
