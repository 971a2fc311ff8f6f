import type { LimitedVisibility } from '../transform.ts';
import { waitingPids } from './lock-queues.ts';
import type { SessionRow } from './session-row.ts';

/** The LIMIT of the groups in the statement. */
const GROUPS = 500;

/** What of the sessions was only counted, or not even that. */
export function cutOf(rows: readonly SessionRow[]): LimitedVisibility | undefined {
  const waiting = waitingPids(rows);
  const named = rows.filter(({ kind, pid }) => kind === 'session' && pid !== null && waiting.has(pid)).length;
  const groups = rows.filter(({ kind }) => kind === 'group' || kind === 'own').length;
  const reasons = [
    // One that ended between the list of sessions and the lock table has no row, which is no cut.
    ...(waiting.size - named > 0 && named >= 100
      ? [
          `${named} of ${waiting.size} blocked sessions have details, those that have waited longest; the others are only counted`,
        ]
      : []),
    ...(groups >= GROUPS
      ? [`${GROUPS} groups of sessions, the largest, were counted: totals may lack the others`]
      : []),
  ];
  return reasons.length > 0 ? { reason: reasons.join('; ') } : undefined;
}
