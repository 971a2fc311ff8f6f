import * as z from 'zod';
import { hiddenSessions } from './hidden.ts';
import { waitingPids } from './lock-queues.ts';
import { isClient, isGroup, type SessionRow } from './session-row.ts';
import { ON_CPU } from './waits.ts';

/**
 * Active clients that have all of this in common, as a list to be small: how many, database, wait event type, wait event,
 * user, application, queryid, and the text where the server gives no queryid. The last four are null of sessions that were
 * only counted.
 */
const groupSchema = z.tuple([
  z.number(),
  z.string(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
]);
export type LoadGroup = z.output<typeof groupSchema>;

/** Active sessions of one pass, or on average of the passes of an hour or a day. */
export const loadSchema = z.object({
  /** When the pass was made, or the hour or day began: RFC 3339 by pgmon's clock. */
  at: z.string(),
  passes: z.number(),
  /** Sessions that wait for a lock. */
  blocked: z.number(),
  groups: z.array(groupSchema),
});
export type Load = z.output<typeof loadSchema>;

/** A text that stands for a statement without a queryid: enough to tell it from others. */
const TEXT_LENGTH = 120;

/** Groups of an hour or a day with their statement and user; the smaller ones keep database and wait only. */
const DETAILED = 150;

/**
 * Who was active in a pass, by everything that load is asked by. All are counted; the statement reads 50 to 275 of them by
 * name, and the others have neither user, application nor statement. Undefined where the role does not see who is active.
 */
export function loadOf(at: string, rows: readonly SessionRow[]): Load | undefined {
  if (hiddenSessions(rows) > 0) return undefined;
  const active = rows.filter((row) => isClient(row) && row.state === 'active');
  const counts = new Map<string, LoadGroup>();
  const add = (n: number, row: SessionRow, named: boolean) => {
    const [type, event] = [row.wait_event_type || ON_CPU.wait_event_type, row.wait_event || ON_CPU.wait_event];
    const id = named ? (row.query_id ?? null) : null;
    const text = named && id === null ? (row.query?.slice(0, TEXT_LENGTH) ?? null) : null;
    const [user, application] = named ? [row.user_name, row.application] : [null, null];
    merge(counts, [n, row.db, type, event, user, application, id, text]);
  };
  for (const row of active) {
    if (isGroup(row)) add(row.sessions ?? 0, row, false);
    else if (row.kind === 'session') {
      add(1, row, true);
      add(-1, row, false);
    }
  }
  // A state that is not in the groups, which are capped, would be a negative rest.
  const groups = [...counts.values()].filter(([n]) => n > 0);
  return { at, passes: 1, blocked: waitingPids(rows).size, groups };
}

/** The mean of loads as that of the time that began at `at`, each by its passes; undefined where there are none. */
export function meanLoad(at: string, loads: readonly Load[]): Load | undefined {
  const passes = loads.reduce((sum, load) => sum + load.passes, 0);
  if (passes === 0) return undefined;
  const counts = new Map<string, LoadGroup>();
  for (const load of loads)
    for (const [n, ...of] of load.groups) merge(counts, [(n * load.passes) / passes, ...of] as LoadGroup);
  const sorted = [...counts.values()].sort(([a], [b]) => b - a);
  const kept = new Map<string, LoadGroup>();
  for (const [i, group] of sorted.entries()) {
    const [n, db, type, event] = group;
    merge(kept, i < DETAILED ? [...group] : [n, db, type, event, null, null, null, null]);
  }
  const groups = [...kept.values()].map(([n, ...of]) => [Number(n.toPrecision(4)), ...of] as LoadGroup);
  const blocked = loads.reduce((most, load) => Math.max(most, load.blocked), 0);
  return { at, passes, blocked, groups };
}

function merge(counts: Map<string, LoadGroup>, [n, ...of]: LoadGroup): void {
  const key = JSON.stringify(of);
  const known = counts.get(key);
  if (known) known[0] += n;
  else counts.set(key, [n, ...of]);
}
