import type { Loop } from '../config/loop.ts';
import type { Outcome, Snapshot } from '../metrics/snapshot.ts';

export interface Health {
  readonly ok: boolean;
  readonly reasons: readonly string[];
  /** What does not stop pgmon but wants mending: findings and skipped collectors. */
  readonly warnings: readonly string[];
}

/**
 * Whether pgmon does its work: every target answers and every loop runs on schedule.
 *
 * @param intervals milliseconds between passes of the loops that are expected to run
 * @param startedAt when pgmon began: loops are not late before they had their first turn. Undefined where that is not
 *   known: a loop that never ran is then only a warning, and one that ran is late by its last pass
 */
export function healthOf(
  clusters: readonly string[],
  snapshots: readonly Snapshot[],
  intervals: ReadonlyMap<Loop, number>,
  startedAt: Date | undefined,
  now: Date,
): Health {
  const reasons: string[] = [];
  const warnings: string[] = [];
  for (const cluster of clusters) {
    for (const [loop, intervalMs] of intervals) {
      const snapshot = snapshots.find((s) => s.cluster === cluster && s.loop === loop);
      // Twice the interval and a bit: one late pass is no illness.
      const patienceMs = 2 * intervalMs + 10_000;
      const since = [snapshot ? Date.parse(snapshot.takenAt) : undefined, startedAt?.getTime()];
      const lastSeen = Math.max(...since.filter((time) => time !== undefined));
      const ageMs = Number.isFinite(lastSeen) ? now.getTime() - lastSeen : 0;
      if (!Number.isFinite(lastSeen)) warnings.push(`${cluster}: the ${loop} loop has not run yet`);
      if (ageMs > patienceMs) {
        reasons.push(
          `${cluster}: the ${loop} loop has not run for ${Math.round(ageMs / 1_000)} s, it should every ${intervalMs / 1_000} s`,
        );
      } else if (snapshot?.problem) {
        reasons.push(`${cluster}: ${snapshot.problem.message}`);
      }
      if (!snapshot) continue;
      for (const { severity, message, hint } of snapshot.findings) {
        if (severity !== 'ok') warnings.push(`${cluster}: ${message}${hint ? ` — ${hint}` : ''}`);
      }
      warnings.push(...snapshot.outcomes.flatMap((outcome) => warningOf(cluster, outcome)));
    }
  }
  return { ok: reasons.length === 0, reasons: [...new Set(reasons)], warnings: [...new Set(warnings)] };
}

/** What a collector could not do or see; what has no place on this server is no warning. */
function warningOf(cluster: string, { collector, database, status, reason, hint, expected }: Outcome): string[] {
  if (expected || (status === 'ok' && !reason)) return [];
  const place = database === undefined ? '' : ` in ${database}`;
  const state = status === 'ok' ? '' : ` ${status}`;
  return [`${cluster}: ${collector}${place}${state}: ${reason ?? ''}${hint ? ` — ${hint}` : ''}`];
}
