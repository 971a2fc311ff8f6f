import { pathOf, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Loaded, Panel } from '../parts/panel.tsx';
import { Tile } from '../parts/tile.tsx';
import { hrefOf, lasting, usePlace } from '../place.ts';
import { OpenAlerts } from './open-alerts.tsx';

interface Overview {
  readonly server: { version: string; role: string; started_at: string } | null;
  readonly up: boolean;
  readonly [name: string]: unknown;
}

/** What matters of a target at a glance: is it there, is it busy, is anything wrong. */
export function OverviewView() {
  const { params } = usePlace();
  const answer = useApi<Overview>(pathOf('/overview', { cluster: params['cluster'] }), 5_000);
  const link = (view: string) => hrefOf(view, lasting(params));
  return (
    <>
      <OpenAlerts compact />
      <Loaded answer={answer}>
        {(data) => {
          const number = (name: string) => (typeof data[name] === 'number' ? data[name] : undefined);
          const used = (number('connections') ?? 0) / (number('max_connections') ?? Number.POSITIVE_INFINITY);
          const blocked = number('blocked_sessions') ?? 0;
          return (
            <>
              <div className="tiles">
                <Tile
                  label="Server"
                  value={data.up ? (data.server?.role ?? 'up') : 'down'}
                  more={data.server ? `PostgreSQL ${data.server.version}` : undefined}
                  level={data.up ? 'good' : 'bad'}
                  href={link('agent')}
                />
                <Tile
                  label="Connections"
                  value={format.count(data['connections'])}
                  more={`of ${format.count(data['max_connections'])}`}
                  level={used > 0.95 ? 'bad' : used > 0.8 ? 'warn' : undefined}
                  href={link('activity')}
                />
                <Tile
                  label="Blocked sessions"
                  value={format.count(data['blocked_sessions'])}
                  more={blocked > 0 ? `longest ${format.seconds(data['longest_blocked_seconds'])}` : 'nobody waits'}
                  level={blocked > 0 ? 'warn' : undefined}
                  href={link('locks')}
                />
                <Tile
                  label="Oldest transaction"
                  value={format.seconds(data['longest_transaction_seconds'])}
                  level={(number('longest_transaction_seconds') ?? 0) > 300 ? 'warn' : undefined}
                  href={link('activity')}
                />
                <Tile
                  label="Transactions"
                  value={format.perSecond(data['transactions_per_second'])}
                  more={`${format.perSecond(data['queries_per_second'])} statements`}
                  href={link('queries')}
                />
                <Tile
                  label="Latency, mean"
                  value={format.seconds(data['query_latency_seconds_mean'])}
                  more={`95 %: about ${format.seconds(data['query_latency_seconds_p95'])}`}
                  href={link('queries')}
                />
                <Tile label="Cache hits" value={format.ratio(data['cache_hit_ratio'])} href={link('queries')} />
                <Tile
                  label="WAL"
                  value={format.bytesPerSecond(data['wal_bytes_per_second'])}
                  more={`${format.count(data['checkpoints_per_hour'])} checkpoints/h`}
                />
                <Tile
                  label="Replication lag"
                  value={format.seconds(data['replication_lag_seconds'])}
                  href={link('replication')}
                />
                <Tile label="Size" value={format.bytes(data['database_size_bytes'])} href={link('storage')} />
                <Tile label="Dead rows" value={format.count(data['dead_tuples'])} href={link('autovacuum')} />
                <Tile
                  label="Oldest transaction id"
                  value={format.count(data['wraparound_tx_age'])}
                  href={link('wraparound')}
                />
              </div>
              <div className="columns">
                <Panel title="Active sessions" hint="What the clients that run a statement wait for" sql={['activity']}>
                  <Chart metric="pg_active_sessions" label="Active sessions" by="wait_event_type" stacked />
                </Panel>
                <Panel title="Transactions a second" sql={['databases']}>
                  <Chart metric="pg_tps" label="Transactions" by="db" />
                </Panel>
                <Panel title="Statement latency, mean" sql={['statements']}>
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
