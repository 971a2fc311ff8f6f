import { z } from '@hono/zod-openapi';
import type { Loop } from '../config/loop.ts';
import type { LatestSnapshot, Snapshot } from '../metrics/snapshot.ts';
import type { Stores } from '../store/stores.ts';
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

/** What every answer about a target begins with. */
export const metaSchema = z.object({
  cluster: z.string(),
  taken_at: z
    .string()
    .nullable()
    .openapi({ description: 'When the data was collected, RFC 3339; null if the target has never answered.' }),
  age_seconds: z.number().nullable().openapi({ description: 'Age of the data.' }),
  stale: z.boolean().openapi({
    description:
      'Older than three intervals, or the target has not answered since: the last known state, not the current one.',
  }),
  problem: z.string().optional().openapi({ description: 'Why the target does not answer.' }),
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

/** What was last seen of a target: of the last pass, or of the one before it stopped answering. */
export function dataOf(latest: LatestSnapshot | undefined): Snapshot | undefined {
  return latest?.up ? latest : latest?.lastGood;
}

/** Meta of an answer from {@link dataOf} a snapshot, with what its collectors could not do. */
export function metaOf(
  cluster: string,
  loop: Loop,
  latest: LatestSnapshot | undefined,
  collectors: readonly string[],
  { intervals, now }: Reading,
): Meta {
  const data = dataOf(latest);
  const ageMs = data ? Math.max(0, now().getTime() - Date.parse(data.takenAt)) : Number.POSITIVE_INFINITY;
  const notes = (data?.outcomes ?? []).flatMap((outcome) => {
    const { collector, database, status, reason, hint, expected, rows, total } = outcome;
    if (expected || !collectors.includes(collector)) return [];
    const note = { collector, database, status };
    return [
      ...(reason === undefined ? [] : [{ ...note, reason, hint }]),
      ...(total === undefined ? [] : [{ ...note, reason: `the first ${rows} of ${total} are shown` }]),
    ];
  });
  return {
    cluster,
    taken_at: data?.takenAt ?? null,
    age_seconds: data ? ageMs / 1_000 : null,
    stale: !latest?.up || ageMs > 3 * (intervals.get(loop) ?? 60_000),
    problem: latest?.problem?.message,
    notes,
  };
}
