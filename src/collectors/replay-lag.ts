import * as z from 'zod';

/** Where WAL had been received to at the times of earlier passes, oldest first; what is replayed is dropped but for the last. */
export const receivedSchema = z.array(z.object({ at: z.number(), position: z.number() }));
export type Received = z.output<typeof receivedSchema>;

export interface Replay {
  /** Bytes since the beginning of WAL; null where nothing was ever streamed (WAL comes from an archive). */
  readonly received: number | null;
  readonly replayed: number | null;
  /** When the last replayed commit was made on the primary, epoch seconds. */
  readonly replayedCommit: number | null;
}

/** A replay that was paused for days would hold every minute of them. */
const MOST = 200;

/**
 * Seconds that the oldest WAL not yet replayed has waited on this standby, at least: it arrived no later than the first
 * pass that saw more received than is replayed now. Where commits were replayed since the pass before that one, the age of the
 * last of them is closer; where none was, that age would count the silence on the primary before the WAL came (an hour of
 * silence and a minute of conflict are 61 minutes by it, and one minute here).
 *
 * @param seen what {@link received} gave after the pass before; undefined where there was none
 * @returns 0 where all is replayed, null while it is unknown
 */
export function replayLag(seen: Received | undefined, now: number, replay: Replay): number | null {
  const { received, replayed, replayedCommit } = replay;
  if (replayed === null) return null;
  if (received === null) return replayedCommit === null ? null : Math.max(0, now - replayedCommit);
  if (replayed >= received) return 0;
  const known = seen ?? [];
  const waiting = [...known, { at: now, position: received }].find(({ position }) => position > replayed);
  const caughtUp = known.findLast(({ position }) => position <= replayed);
  if (!waiting || known.length === 0) return null;
  const atLeast = now - waiting.at;
  if (caughtUp === undefined || replayedCommit === null || replayedCommit < caughtUp.at) return atLeast;
  return Math.max(atLeast, now - replayedCommit);
}

/** What the next pass has to know of this one. A position that went back (another timeline) begins a new list. */
export function received(seen: Received | undefined, now: number, replay: Replay): Received {
  if (replay.received === null) return [];
  const last = seen?.at(-1);
  const known = last && last.position <= replay.received ? (seen ?? []) : [];
  const all = [...known, { at: now, position: replay.received }];
  const caughtUp = all.findLastIndex(({ position }) => position <= (replay.replayed ?? 0));
  const kept = all.slice(Math.max(0, caughtUp));
  // Every second one goes, and neither the oldest nor the newest: what waits longest stays exact.
  return kept.length <= MOST ? kept : kept.filter((_, i) => i < 2 || i % 2 === 0 || i === kept.length - 1);
}
