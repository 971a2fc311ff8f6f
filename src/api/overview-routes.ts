import { z } from '@hono/zod-openapi';
import { LOOPS } from '../config/loop.ts';
import { countsOf, openAlerts } from './open-alerts.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';
import { valuesAt } from './values-at.ts';

const number = z.number().nullable();

const overviewAnswer = metaSchema.extend({
  server: z
    .object({ version: z.string(), role: z.enum(['primary', 'standby']), started_at: z.string(), database: z.string() })
    .nullable(),
  up: z.boolean(),
  connections: number,
  max_connections: number,
  active_sessions: number,
  blocked_sessions: number,
  longest_transaction_seconds: number,
  longest_blocked_seconds: number,
  transactions_per_second: number,
  queries_per_second: number,
  query_latency_seconds_mean: number,
  query_latency_seconds_p95: number,
  cache_hit_ratio: number,
  wal_bytes_per_second: number,
  temp_bytes_per_second: number,
  checkpoints_per_hour: number,
  replication_lag_seconds: number,
  database_size_bytes: number,
  dead_tuples: number,
  wraparound_tx_age: number,
  open_alerts: z.object({ critical: z.number(), warning: z.number(), info: z.number() }),
});

export const overviewRoute = getRoute({
  path: '/overview',
  summary: 'A target at a glance.',
  query: z.object({ cluster: clusterQuery, ...timeQuery }),
  answer: overviewAnswer,
});

/** What matters of a target at a glance. */
export function addOverviewRoutes(app: Api, reading: Reading): void {
  const { now } = reading;
  app.openapi(overviewRoute, async (context) => {
    const asked = context.req.valid('query');
    const cluster = clusterOf(asked.cluster, reading);
    const moment = momentOf(asked, now());
    const [hot, ...others] = await Promise.all([
      snapshotAt(reading, cluster, 'hot', moment),
      ...LOOPS.filter((loop) => loop !== 'hot').map((loop) => snapshotAt(reading, cluster, loop, moment)),
    ]);
    const seen = dataOf(hot);
    const value = await valuesAt(reading, cluster, [hot, ...others], moment);
    return context.json(
      {
        ...metaOf(cluster, 'hot', hot, [], reading, context.get('role')),
        server: seen?.server
          ? {
              version: seen.server.version,
              role: seen.server.role,
              started_at: new Date(seen.server.startedAt * 1_000).toISOString(),
              database: seen.server.database,
            }
          : null,
        up: hot.snapshot?.up ?? false,
        connections: value('samples', 'pg_client_connections', 'sum'),
        max_connections: value('samples', 'pg_max_connections', 'max'),
        active_sessions: value('samples', 'pg_active_sessions', 'sum'),
        blocked_sessions: value('samples', 'pg_blocked_sessions_total', 'max'),
        longest_transaction_seconds: value('samples', 'pg_longest_transaction_seconds', 'max'),
        longest_blocked_seconds: value('samples', 'pg_longest_blocked_seconds', 'max'),
        transactions_per_second: value('samples', 'pg_tps', 'sum'),
        queries_per_second: value('samples', 'pg_qps', 'sum'),
        query_latency_seconds_mean: value('samples', 'pg_query_latency_seconds_mean', 'max'),
        query_latency_seconds_p95: value('samples', 'pg_query_latency_seconds_p95', 'max'),
        cache_hit_ratio: value('samples', 'pg_cache_hit_ratio', 'min'),
        wal_bytes_per_second: value('rates', 'pg_wal_bytes_written_total', 'sum'),
        temp_bytes_per_second: value('rates', 'pg_temp_bytes_total', 'sum'),
        checkpoints_per_hour: value('samples', 'pg_checkpoints_per_hour', 'max'),
        replication_lag_seconds: value('samples', 'pg_replication_lag_seconds', 'max'),
        database_size_bytes: value('samples', 'pg_database_size_bytes', 'sum'),
        dead_tuples: value('samples', 'pg_dead_tuples', 'sum'),
        wraparound_tx_age: value('samples', 'pg_wraparound_tx_age', 'max'),
        open_alerts: countsOf(await openAlerts(reading, [cluster], moment)),
      },
      200,
    );
  });
}
