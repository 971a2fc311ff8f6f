import type { NoRate } from '../../metrics/rates.ts';
import type { StatementRow } from './row.ts';

/** What a statement did between two passes, and in all; those of all users and levels together. */
export interface Statement {
  readonly db: string;
  readonly queryid: string;
  readonly total: Work;
  /** Undefined where this statement has no baseline to compare with. */
  readonly interval: Work | undefined;
}

export interface Work {
  calls: number;
  seconds: number;
  rows: number;
  blocksHit: number;
  blocksRead: number;
  blockReadSeconds: number;
  tempBlocks: number;
  walBytes: number;
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
  /** Why no interval can be told at all. */
  readonly noRate?: NoRate;
}

/** More than this share of the baseline gone or begun anew is no longer a matter of single entries. */
const LOST_SHARE = 0.5;

/**
 * Compares all entries of two passes. The baseline holds every entry, so one that is not in it was made since and all
 * of its calls are of the interval. One that went back began anew: it counts whole where it says since when it is
 * counted (1.11), else not at all. Where most of the baseline is lost, a reset or evictions did it, and nothing is told.
 */
export function compare(
  rows: readonly StatementRow[],
  before: { readonly rows: readonly StatementRow[] } | undefined,
  noRate: NoRate,
): Compared {
  if (!before) return { statements: gathered(rows, () => undefined), timings: [], noRate };
  const old = new Map(before.rows.map((row) => [keyOf(row), row]));
  const intervals = new Map<StatementRow, StatementRow | 'whole'>();
  let kept = 0;
  for (const row of rows) {
    const previous = old.get(keyOf(row));
    const known = previous && previous.since === row.since && !wentBack(previous, row);
    if (known) {
      kept += 1;
      intervals.set(row, previous);
    } else if (!previous || row.since !== null) {
      intervals.set(row, 'whole');
    }
  }
  if (old.size - kept > old.size * LOST_SHARE) {
    const evicted = (rows[0]?.evictions ?? 0) > (before.rows[0]?.evictions ?? 0);
    return { statements: gathered(rows, () => undefined), timings: [], noRate: evicted ? 'evictions' : 'reset' };
  }
  return {
    statements: gathered(rows, (row) => intervals.get(row)),
    timings: rows.flatMap((row) => timing(row, intervals.get(row))),
  };
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
): Statement[] {
  const found = new Map<string, { db: string; queryid: string; total: Work; interval: Work | undefined }>();
  for (const row of rows) {
    const key = `${row.queryid} ${row.db}`;
    const statement = found.get(key) ?? { db: row.db, queryid: row.queryid, total: none(), interval: undefined };
    found.set(key, statement);
    add(statement.total, row, undefined);
    const baseline = baselineOf(row);
    if (baseline === undefined) continue;
    statement.interval ??= none();
    add(statement.interval, row, baseline === 'whole' ? undefined : baseline);
  }
  return [...found.values()];
}

const none = (): Work => ({
  calls: 0,
  seconds: 0,
  rows: 0,
  blocksHit: 0,
  blocksRead: 0,
  blockReadSeconds: 0,
  tempBlocks: 0,
  walBytes: 0,
});

function add(work: Work, now: StatementRow, before: StatementRow | undefined): void {
  work.calls += now.calls - (before?.calls ?? 0);
  work.seconds += (now.exec_ms - (before?.exec_ms ?? 0)) / 1_000;
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
