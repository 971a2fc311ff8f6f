import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Loaded, Panel } from '../parts/panel.tsx';
import { Tile } from '../parts/tile.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';
import { AlertsElsewhere, OpenAlerts } from './open-alerts.tsx';

/** A target at a glance: whether it is up, how busy it is, what is wrong. */
export function OverviewView() {
  const { params } = useRoute();
  const time = useTime();
  const answer = useApi('/overview', { cluster: params['cluster'], ...time.params }, 5_000);
  const alerts = useApi('/alerts', { cluster: params['cluster'], ...time.params }, 5_000);
  // Firing alerts color a tile, never a threshold of its own: the rules say what is too much.
  const level = (...rules: readonly string[]) => {
    const firing = (alerts.data?.items ?? []).filter(({ state, rule }) => state === 'firing' && rules.includes(rule));
    if (firing.some(({ severity }) => severity === 'critical')) return 'bad' as const;
    return firing.some(({ severity }) => severity === 'warning') ? ('warn' as const) : undefined;
  };
  const link = (view: string) => hrefOf(view, lasting(params));
  return (
    <>
      <OpenAlerts compact />
      <AlertsElsewhere />
      <Loaded answer={answer}>
        {(data) => {
          const { query_latency_seconds_mean: mean, query_latency_seconds_p95: p95 } = data;
          return (
            <>
              <div className="tiles">
                <Tile
                  label="Server"
                  value={data.up ? (data.server?.role ?? 'up') : 'down'}
                  more={data.server ? `PostgreSQL ${data.server.version}` : undefined}
                  level={data.up ? (data.stale ? undefined : 'good') : 'bad'}
                  href={link('agent')}
                />
                <Tile
                  label="Connections"
                  value={format.count(data.connections)}
                  more={data.max_connections === null ? undefined : `of ${format.count(data.max_connections)}`}
                  level={level('connection_saturation', 'connections_growing')}
                  href={link('activity')}
                />
                <Tile
                  label="Blocked sessions"
                  value={format.count(data.blocked_sessions)}
                  more={waitText(data)}
                  level={level('blocking_locks')}
                  href={link('locks')}
                />
                <Tile
                  label="Oldest transaction"
                  value={format.seconds(data.longest_transaction_seconds)}
                  level={level('long_transaction', 'idle_in_transaction')}
                  href={link('activity')}
                />
                <Tile
                  label="Transactions"
                  value={format.perSecond(data.transactions_per_second)}
                  more={
                    data.queries_per_second === null
                      ? undefined
                      : `${format.perSecond(data.queries_per_second)} statements`
                  }
                  href={link('queries')}
                />
                <Tile
                  label="Mean latency"
                  value={format.seconds(mean)}
                  more={p95 === null ? undefined : `p95 about ${format.seconds(p95)}`}
                  title={
                    mean !== null && p95 !== null && mean > p95
                      ? 'A few slow statements raise the mean above the estimated 95th percentile'
                      : undefined
                  }
                  href={link('queries')}
                />
                <Tile
                  label="Cache hit ratio"
                  value={format.ratio(data.cache_hit_ratio)}
                  level={level('cache_hit_ratio_low')}
                  href={link('queries')}
                />
                <Tile
                  label="WAL"
                  value={format.bytesPerSecond(data.wal_bytes_per_second)}
                  more={
                    data.checkpoints_per_hour === null
                      ? undefined
                      : `${format.count(data.checkpoints_per_hour)} checkpoints/h`
                  }
                />
                <Tile
                  label="Replication lag"
                  value={format.seconds(data.replication_lag_seconds)}
                  level={level('replication_lag', 'replication_lag_bytes', 'standby_replay_lag')}
                  href={link('replication')}
                />
                <Tile label="Size" value={format.bytes(data.database_size_bytes)} href={link('storage')} />
                <Tile
                  label="Dead rows"
                  value={format.count(data.dead_tuples)}
                  level={level('dead_tuples', 'autovacuum_starvation')}
                  href={link('autovacuum')}
                />
                <Tile
                  label="Transaction ID age"
                  value={format.count(data.wraparound_tx_age)}
                  level={level('wraparound')}
                  href={link('wraparound')}
                />
              </div>
              <div className="columns">
                <Panel title="Active sessions" hint="What active clients wait for" sql={['activity']}>
                  <Chart metric="pg_active_sessions" label="Active sessions" by="wait_event_type" stacked />
                </Panel>
                <Panel title="Transactions per second" sql={['databases']}>
                  <Chart metric="pg_tps" label="Transactions" by="db" />
                </Panel>
                <Panel title="Mean statement latency" sql={['statements']}>
                  <Chart metric="pg_query_latency_seconds_mean" label="Latency" by="db" />
                </Panel>
                <Panel title="WAL written" sql={['wal']}>
                  <Chart metric="pg_wal_bytes_written_total" label="WAL" />
                </Panel>
              </div>
            </>
          );
        }}
      </Loaded>
    </>
  );
}

/** What was not measured is not none. */
function waitText({ blocked_sessions, longest_blocked_seconds }: Answers['/overview']): string | undefined {
  if (blocked_sessions === null) return undefined;
  return blocked_sessions > 0 ? `longest ${format.seconds(longest_blocked_seconds)}` : 'none waiting';
}
