import type { LimitedVisibility, NoRateSample } from '../transform.ts';
import { isGroup, type SessionRow } from './session-row.ts';

/** A session in a database of which the server shows neither kind nor state: the role lacks `pg_read_all_stats`. */
const isHidden = (row: SessionRow): boolean => isGroup(row) && row.backend_type === 'unknown' && row.db !== '';

/** How many sessions hide what they do from this role: ages, waits and locks of them are unknown, which is not 0. */
export function hiddenSessions(rows: readonly SessionRow[]): number {
  return rows.filter(isHidden).reduce((sum, { sessions }) => sum + (sessions ?? 0), 0);
}

/** No value for these metrics, and why. */
export function hiddenSamples(metrics: readonly string[]): NoRateSample[] {
  return metrics.map((metric) => ({ metric, labels: {}, noRate: 'hidden' }));
}

/** What to say of them, and what lets them be seen. */
export function hiddenNote(hidden: number): LimitedVisibility | undefined {
  if (hidden === 0) return undefined;
  return {
    reason: `${hidden} sessions of other users are hidden from this role: their states, ages, waits and locks are unknown`,
    hint: 'GRANT pg_monitor TO the role that pgmon logs in as.',
  };
}
