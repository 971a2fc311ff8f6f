import type { Loop } from '../config/loop.ts';
import { type Outcome, refusalOf, type Snapshot } from '../metrics/snapshot.ts';

/** How a pass ended; with what it could not see, where that is asked for. */
export type Pass = Pick<Snapshot, 'cluster' | 'loop' | 'takenAt'> &
  Partial<Pick<Snapshot, 'findings' | 'outcomes'>> & { readonly problem?: { readonly message: string } | undefined };

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
  passes: readonly Pass[],
  intervals: ReadonlyMap<Loop, number>,
  startedAt: Date | undefined,
  now: Date,
): Health {
  const reasons: string[] = [];
  const warnings: string[] = [];
  const byPlace = new Map(passes.map((pass) => [`${pass.loop} ${pass.cluster}`, pass]));
  for (const cluster of clusters) {
    for (const [loop, intervalMs] of intervals) {
      const pass = byPlace.get(`${loop} ${cluster}`);
      // Twice the interval and a bit: one late pass is no illness.
      const patienceMs = 2 * intervalMs + 10_000;
      const since = [pass ? Date.parse(pass.takenAt) : undefined, startedAt?.getTime()];
      const lastSeen = Math.max(...since.filter((time) => time !== undefined));
      const ageMs = Number.isFinite(lastSeen) ? now.getTime() - lastSeen : 0;
      if (!Number.isFinite(lastSeen)) warnings.push(`${cluster}: the ${loop} loop has not run yet`);
      if (ageMs > patienceMs) {
        reasons.push(
          `${cluster}: the ${loop} loop has not run for ${Math.round(ageMs / 1_000)} s; its interval is ${intervalMs / 1_000} s`,
        );
      } else if (pass?.problem) {
        reasons.push(`${cluster}: ${pass.problem.message}`);
      }
      if (!pass) continue;
      const refused = refusalOf(pass.findings ?? []);
      for (const finding of pass.findings ?? []) {
        const { severity, message, hint } = finding;
        const text = `${cluster}: ${message}${hint ? ` — ${hint}` : ''}`;
        if (finding === refused) reasons.push(text);
        else if (severity !== 'ok') warnings.push(text);
      }
      warnings.push(...(pass.outcomes ?? []).flatMap((outcome) => warningOf(cluster, outcome)));
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
