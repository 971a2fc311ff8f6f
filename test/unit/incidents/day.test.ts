import { expect, test } from 'vitest';
import { type EngineInput, evaluateRules } from '../../../src/alerts/engine.ts';
import { emptyRuleHistory } from '../../../src/alerts/state.ts';
import { correlate } from '../../../src/incidents/correlate.ts';
import type { Incident } from '../../../src/incidents/incident.ts';
import type { Sample } from '../../../src/metrics/sample.ts';
import { random } from '../../support/random.ts';
import { rulesOf, sample } from '../alerts/support.ts';

const START = Date.parse('2026-03-02T00:00:00Z') / 1_000;
const STEP = 15;
const TARGETS = 200;
const RULES = rulesOf().filter(
  ({ id, loop, enabled }) => enabled && (loop === 'hot' || loop === 'every' || id === 'dead_tuples'),
);
const BY_ID = new Map(RULES.map((rule) => [rule.id, rule]));

interface World {
  down: boolean;
  canary: number;
  connections: number;
  transaction: number;
  idle: number;
  blocked: number;
  dead: number;
  /** Who causes alerts of sessions, by rule. */
  pids: Record<string, number>;
}

interface Happening {
  readonly name: string;
  readonly minutes: number;
  /** What it does to the world; `age` in seconds since it began. */
  readonly effect: (world: World, age: number) => void;
  /** Rules whose alerts are its own. */
  readonly rules: readonly string[];
  /** What has to be heard of it, in this order. */
  readonly heard: readonly string[];
}

const session = (pid: number) => ({ blocking_locks: pid, idle_in_transaction: pid, long_transaction: pid });

const blocker: Happening = {
  name: 'one session blocks others, idle in its transaction',
  minutes: 20,
  effect: (world, age) => {
    [world.blocked, world.idle, world.transaction] = [age, age, age];
    Object.assign(world.pids, session(4_711));
  },
  rules: ['blocking_locks', 'idle_in_transaction', 'long_transaction'],
  heard: ['firing warning blocking_locks', 'escalated critical blocking_locks', 'resolved critical blocking_locks'],
};
const outage: Happening = {
  name: 'a failover: the old primary is away for six minutes',
  minutes: 6,
  effect: (world) => (world.down = true),
  rules: ['server_down'],
  heard: ['firing critical server_down', 'resolved critical server_down'],
};
const storm: Happening = {
  name: 'autovacuum is behind on forty tables',
  minutes: 45,
  effect: (world) => (world.dead = 40),
  rules: ['dead_tuples'],
  heard: ['firing warning dead_tuples', 'resolved warning dead_tuples'],
};
const full: Happening = {
  name: 'connections at 97 % for two hours and a half',
  minutes: 150,
  effect: (world) => (world.connections = 970),
  rules: ['connection_saturation'],
  heard: [
    'firing critical connection_saturation',
    ...Array(2).fill('repeated critical connection_saturation'),
    'resolved critical connection_saturation',
  ],
};
const flapping: Happening = {
  name: 'a canary that is slow for two minutes of every seven',
  minutes: 120,
  effect: (world, age) => {
    if (age % 420 < 120) world.canary = 0.8;
  },
  rules: ['canary_slow'],
  heard: [
    ...['firing warning canary_slow', 'resolved warning canary_slow'],
    ...['firing warning canary_slow', 'resolved warning canary_slow'],
  ],
};
/** Nothing of these is to be heard. */
const noise: readonly Happening[] = [
  { name: 'a restart for a deployment', minutes: 0.4, effect: (world) => (world.down = true), rules: [], heard: [] },
  {
    name: 'a short wait for a lock',
    minutes: 0.5,
    effect: (world, age) => (world.blocked = age),
    rules: [],
    heard: [],
  },
  { name: 'a slow answer', minutes: 0.25, effect: (world) => (world.canary = 3), rules: [], heard: [] },
];

interface Planned extends Happening {
  readonly target: number;
  /** Epoch seconds. */
  readonly from: number;
}

/** Forty incidents, eight of each kind, on targets of their own but for those that have two at once; and noise everywhere. */
function plan(next: () => number): Planned[] {
  const kinds = [blocker, outage, storm, full, flapping];
  const at = () => START + Math.floor((next() * 20 * 3_600) / STEP) * STEP;
  const real = Array.from({ length: 40 }, (_, i): Planned[] => {
    const happening = kinds[i % kinds.length] ?? blocker;
    return [{ ...happening, target: i * 5, from: at() }];
  }).flat();
  // Two causes at one time on one server stay two: a storm beside a blocker.
  const both = real
    .filter(({ name }) => name === blocker.name)
    .slice(0, 4)
    .map((one): Planned => ({ ...full, target: one.target, from: one.from + 60 }));
  const small = Array.from({ length: TARGETS * 2 }, (_, i): Planned => {
    const happening = noise[i % noise.length] ?? blocker;
    return { ...happening, target: Math.floor(next() * TARGETS), from: at() };
  }).filter(
    ({ target, from }) =>
      !real.some(
        (one) => one.target === target && from > one.from - 3_600 && from < one.from + one.minutes * 60 + 3_600,
      ),
  );
  return [...real.slice(0, 36), ...both, ...small];
}

/** A pass of everything that there is to see. */
function samplesOf(world: World): Sample[] {
  if (world.down) return [sample('pgmon_target_down', 1, { kind: 'unreachable' })];
  const tables = Array.from({ length: world.dead }, (_, i) => ({ db: 'shop', relation: `public.t${i}` }));
  return [
    sample('pg_canary_seconds', world.canary),
    sample('pg_max_connections', 1_003),
    sample('pg_reserved_connections', 3),
    sample('pg_used_connection_slots', world.connections),
    sample('pg_longest_blocked_seconds', world.blocked),
    sample('pg_longest_query_seconds', 1),
    sample('pg_longest_idle_in_transaction_seconds', world.idle),
    sample('pg_longest_transaction_seconds', world.transaction),
    ...tables.map((labels) => sample('pg_table_pct_dead', 40, labels)),
    ...tables.map((labels) => sample('pg_table_dead_tuples', 1_000_000, labels)),
  ];
}

test('a day of 200 targets, 40 incidents among noise: exactly the wanted messages, in order, none twice', () => {
  const next = random(20_260_302);
  const planned = plan(next);
  const unwanted: string[] = [];
  const missed: string[] = [];
  const ids = new Set<string>();
  let messages = 0;
  let [together, grouped, related] = [0, 0, 0];
  for (let target = 0; target < TARGETS; target++) {
    const own = planned.filter((one) => one.target === target);
    const ends = (one: Planned) => one.from + one.minutes * 60 + 1_800;
    const cluster = `c${target}`;
    let alerts: EngineInput['alerts'] = {};
    let history = emptyRuleHistory;
    let incidents: readonly Incident[] = [];
    const heard: { rule: string; text: string; at: number }[] = [];
    /** What each alert was really of, and where it was put. */
    const placed = new Map<string, { cause: string; incident: string }>();
    for (let at = START; at < START + 86_400; at += STEP) {
      // Hours in which nothing happens have nothing to say: they are left out.
      if (!own.some((one) => at >= one.from - 120 && at < ends(one))) continue;
      const world: World = {
        ...{ down: false, canary: 0.001 + next() * 0.02, connections: 100 + Math.floor(next() * 200) },
        ...{ transaction: next() * 100, idle: next() * 20, blocked: next() < 0.03 ? next() * 20 : 0, dead: 0 },
        pids: {},
      };
      const active = own.filter((one) => at >= one.from && at < one.from + one.minutes * 60);
      for (const { effect, from } of active) effect(world, at - from);
      const output = evaluateRules({
        cluster,
        rules: RULES,
        samples: samplesOf(world),
        up: !world.down,
        problem: 'db:5432/postgres: nothing listens there (ECONNREFUSED)',
        hasData: () => true,
        alerts,
        history,
        at,
        intervalSeconds: STEP,
        repeatSeconds: 3_600,
        suppressedBy: () => undefined,
        acknowledged: () => false,
        offenderOf: ({ id }) => (world.pids[id] === undefined ? undefined : { pid: world.pids[id] }),
      });
      ({ alerts, history } = output);
      const result = correlate(incidents, output.transitions, {
        ...{ at, rules: BY_ID, groupSeconds: 300, waitSeconds: 0, intervalSeconds: STEP, repeatSeconds: 3_600 },
        paceOf: () => STEP,
        channelsFor: () => ['all'],
        acknowledged: new Map(),
      });
      incidents = result.incidents;
      for (const { announcement } of result.announcements) {
        const { id, kind, severity, rule } = announcement.transition;
        expect(ids.has(id)).toBe(false);
        ids.add(id);
        messages += 1;
        heard.push({ rule, text: `${kind} ${severity} ${rule}`, at });
      }
      for (const { fingerprint, kind, rule } of output.transitions) {
        if (kind !== 'firing') continue;
        const cause = own.find((one) => one.rules.includes(rule) && at >= one.from && at < ends(one));
        const its = incidents.find(
          ({ members }) => members[fingerprint]?.endedAt === undefined && members[fingerprint],
        );
        placed.set(`${fingerprint} ${at}`, { cause: `${cause?.name} ${cause?.from}`, incident: its?.id ?? '' });
      }
    }
    for (const one of own) {
      const its = heard.filter(({ rule, at }) => one.rules.includes(rule) && at >= one.from && at < ends(one));
      if (JSON.stringify(its.map(({ text }) => text)) !== JSON.stringify(one.heard))
        missed.push(`${cluster} ${one.name}: ${its.map(({ text }) => text).join(', ')}`);
    }
    const wanted = own.flatMap(({ heard: all }) => all).length;
    if (heard.length !== wanted) unwanted.push(`${cluster}: ${heard.map(({ text }) => text).join(', ')}`);
    const all = [...placed.values()];
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1)) {
        const [isOne, isPut] = [a.cause === b.cause, a.incident === b.incident];
        if (isOne) related += 1;
        if (isPut) grouped += 1;
        if (isOne && isPut) together += 1;
      }
    expect(incidents.filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
  }
  const [precision, recall] = [together / grouped, together / related];
  console.log(`${messages} messages; grouping: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`);
  expect({ missed, unwanted }).toEqual({ missed: [], unwanted: [] });
  expect(precision).toBe(1);
  expect(recall).toBe(1);
}, 120_000);
