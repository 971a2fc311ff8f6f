import type { NoRate } from '../../metrics/rates.ts';
import type { Sample } from '../../metrics/sample.ts';
import { labelValue } from '../../metrics/sample.ts';
import { defineCollector } from '../collector.ts';
import { rowsSchema } from '../columns.ts';
import { sqlFiles } from '../sql.ts';
import type { NoRateSample } from '../transform.ts';
import { compare, type Statement, type Timing } from './deltas.ts';
import { latencyQuantile, meanLatency } from './latency.ts';
import { statementMetrics } from './metrics.ts';
import { topStatements } from './ranking.ts';
import { type StatementRow, statementColumns } from './row.ts';
import { type ShownStatement, shownStatementSchema } from './shown.ts';

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
  maxRows: 20_000,
  sql: sqlFiles('statements'),
  sqlBy: 'extension',
  columns: statementColumns,
  metrics: statementMetrics,
  keeps: shownStatementSchema,
  state: { schema: rowsSchema(statementColumns), large: true },
  transform: ({ rows, previous, interval, limits }) => {
    const compared =
      previous && 'seconds' in interval
        ? compare(rows, { rows: previous }, 'first-run')
        : compare(rows, undefined, 'noRate' in interval ? interval.noRate : 'first-run');
    const top = topStatements(compared.statements, limits.topQueries);
    const seconds = 'seconds' in interval && !compared.noRate ? interval.seconds : undefined;
    return {
      samples: [
        { metric: 'pg_stat_statements_entries', labels: {}, value: rows.length },
        ...top.flatMap(topSamples),
        ...latencySamples(rows, compared.timings, seconds ?? compared.noRate ?? 'first-run'),
      ],
      rows: top.map((statement) => shown(statement, seconds)),
      state: rows,
    };
  },
});

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
  interval: number | NoRate,
): (Sample | NoRateSample)[] {
  const databases = new Set(rows.map(({ db }) => db));
  return [...databases].flatMap((db): (Sample | NoRateSample)[] => {
    const labels = { db: labelValue(db) };
    if (typeof interval !== 'number') return [{ metric: 'pg_qps', labels, noRate: interval }];
    const own = timings.filter((timing) => timing.db === db && timing.toplevel);
    const calls = own.reduce((sum, timing) => sum + timing.calls, 0);
    const [mean, p95] = [meanLatency(own), latencyQuantile(own, 0.95)];
    return [
      { metric: 'pg_qps', labels, value: calls / interval },
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
