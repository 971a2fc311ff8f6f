import { z } from '@hono/zod-openapi';
import type { ReaderRole } from '../config/http.ts';
import type { Loop } from '../config/loop.ts';
import type { LatestSnapshot, Snapshot } from '../metrics/snapshot.ts';
import { PASS_DAYS } from '../store/past.ts';
import type { Stores } from '../store/stores.ts';
import { problemFor } from './hide-places.ts';
import { problem } from './problem.ts';

/** What the API is made from. */
export interface Reading {
  readonly stores: Stores;
  readonly clusters: readonly string[];
  /** Milliseconds between passes of the loops that run. */
  readonly intervals: ReadonlyMap<Loop, number>;
  readonly now: () => Date;
}

export const clusterQuery = z.string().min(1).optional().openapi({ description: 'Target; the first one by default.' });

/** Something that a collector could not do or see, and what would let it. */
const noteSchema = z.object({
  collector: z.string(),
  database: z.string().optional(),
  status: z.enum(['ok', 'skipped', 'failed']),
  reason: z.string(),
  hint: z.string().optional(),
});

export const sinceSchema = z
  .string()
  .optional()
  .openapi({ description: 'When the data begins, RFC 3339, where there is none of that time.' });

/** What every answer about a target begins with. */
export const metaSchema = z.object({
  cluster: z.string(),
  at: z.string().nullable().openapi({ description: 'The moment as of which this is shown, RFC 3339; null for now.' }),
  taken_at: z
    .string()
    .nullable()
    .openapi({ description: 'When the data was collected, RFC 3339; null if the target had never answered by then.' }),
  age_seconds: z.number().nullable().openapi({ description: 'Age of the data at that moment.' }),
  stale: z.boolean().openapi({
    description:
      'Older than three intervals, or the target has not answered since: the last known state, not the current one.',
  }),
  problem: z
    .string()
    .optional()
    .openapi({ description: 'Why the target does not answer; for viewers without its address.' }),
  since: sinceSchema,
  notes: z.array(noteSchema),
});
export type Meta = z.output<typeof metaSchema>;

/** The target that was asked for. @throws 404 */
export function clusterOf(asked: string | undefined, { clusters }: Reading): string {
  const cluster = asked ?? clusters[0];
  if (cluster === undefined) throw problem(404, 'No targets are being monitored.');
  if (!clusters.includes(cluster)) throw problem(404, `No target is named ${cluster}.`);
  return cluster;
}

/** What is known of a loop and target as of a moment. */
export interface Seen {
  /** The last pass up to then. */
  readonly snapshot: LatestSnapshot | undefined;
  /** Undefined for now. */
  readonly moment: Date | undefined;
  /** When the data begins, where there is none of that moment. */
  readonly since?: Date | undefined;
}

/**
 * What is known of a loop and target at a moment, or now: every endpoint reads through here. The other loops pass more
 * rarely than the hot one: where that has found the target down since, so is what they saw last.
 *
 * @param moment undefined for now
 */
export async function snapshotAt(
  reading: Reading,
  cluster: string,
  loop: Loop,
  moment: Date | undefined,
): Promise<Seen> {
  const [own, hot] = await Promise.all([
    passAt(reading, cluster, loop, moment),
    loop === 'hot' ? undefined : passAt(reading, cluster, 'hot', moment),
  ]);
  const data = dataOf({ snapshot: own });
  const isDown = hot && !hot.up && own?.up && hot.takenAt > own.takenAt;
  const snapshot: LatestSnapshot | undefined = isDown
    ? { ...own, up: false, problem: hot.problem, ...(data ? { lastGood: data } : {}) }
    : own;
  if (data || !moment) return { snapshot, moment };
  return { snapshot, moment, since: await reading.stores.past.since(cluster, loop, reading.now()) };
}

/** When the data of targets begins, RFC 3339, where that is after a time; undefined where some is of before. */
export async function beginsAfter(
  { stores, now }: Reading,
  clusters: readonly string[],
  time: Date,
): Promise<string | undefined> {
  const begins = await Promise.all(clusters.map((cluster) => stores.past.since(cluster, undefined, now())));
  const first = Math.min(...begins.flatMap((begin) => (begin ? [begin.getTime()] : [])));
  return Number.isFinite(first) && first > time.getTime() ? new Date(first).toISOString() : undefined;
}

async function passAt(
  { stores }: Reading,
  cluster: string,
  loop: Loop,
  moment: Date | undefined,
): Promise<LatestSnapshot | undefined> {
  const latest = await stores.snapshots.get(cluster, loop);
  if (!moment) return latest;
  const end = moment.toISOString();
  if (latest && latest.takenAt <= end) return latest;
  const kept = await stores.past.at(cluster, loop, moment);
  // Of a target that is down, the last lists are newer than those of the hour.
  const good = latest?.lastGood;
  return good && good.takenAt <= end && good.takenAt > (kept?.takenAt ?? '') ? good : kept;
}

/** What was last seen of a target: of the last pass, or of the one before it stopped answering. */
export function dataOf({ snapshot }: Pick<Seen, 'snapshot'>): Snapshot | undefined {
  return snapshot?.up ? snapshot : snapshot?.lastGood;
}

/** Meta of an answer from {@link dataOf} what was seen, with what its collectors could not do. */
export function metaOf(
  cluster: string,
  loop: Loop,
  seen: Seen,
  collectors: readonly string[],
  { intervals, now }: Reading,
  role: ReaderRole | undefined,
): Meta {
  const { snapshot, moment, since } = seen;
  const data = dataOf(seen);
  const at = moment ?? now();
  const ageMs = data ? Math.max(0, at.getTime() - Date.parse(data.takenAt)) : Number.POSITIVE_INFINITY;
  const notes = (data?.outcomes ?? []).flatMap((outcome) => {
    const { collector, database, status, reason, hint, expected, rows, total } = outcome;
    if (expected || !collectors.includes(collector)) return [];
    const note = { collector, database, status };
    return [
      ...(reason === undefined ? [] : [{ ...note, reason, hint }]),
      ...(total === undefined ? [] : [{ ...note, reason: `the first ${rows} of ${total} are shown` }]),
    ];
  });
  const spacingMs = moment && loop !== 'hot' ? spacingOf(now().getTime() - moment.getTime()) : 0;
  return {
    cluster,
    at: moment?.toISOString() ?? null,
    taken_at: data?.takenAt ?? null,
    age_seconds: data ? ageMs / 1_000 : null,
    stale: !snapshot?.up || ageMs > spacingMs + 3 * (intervals.get(loop) ?? 60_000),
    problem: problemFor(role, snapshot?.problem),
    since: since?.toISOString(),
    notes,
  };
}

/** Milliseconds between the lists that are kept of so long ago. */
function spacingOf(agoMs: number): number {
  return agoMs > PASS_DAYS * 86_400_000 ? 86_400_000 : 3_600_000;
}
