import type { Loop } from '../config/loop.ts';

/** Primary key of an item: what is read together shares `pk`, in the order of `sk`. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Every kind of item in the table, in one place. Times in keys are RFC 3339 UTC, which sort as text. */
export const keys = {
  /** A target that was ever watched, with how its loops ended last. */
  target: (cluster: string): Key => ({ pk: spread('TARGETS', cluster), sk: cluster }),
  /** Latest snapshot of a loop. */
  latest: (cluster: string, loop: Loop): Key => ({ pk: `LATEST#${cluster}`, sk: loop }),
  /** State of a loop for a target, from pass to pass. The key has its earlier name, under which stored states are found. */
  loopState: (cluster: string, loop: Loop, part: 'state' | 'bulk'): Key => ({
    pk: `MEMORY#${cluster}`,
    sk: `${loop} ${part}`,
  }),
  /** Alerts of a target and loop. */
  alerts: (cluster: string, loop: Loop): Key => ({ pk: `ALERTS#${cluster}`, sk: loop }),
  /** Open incidents of a target, and those that may be open again. */
  incidents: (cluster: string): Key => ({ pk: `INCIDENTS#${cluster}`, sk: 'open' }),
  /** An incident that is over; of many targets together, so that the newest are found first. */
  pastIncident: (cluster: string, openedAt: Date, id: string): Key => ({
    pk: spread(incidentMonth(openedAt), cluster),
    sk: `${openedAt.toISOString()} ${id}`,
  }),
  /** A notification that somebody still waits for, those of all loops together: loop, time and id. */
  outbox: (cluster: string, entry: string): Key => ({ pk: `OUTBOX#${cluster}`, sk: entry }),
  /** What the rules of a loop look back at: baselines and windows. */
  ruleHistory: (cluster: string, loop: Loop): Key => ({ pk: `MEMORY#${cluster}`, sk: `${loop} alerts` }),
  /** A change of an alert; of many targets together, so that the newest are found first. */
  transition: (cluster: string, at: Date, id: string): Key => ({
    pk: spread(transitionMonth(at), cluster),
    sk: `${at.toISOString()} ${id}`,
  }),
  /** Who runs a loop over a shard just now. */
  lease: (loop: Loop, shard: string): Key => ({ pk: 'LEASES', sk: `${loop} ${shard}` }),
  /** What a channel took of an alert. */
  receipt: (channel: string, fingerprint: string): Key => ({ pk: `RECEIPT#${channel}`, sk: fingerprint }),
  /** Until when a channel asked to be left alone. */
  pause: (channel: string): Key => ({ pk: `RECEIPT#${channel}`, sk: 'pause' }),
  silence: (id: string): Key => ({ pk: 'SILENCES', sk: id }),
  /** That somebody has acknowledged an alert. */
  acknowledgement: (fingerprint: string): Key => ({ pk: 'ACKNOWLEDGEMENTS', sk: fingerprint }),
  /** Text of a statement. */
  statement: (cluster: string, queryid: string): Key => ({ pk: `STATEMENT#${cluster}`, sk: queryid }),
  /** Rows of one kind (statements) as they were in a minute. */
  top: (cluster: string, kind: string, minute: Date): Key => ({
    pk: topDay(cluster, kind, minute),
    sk: minute.toISOString().slice(0, 16),
  }),
  /** The hot passes of a minute. */
  pass: (cluster: string, minute: Date): Key => ({
    pk: pastDay(cluster, minute),
    sk: minute.toISOString().slice(0, 16),
  }),
  /** The lists of a loop as they were in an hour. */
  lists: (cluster: string, loop: Loop, at: Date): Key => ({
    pk: pastPartition(cluster, loop),
    sk: at.toISOString().slice(0, 13),
  }),
  /** Who was active in the passes of a minute. */
  activity: (cluster: string, minute: Date): Key => ({
    pk: activityDay(cluster, minute),
    sk: minute.toISOString().slice(0, 16),
  }),
  /** Who was active in an hour or a day, on average; of minutes in each five of an hour. */
  activityPeriod: (cluster: string, period: Period, at: Date): Key => ({
    pk: activityPeriods(cluster, period),
    sk: at.toISOString().slice(0, period === 'days' ? PERIOD_LENGTH.days : PERIOD_LENGTH.hours),
  }),
  /** What statements did in five minutes, an hour or a day. */
  statementPeriod: (cluster: string, period: Period, at: Date): Key => ({
    pk: statementPeriods(cluster, period),
    sk: at.toISOString().slice(0, PERIOD_LENGTH[period]),
  }),
  /** Many steps of every series: of points ten minutes, of minutes an hour, of hours a day, of days a month. */
  series: (cluster: string, resolution: Resolution, at: Date): Key => ({
    pk: seriesPartition(cluster, resolution),
    sk: at.toISOString().slice(0, BLOCK_LENGTH[resolution]),
  }),
  /** Events of a minute that one pass found, or one that was posted; the routine ones apart from the rest. */
  event: (cluster: string, routine: boolean, minute: Date, id: string): Key => ({
    pk: eventMonth(cluster, routine, minute),
    sk: `${minute.toISOString().slice(0, 16)} ${id}`,
  }),
  /** What was posted under an id, which is taken once. */
  postedEvent: (cluster: string, id: string): Key => ({ pk: `EVENTS#${cluster}#posted`, sk: id }),
  /** All points of a minute; a partition a day, so that a day can be dropped whole where there is no TTL. */
  minute: (cluster: string, minute: Date): Key => ({
    pk: historyDay(cluster, minute),
    sk: minute.toISOString().slice(0, 16),
  }),
} as const;

/** Partition of a target's history of one UTC day. */
export function historyDay(cluster: string, at: Date): string {
  return `HISTORY#${cluster}#${at.toISOString().slice(0, 10)}`;
}

/** Partition of a target's top-N snapshots of one kind and UTC day. */
export function topDay(cluster: string, kind: string, at: Date): string {
  return `TOP#${cluster}#${kind}#${at.toISOString().slice(0, 10)}`;
}

/** Partition of a target's hot passes of one UTC day. */
export function pastDay(cluster: string, at: Date): string {
  return `PAST#${cluster}#${at.toISOString().slice(0, 10)}`;
}

/** Partition of the lists of a target and loop: 168 of a week, and one for each of 400 days. */
export function pastPartition(cluster: string, loop: Loop): string {
  return `PAST#${cluster}#${loop}`;
}

/** Partition of who was active in a target's passes of one UTC day. */
export function activityDay(cluster: string, at: Date): string {
  return `ACTIVITY#${cluster}#${at.toISOString().slice(0, 10)}`;
}

/** Partition of who was active in a target's minutes, hours or days. */
export function activityPeriods(cluster: string, period: Period): string {
  return `ACTIVITY#${cluster}#${period}`;
}

/** Length of the sort key of what is summed up: the beginning of its RFC 3339 time that all of it shares. */
const PERIOD_LENGTH = {
  minutes: '2026-01-01T00:00'.length,
  hours: '2026-01-01T00'.length,
  days: '2026-01-01'.length,
} as const;
type Period = keyof typeof PERIOD_LENGTH;

/** Partition of what a target's statements did in five minutes, hours, or days. */
export function statementPeriods(cluster: string, period: Period): string {
  return `WORK#${cluster}#${period}`;
}

/** Length of the sort key of a block: the beginning of its RFC 3339 time that all of it shares. */
const BLOCK_LENGTH = {
  points: '2026-01-01T00:0'.length,
  minutes: '2026-01-01T00'.length,
  hours: '2026-01-01'.length,
  days: '2026-01'.length,
} as const;
type Resolution = keyof typeof BLOCK_LENGTH;

/** Partition of a target's series at a resolution. */
export function seriesPartition(cluster: string, resolution: Resolution): string {
  return `ROLLUP#${cluster}#${resolution}`;
}

/** Partition of a target's hours of one month, as versions before the blocks kept them. */
export function olderHoursMonth(cluster: string, at: Date): string {
  return `ROLLUP#${cluster}#${at.toISOString().slice(0, 7)}`;
}

/** Partition of a target's events of one month. Routine ones are a thousand times as many: a year of the others is read without them. */
export function eventMonth(cluster: string, routine: boolean, at: Date): string {
  return `${routine ? 'ROUTINE' : 'EVENTS'}#${cluster}#${at.toISOString().slice(0, 7)}`;
}

/** What all targets write into is this many partitions: one takes 1,000 writes a second, and is read as one page. */
const PARTITIONS = 8;

/** All partitions over which a name is spread. */
export function partitionsOf(name: string): readonly string[] {
  return Array.from({ length: PARTITIONS }, (_, i) => partition(name, i));
}

/** The partition of a name in which a target has its items. */
function spread(name: string, cluster: string): string {
  let hash = 0x811c9dc5; // FNV-1a: two names that differ in a digit are in different partitions
  for (const byte of Buffer.from(cluster)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return partition(name, hash % PARTITIONS);
}

/** The first has the bare name, under which everything was before it was spread. */
function partition(name: string, i: number): string {
  return i === 0 ? name : `${name}#${i}`;
}

/** The name over whose partitions the changes of alerts of a month are spread. */
export function transitionMonth(at: Date): string {
  return `TRANSITIONS#${at.toISOString().slice(0, 7)}`;
}

/** The name over whose partitions the incidents that opened in a month are spread. */
export function incidentMonth(at: Date): string {
  return `PASTINCIDENTS#${at.toISOString().slice(0, 7)}`;
}

/** Kinds of items, by the partitions in which they are; `*` is any text. */
const KINDS = {
  target: ['TARGETS', 'TARGETS#*'],
  latest: ['LATEST#*'],
  state: ['MEMORY#*'],
  alerts: ['ALERTS#*'],
  outbox: ['OUTBOX#*'],
  transition: ['TRANSITIONS#*'],
  incident: ['INCIDENTS#*'],
  pastIncident: ['PASTINCIDENTS#*'],
  lease: ['LEASES'],
  receipt: ['RECEIPT#*'],
  silence: ['SILENCES'],
  acknowledgement: ['ACKNOWLEDGEMENTS'],
  statement: ['STATEMENT#*'],
  top: ['TOP#*'],
  past: ['PAST#*'],
  activity: ['ACTIVITY#*'],
  statementPeriod: ['WORK#*'],
  series: ['ROLLUP#*'],
  event: ['EVENTS#*'],
  routineEvent: ['ROUTINE#*'],
  minute: ['HISTORY#*'],
} as const;
export type Kind = keyof typeof KINDS;

/** What one of a deployment's Lambdas writes, and by which operations of DynamoDB; readers that write nothing are not here. */
export interface Writes {
  readonly operations: readonly ('PutItem' | 'UpdateItem' | 'DeleteItem')[];
  readonly kinds: readonly Kind[];
}
export type Writer = 'loops' | 'api' | 'notifier';

/**
 * Who writes what on AWS. The grants of the Lambdas are made of it, and `test/integration/lambda/grants.test.ts` holds
 * what they really write against it.
 */
export const WRITES: Readonly<Record<Writer, Writes>> = {
  loops: {
    operations: ['PutItem', 'UpdateItem', 'DeleteItem'],
    kinds: [
      'target',
      'latest',
      'state',
      'alerts',
      'outbox',
      'transition',
      'incident',
      'pastIncident',
      'lease',
      'acknowledgement',
      'statement',
      'top',
      'past',
      'activity',
      'statementPeriod',
      'series',
      'minute',
      'event',
      'routineEvent',
    ],
  },
  api: { operations: ['PutItem', 'DeleteItem'], kinds: ['silence', 'acknowledgement', 'event'] },
  notifier: { operations: ['PutItem'], kinds: ['receipt'] },
};

/** The partitions of kinds of items, as IAM compares the condition key `dynamodb:LeadingKeys`. */
export function leadingKeysOf(kinds: readonly Kind[]): string[] {
  return kinds.flatMap((kind) => KINDS[kind]);
}

/** Kinds that only the holder of a loop's lease writes. */
const FENCED = ['LATEST#', 'MEMORY#', 'ALERTS#', 'INCIDENTS#', 'OUTBOX#', 'WORK#', 'ROLLUP#'];

/** Whether an item belongs to the holder of its loop's lease. */
export function isFenced({ pk }: Key): boolean {
  return FENCED.some((kind) => pk.startsWith(kind));
}
