import { expect, test } from 'vitest';
import { evaluateRules } from '../../../src/alerts/engine.ts';
import { emptyRuleHistory } from '../../../src/alerts/state.ts';
import type { Transition } from '../../../src/alerts/transition.ts';
import type { Sample } from '../../../src/metrics/sample.ts';
import { random } from '../../support/random.ts';
import { rulesOf, sample } from './support.ts';

const START = Date.parse('2026-03-02T00:00:00Z') / 1_000;
const STEP = 15;
/** A week, and half of the next one. */
const PASSES = 60_480;
const MB = 1_048_576;

interface Incident {
  readonly day: number;
  readonly hour: number;
  readonly minutes: number;
  /** What it does to the world; `age` in seconds since it began. `down`: nothing answers. */
  readonly effect: (world: World, age: number) => void;
  /** What has to be heard, in this order. */
  readonly heard: readonly string[];
}

interface World {
  down: boolean;
  failed: boolean;
  canary: number;
  connections: number;
  transaction: number;
  blocked: number;
  tempPerSecond: number;
}

const incidents: readonly Incident[] = [
  // Locks that grow from bad to worse and end.
  {
    day: 0,
    hour: 10,
    minutes: 5,
    effect: (world, age) => {
      world.blocked = age;
    },
    heard: ['blocking_locks firing warning', 'blocking_locks escalated critical', 'blocking_locks resolved critical'],
  },
  // The same for half a minute only: over before anybody had to know.
  { day: 0, hour: 15, minutes: 0.5, effect: (world, age) => (world.blocked = age), heard: [] },
  // A value that goes up and down around its threshold for two hours.
  {
    day: 1,
    hour: 9,
    minutes: 120,
    effect: (world, age) => {
      world.canary = Math.floor(age / 75) % 2 ? 0.02 : 0.8;
    },
    heard: ['canary_slow firing warning', 'canary_slow resolved warning'],
  },
  // Connections at 97 % for three hours and a half: critical, and said again every hour.
  {
    day: 2,
    hour: 12,
    minutes: 210,
    effect: (world) => {
      world.connections = 970;
    },
    heard: [
      'connection_saturation firing critical',
      'connection_saturation repeated critical',
      'connection_saturation repeated critical',
      'connection_saturation repeated critical',
      'connection_saturation resolved critical',
    ],
  },
  // The server goes away in the middle of a long transaction, and comes back without it.
  {
    day: 3,
    hour: 3,
    minutes: 30,
    effect: (world, age) => {
      world.transaction = age > 600 ? 0 : 200 + age;
      world.down = age > 480;
    },
    heard: [
      'long_transaction firing warning',
      'server_down firing critical',
      'server_down resolved critical',
      'long_transaction resolved warning',
    ],
  },
  // A flash of two missed passes is no outage.
  { day: 3, hour: 18, minutes: 0.5, effect: (world) => (world.down = true), heard: [] },
  // The collector fails while a transaction is open: no data is no good news.
  {
    day: 4,
    hour: 11,
    minutes: 40,
    effect: (world, age) => {
      world.transaction = 400 + age;
      world.failed = age > 600;
    },
    heard: ['long_transaction firing warning', 'long_transaction no-data warning', 'long_transaction resolved warning'],
  },
  // Temp files at twenty times what is usual, for half an hour, after days in which usual was learnt.
  {
    day: 5,
    hour: 14,
    minutes: 30,
    effect: (world) => {
      world.tempPerSecond = 400 * MB;
    },
    heard: ['temp_surge firing warning', 'temp_surge resolved warning'],
  },
  // In the maintenance window of Saturday night nobody is notified.
  { day: 5, hour: 23, minutes: 20, effect: (world) => (world.blocked = 300), heard: [] },
];

test('a week of passes gives exactly what has to be heard: nothing lost, nothing twice, no flapping', () => {
  const next = random(20_260_302);
  const noise = (least: number, most: number) => least + next() * (most - least);
  // Temporary files are read with the workload loop.
  const rules = rulesOf().filter(
    ({ id, loop, enabled }) => enabled && (loop === 'hot' || loop === 'every' || id === 'temp_surge'),
  );
  let [alerts, history] = [{}, emptyRuleHistory] as [
    Parameters<typeof evaluateRules>[0]['alerts'],
    typeof emptyRuleHistory,
  ];
  let tempBytes = 0;
  const transitions: Transition[] = [];
  for (let i = 0; i < PASSES; i++) {
    const at = START + i * STEP;
    const hour = ((at - START) / 3_600) % 24;
    const wave = 1 + Math.sin(((hour - 8) / 24) * 2 * Math.PI);
    const world: World = {
      down: false,
      failed: false,
      canary: noise(0.001, 0.02) + (next() < 0.002 ? 0.9 : 0),
      connections: Math.round(150 + 150 * wave + noise(-40, 40)),
      transaction: noise(0, 120) + (next() < 0.01 ? 150 : 0),
      blocked: next() < 0.03 ? noise(0, 25) : 0,
      tempPerSecond: (15 + 5 * wave + noise(-3, 3)) * MB,
    };
    for (const { day, hour: begins, minutes, effect } of incidents) {
      const age = at - (START + day * 86_400 + begins * 3_600);
      if (age >= 0 && age < minutes * 60) effect(world, age);
    }
    tempBytes += world.tempPerSecond * STEP;
    const samples: Sample[] = world.down
      ? [sample('pgmon_target_down', 1, { kind: 'unreachable' })]
      : [
          sample('pg_canary_seconds', world.canary),
          sample('pg_max_connections', 1_003),
          sample('pg_reserved_connections', 3),
          sample('pg_used_connection_slots', world.connections),
          sample('pg_longest_blocked_seconds', world.blocked),
          sample('pg_longest_query_seconds', noise(0, 60)),
          sample('pg_longest_idle_in_transaction_seconds', noise(0, 30)),
          sample('pg_temp_bytes_total', tempBytes, { db: 'shop' }),
          ...(world.failed ? [] : [sample('pg_longest_transaction_seconds', world.transaction)]),
        ];
    const output = evaluateRules({
      cluster: 'shop',
      rules,
      samples,
      up: !world.down,
      hasData: (metric) => !(world.failed && metric === 'pg_longest_transaction_seconds'),
      alerts,
      history,
      at,
      intervalSeconds: STEP,
      repeatSeconds: 3_600,
      suppressedBy: () =>
        at >= START + 5 * 86_400 + 22 * 3_600 && at < START + 6 * 86_400 ? 'maintenance' : undefined,
      acknowledged: () => false,
      offenderOf: () => undefined,
    });
    ({ alerts, history } = output);
    transitions.push(...output.transitions);
  }
  const heard = transitions.filter(({ suppressed }) => !suppressed);
  const byIncident = incidents.map(({ day, hour, minutes }) => {
    const from = START + day * 86_400 + hour * 3_600;
    // An alert ends up to a quarter of an hour after its cause, for temp files another window of five minutes.
    const inside = heard.filter(
      ({ at }) => Date.parse(at) / 1_000 >= from && Date.parse(at) / 1_000 < from + minutes * 60 + 1_800,
    );
    return inside.map(({ rule, kind, severity }) => `${rule} ${kind} ${severity}`);
  });
  expect(byIncident).toEqual(incidents.map((incident) => incident.heard));
  // Nothing besides.
  expect(heard).toHaveLength(incidents.flatMap((incident) => incident.heard).length);
  // What happened in the window is known all the same.
  expect(transitions.filter(({ suppressed }) => suppressed).map(({ rule, kind }) => `${rule} ${kind}`)).toEqual([
    'blocking_locks firing',
    'blocking_locks resolved',
  ]);
}, 120_000);
