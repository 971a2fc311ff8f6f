import { z } from '@hono/zod-openapi';
import type { Loop } from '../config/loop.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
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

export const clusterQuery = z.string().min(1).optional().openapi({ description: 'Target; the first one without it.' });

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
  taken_at: z.string().nullable().openapi({ description: 'RFC 3339; null before the first pass.' }),
  stale: z.boolean().openapi({ description: 'Older than three intervals, or the target did not answer.' }),
  problem: z.string().optional().openapi({ description: 'Why the target did not answer.' }),
  notes: z.array(noteSchema),
});
export type Meta = z.output<typeof metaSchema>;

/** The target that was asked for. @throws 404 */
export function clusterOf(asked: string | undefined, { clusters }: Reading): string {
  const cluster = asked ?? clusters[0];
  if (cluster === undefined) throw problem(404, 'No target is watched.');
  if (!clusters.includes(cluster)) throw problem(404, `No target is called ${cluster}.`);
  return cluster;
}

/** Meta of an answer from a snapshot, with what its collectors could not do. */
export function metaOf(
  cluster: string,
  loop: Loop,
  snapshot: Snapshot | undefined,
  collectors: readonly string[],
  { intervals, now }: Reading,
): Meta {
  const ageMs = snapshot ? now().getTime() - Date.parse(snapshot.takenAt) : Number.POSITIVE_INFINITY;
  const notes = (snapshot?.outcomes ?? []).flatMap(({ collector, database, status, reason, hint, expected }) => {
    if (expected || reason === undefined || !collectors.includes(collector)) return [];
    return [{ collector, ...(database ? { database } : {}), status, reason, ...(hint ? { hint } : {}) }];
  });
  return {
    cluster,
    taken_at: snapshot?.takenAt ?? null,
    stale: !snapshot?.up || ageMs > 3 * (intervals.get(loop) ?? 60_000),
    ...(snapshot?.problem ? { problem: snapshot.problem.message } : {}),
    notes,
  };
}
