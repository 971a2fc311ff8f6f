import type { Sample } from '../../metrics/sample.ts';
import { labelValue } from '../../metrics/sample.ts';
import { type DeriveInput, defineCollector, type Withheld } from '../collector.ts';
import { sqlFiles } from '../sql.ts';
import { compare, type Statement, type Timing } from './deltas.ts';
import { latencyQuantile, meanLatency } from './latency.ts';
import { statementMetrics } from './metrics.ts';
import { topStatements } from './ranking.ts';
import { type StatementRow, statementColumns } from './row.ts';
import type { ShownStatement } from './shown.ts';

type Input = DeriveInput<StatementRow>;

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
  remembers: 'bulky',
  digest: (input) => {
    const compared = compare(input.rows, input.before, input.noRate);
    const top = topStatements(compared.statements, input.limits.topQueries);
    const seconds = input.before && !compared.noRate ? input.before.seconds : undefined;
    return {
      samples: [
        { metric: 'pg_stat_statements_entries', labels: {}, value: input.rows.length },
        ...top.flatMap(topSamples),
        ...latencySamples(input, compared.timings, compared.noRate),
      ],
      rows: top.map((statement) => shown(statement, seconds)),
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
  { rows, before }: Input,
  timings: readonly Timing[],
  noRate: Withheld['withheld'] | undefined,
): (Sample | Withheld)[] {
  const databases = new Set(rows.map(({ db }) => db));
  return [...databases].flatMap((db): (Sample | Withheld)[] => {
    const labels = { db: labelValue(db) };
    if (!before || noRate) {
      return [{ metric: 'pg_qps', labels, withheld: noRate ?? 'first-run' }];
    }
    const own = timings.filter((timing) => timing.db === db && timing.toplevel);
    const calls = own.reduce((sum, timing) => sum + timing.calls, 0);
    const [mean, p95] = [meanLatency(own), latencyQuantile(own, 0.95)];
    return [
      { metric: 'pg_qps', labels, value: calls / before.seconds },
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
