import type { Sample } from '../../metrics/sample.ts';
import { labelValue } from '../../metrics/sample.ts';
import { defineCollector } from '../collector.ts';
import { sqlFiles } from '../sql.ts';
import type { Interval, LimitedVisibility, NoRateSample } from '../transform.ts';
import {
  compare,
  MOST_ENTRIES,
  type Statement,
  type StatementTable,
  type Timing,
  tableOf,
  tableSchema,
} from './deltas.ts';
import { addedToHour, storedTally } from './hours.ts';
import { entriesOf, marksAfter, noteRead } from './known.ts';
import { latencyQuantile, meanLatency } from './latency.ts';
import { statementMetrics } from './metrics.ts';
import { topStatements } from './ranking.ts';
import { answerColumns, type ServerRow, type StatementRow } from './row.ts';
import { type ShownStatement, shownStatementSchema } from './shown.ts';
import { watched } from './watch.ts';

/**
 * Statements by what they did since the pass before, from `pg_stat_statements(false)` of extension versions 1.7 to 1.12:
 * counters of all of them are compared, the top N get metrics and a place in the snapshot, the latency is of all.
 */
export const statements = defineCollector({
  name: 'statements',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  needs: { extension: { name: 'pg_stat_statements', version: '1.7' } },
  timeoutMs: 1_000,
  maxRows: MOST_ENTRIES,
  sql: sqlFiles('statements'),
  sqlBy: 'extension',
  values: (_, previous) => marksAfter(previous),
  columns: answerColumns,
  metrics: statementMetrics,
  snapshotRow: shownStatementSchema,
  state: { schema: tableSchema, large: true, stored: storedTable },
  transform: ({ rows, previous, interval: between, limits, now, takenAt }) => {
    const entries = entriesOf(rows, previous);
    const table = tableOf(entries.rows, now, rows[0] ?? saidBefore(previous));
    const { statements: all, timings, interval, evicted } = compare(table, previous, between);
    const top = topStatements(all, limits.topQueries);
    const seconds = 'seconds' in interval ? interval.seconds : undefined;
    const calls = all.reduce((sum, statement) => sum + (statement.interval?.calls ?? 0), 0);
    const { watch, changes } = watched(previous?.watch, all, seconds, evicted === 0);
    const state = { ...table, ...addedToHour(previous ?? {}, all, seconds, takenAt), watch };
    noteRead(state, entries);
    const lossy = evicted > calls * LOST_CALLS;
    return {
      samples: [
        { metric: 'pg_stat_statements_entries', labels: {}, value: table.entries },
        ...top.flatMap(topSamples),
        ...latencySamples(table.rows, timings, lossy ? { noRate: 'evictions' } : interval),
      ],
      rows: top.map((statement) => shown(statement, seconds)),
      changes,
      state,
      ...(lossy ? { limited: evictionsSaid(evicted, table.entries) } : {}),
    };
  },
});

/** Of the hour so far the table has less than the process: the lightest statements are one there. */
function storedTable(table: StatementTable): StatementTable {
  return table.tally ? { ...table, tally: storedTally(table.tally) } : table;
}

/** Where no entry changed, what is said of all of them is as it was. */
function saidBefore(table: StatementTable | undefined): ServerRow | undefined {
  return table && { stats_reset: table.reset, evictions: table.evictions, sees_all: table.seesAll };
}

/** An evicted entry had one call at least; beyond this share of all calls sums and means are no longer true. */
const LOST_CALLS = 0.01;

function evictionsSaid(evicted: number, entries: number): LimitedVisibility {
  return {
    reason: `about ${evicted} statements were evicted since the last pass: calls per second and latency are unknown, and the list covers the ${entries} that remain`,
    hint: 'Raise pg_stat_statements.max (needs a restart), or find out which application sends statements that all differ.',
  };
}

function topSamples({ db, queryid, total }: Statement): Sample[] {
  const labels = { db: labelValue(db), queryid };
  return [
    { metric: 'pg_stmt_calls_total', labels, value: total.calls },
    { metric: 'pg_stmt_time_seconds_total', labels, value: total.seconds },
    { metric: 'pg_stmt_shared_blks_read_total', labels, value: total.blocksRead },
    { metric: 'pg_stmt_rows_total', labels, value: total.rows },
  ];
}

/** Calls that a client sent itself: one inside a function is part of the call that it was made by. */
function latencySamples(
  rows: readonly StatementRow[],
  timings: readonly Timing[],
  interval: Interval,
): (Sample | NoRateSample)[] {
  const databases = new Set(rows.map(({ db }) => db));
  return [...databases].flatMap((db): (Sample | NoRateSample)[] => {
    const labels = { db: labelValue(db) };
    if ('noRate' in interval) return [{ metric: 'pg_qps', labels, noRate: interval.noRate }];
    const own = timings.filter((timing) => timing.db === db && timing.toplevel);
    const calls = own.reduce((sum, timing) => sum + timing.calls, 0);
    const [mean, p95] = [meanLatency(own), latencyQuantile(own, 0.95)];
    return [
      { metric: 'pg_qps', labels, value: calls / interval.seconds },
      ...(mean === undefined ? [] : [{ metric: 'pg_query_latency_seconds_mean', labels, value: mean }]),
      ...(p95 === undefined ? [] : [{ metric: 'pg_query_latency_seconds_p95', labels, value: p95 }]),
    ];
  });
}

function shown({ db, queryid, total, interval }: Statement, seconds: number | undefined): ShownStatement {
  const work = seconds ? interval : undefined;
  return {
    db,
    queryid,
    interval_seconds: work ? (seconds ?? null) : null,
    calls: work?.calls ?? null,
    exec_seconds: work?.seconds ?? null,
    mean_seconds: work && work.calls > 0 ? work.seconds / work.calls : null,
    squared_seconds: work?.squaredSeconds ?? null,
    result_rows: work?.rows ?? null,
    blocks_hit: work?.blocksHit ?? null,
    blocks_read: work?.blocksRead ?? null,
    block_read_seconds: work?.blockReadSeconds ?? null,
    temp_blocks: work?.tempBlocks ?? null,
    wal_bytes: work?.walBytes ?? null,
    total_calls: total.calls,
    total_exec_seconds: total.seconds,
  };
}
