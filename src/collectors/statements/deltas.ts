import * as z from 'zod';
import type { NoRateReason } from '../../metrics/rates.ts';
import { rowsSchema } from '../columns.ts';
import type { Interval } from '../transform.ts';
import { finishedSchema, tallySchema } from './hours.ts';
import { noWork, type Work } from './period.ts';
import { type ServerRow, type StatementRow, statementColumns } from './row.ts';
import { watchSchema } from './watch.ts';

/** What a statement did between two passes, and in all; those of all users and levels together. */
export interface Statement {
  readonly db: string;
  readonly queryid: string;
  readonly total: Work;
  /** Undefined where this statement has no baseline to compare with. */
  readonly interval: Work | undefined;
  /** Whether it came in the interval, of all users: not after a reset, when all of them do. */
  readonly isNew: boolean;
}

/** Calls of one entry in the interval with their mean and standard deviation, which is exact. */
export interface Timing {
  readonly db: string;
  readonly toplevel: boolean;
  readonly calls: number;
  readonly meanSeconds: number;
  readonly stddevSeconds: number;
}

export interface Compared {
  readonly statements: readonly Statement[];
  readonly timings: readonly Timing[];
  /** What the intervals cover, or why there is none. */
  readonly interval: Interval;
  /** Entries that were evicted in the interval, at least: what they did in it is known to nobody. */
  readonly evicted: number;
}

/** The server's table of statements as one pass read it, our own entries counted and left out; kept for the next one. */
export const tableSchema = z.object({
  /** Database clock, epoch seconds. */
  at: z.number(),
  entries: z.number(),
  /** When all counters were last reset, epoch seconds; null before 1.9. */
  reset: z.number().nullable(),
  evictions: z.number().nullable(),
  /** Whether entries of other users were visible. */
  seesAll: z.boolean(),
  rows: rowsSchema(statementColumns),
  /** What every statement did in this hour, and the hour before until the table has it. */
  tally: tallySchema.optional(),
  finished: finishedSchema.optional(),
  watch: watchSchema.optional(),
});
export type StatementTable = z.output<typeof tableSchema>;

/** @param server what was said of all entries together; without it nobody's entries are known to be visible */
export function tableOf(entries: readonly StatementRow[], at: number, server: ServerRow | undefined): StatementTable {
  return {
    at,
    entries: entries.length,
    reset: server?.stats_reset ?? null,
    evictions: server?.evictions ?? null,
    seesAll: server?.sees_all ?? false,
    rows: entries.filter(({ own }) => !own),
  };
}

/** More than this share of the baseline gone or restarted is no longer a matter of single entries. */
const LOST_SHARE = 0.5;

/** An answer of so many may have left some out. */
export const MOST_ENTRIES = 20_000;

/** Right after a reset a rate would be of a few calls. */
const SHORTEST_SECONDS = 1;

/** A restart that took longer is a gap. */
const LONGEST_RESTART_SECONDS = 900;

/**
 * Compares all entries of two passes. The baseline holds every entry, so one that is not in it was made since, and all
 * of its calls are of the interval, or it was hidden from us until now: its `since` (1.11) tells. One that is older and was
 * not hidden has ended for the first time: the server makes the entry when a statement begins, and shows it when it ended.
 *
 * From 1.9 the server says when all was reset: what it counts is then of the time since, in a restart or not, and
 * where there was no reset a restart has lost nothing. Before 1.9 most of the baseline gone means a reset.
 */
export function compare(now: StatementTable, before: StatementTable | undefined, between: Interval): Compared {
  const span = before ? spanOf(now, before, between) : { noRate: 'noRate' in between ? between.noRate : 'first-run' };
  const { rows } = now;
  const nothing = (noRate: NoRateReason): Compared => ({
    statements: gathered(rows, () => undefined, true),
    timings: [],
    interval: { noRate },
    evicted: 0,
  });
  if (!before || 'noRate' in span) return nothing('noRate' in span ? span.noRate : 'first-run');
  const old = new Map(span.fresh ? [] : before.rows.map((row) => [keyOf(row), row]));
  const baselines = new Map<StatementRow, StatementRow | 'whole'>();
  const places = new Set(before.seesAll && before.entries < MOST_ENTRIES ? before.rows.map(({ db }) => db) : []);
  let [kept, present] = [0, 0];
  for (const row of rows) {
    const previous = old.get(keyOf(row));
    if (previous) present += 1;
    if (previous && previous.since === row.since && !wentBack(previous, row)) {
      kept += 1;
      baselines.set(row, previous);
    } else if (
      row.since === null ? !previous : span.fresh || row.since >= before.at || (!previous && places.has(row.db))
    ) {
      baselines.set(row, 'whole');
    }
  }
  if (now.reset === null && old.size - kept > old.size * LOST_SHARE) return nothing('reset');
  return {
    statements: gathered(rows, (row) => baselines.get(row), span.fresh),
    timings: rows.flatMap((row) => timing(row, baselines.get(row))),
    interval: { seconds: span.seconds },
    evicted: now.evictions === null ? old.size - present : victims(now, span.fresh ? 0 : (before.evictions ?? 0)),
  };
}

type Span = { readonly seconds: number; readonly fresh: boolean } | { readonly noRate: NoRateReason };

/** The time that the counters cover; `fresh`: all of them began in it. */
function spanOf(now: StatementTable, before: StatementTable, between: Interval): Span {
  // What was hidden until now would count its whole life.
  if (now.seesAll && !before.seesAll) return { noRate: 'first-run' };
  // Counters outlive a restart, or say that they did not; a gap or a clock that stood still is another matter.
  const outlived = 'seconds' in between || between.noRate === 'restart' || between.noRate === 'failover';
  if (now.reset === null || before.reset === null || !outlived)
    return 'noRate' in between ? between : { ...between, fresh: false };
  const fresh = now.reset !== before.reset;
  const seconds = !fresh && 'seconds' in between ? between.seconds : now.at - (fresh ? now.reset : before.at);
  if (fresh && seconds < SHORTEST_SECONDS) return { noRate: 'reset' };
  return 'noRate' in between && seconds > LONGEST_RESTART_SECONDS ? { noRate: 'gap' } : { seconds, fresh };
}

/** Each eviction takes a twentieth of the entries, and ten at least (`entry_dealloc` of the extension). */
function victims({ evictions, entries }: StatementTable, before: number): number {
  return Math.max(0, (evictions ?? 0) - before) * Math.max(10, Math.floor(entries / 20));
}

function keyOf({ user_id, db, queryid, toplevel }: StatementRow): string {
  return `${queryid} ${user_id} ${toplevel ? 1 : 0} ${db}`;
}

function wentBack(before: StatementRow, now: StatementRow): boolean {
  return now.calls < before.calls || now.exec_ms < before.exec_ms;
}

function gathered(
  rows: readonly StatementRow[],
  baselineOf: (row: StatementRow) => StatementRow | 'whole' | undefined,
  isFresh: boolean,
): Statement[] {
  type Sum = { db: string; queryid: string; total: Work; interval: Work | undefined; isNew: boolean };
  const found = new Map<string, Sum>();
  for (const row of rows) {
    const key = `${row.queryid} ${row.db}`;
    const statement = found.get(key) ?? {
      db: row.db,
      queryid: row.queryid,
      total: noWork(),
      interval: undefined,
      isNew: !isFresh,
    };
    found.set(key, statement);
    add(statement.total, row, undefined);
    const baseline = baselineOf(row);
    if (baseline !== 'whole') statement.isNew = false;
    if (baseline === undefined) continue;
    statement.interval ??= noWork();
    add(statement.interval, row, baseline === 'whole' ? undefined : baseline);
  }
  return [...found.values()];
}

function add(work: Work, now: StatementRow, before: StatementRow | undefined): void {
  work.calls += now.calls - (before?.calls ?? 0);
  work.seconds += (now.exec_ms - (before?.exec_ms ?? 0)) / 1_000;
  work.squaredSeconds += Math.max(0, squareSum(now) - (before ? squareSum(before) : 0)) / 1_000_000;
  work.rows += now.result_rows - (before?.result_rows ?? 0);
  work.blocksHit += now.blocks_hit - (before?.blocks_hit ?? 0);
  work.blocksRead += now.blocks_read - (before?.blocks_read ?? 0);
  work.blockReadSeconds += (now.block_read_ms - (before?.block_read_ms ?? 0)) / 1_000;
  work.tempBlocks += now.temp_blocks - (before?.temp_blocks ?? 0);
  work.walBytes += (now.wal_bytes ?? 0) - (before?.wal_bytes ?? 0);
}

/** The mean of squares is additive where the standard deviation is not: calls × (stddev² + mean²). */
function timing(now: StatementRow, baseline: StatementRow | 'whole' | undefined): Timing[] {
  const before = baseline === 'whole' ? undefined : baseline;
  const calls = now.calls - (before?.calls ?? 0);
  if (baseline === undefined || calls <= 0) return [];
  const mean = (now.exec_ms - (before?.exec_ms ?? 0)) / calls;
  const squares = (squareSum(now) - (before ? squareSum(before) : 0)) / calls;
  return [
    {
      db: now.db,
      toplevel: now.toplevel,
      calls,
      meanSeconds: mean / 1_000,
      // Rounding can take it below 0 where all calls took the same time.
      stddevSeconds: Math.sqrt(Math.max(0, squares - mean ** 2)) / 1_000,
    },
  ];
}

function squareSum({ calls, exec_ms, stddev_ms }: StatementRow): number {
  return calls === 0 ? 0 : calls * (stddev_ms ** 2 + (exec_ms / calls) ** 2);
}
