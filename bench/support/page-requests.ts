/** What happened meanwhile, which every view with charts asks for once. */
const HAPPENED = ['/events?limit=500&', '/alerts/history?limit=500&', '/alerts?'];

/** What each view of the page asks for (`ui/src/views`), as it does: the charts of a view together. */
export const VIEWS: Readonly<Record<string, readonly string[]>> = {
  Overview: [
    '/overview?',
    charts('pg_active_sessions', 'pg_tps', 'pg_query_latency_seconds_mean', 'pg_wal_bytes_written_total'),
    ...HAPPENED,
  ],
  Activity: [
    '/activity?by=wait&',
    charts('pg_connections', 'pg_longest_transaction_seconds'),
    list('/connections', 'sessions'),
    ...HAPPENED,
  ],
  Locks: ['/locks?', '/locks/moments?', charts('pg_blocked_sessions_total', 'pg_longest_blocked_seconds'), ...HAPPENED],
  Statements: ['/top-queries?', charts('pg_qps', 'pg_query_latency_seconds_p95'), ...HAPPENED],
  Storage: [
    charts('pg_database_size_bytes'),
    ...['databases', 'tables', 'foreign_keys', 'primary_keys', 'sequences', 'bloat'].map((kind) =>
      list('/storage', kind),
    ),
    ...['largest', 'unused', 'duplicate', 'invalid'].map((kind) => list('/indexes', kind)),
    ...HAPPENED,
  ],
  Partitions: [list('/partitions', 'tables')],
  Replication: [
    ...['replicas', 'slots', 'subscriptions', 'standby'].map((kind) => list('/replication', kind)),
    charts('pg_replication_lag_seconds', 'pg_replication_lag_bytes'),
    ...HAPPENED,
  ],
  Autovacuum: ['tables', 'progress', 'rows', 'stale'].map((kind) => list('/autovacuum', kind)),
  Wraparound: ['databases', 'holders', 'tables'].map((kind) => list('/wraparound', kind)),
  Events: ['/events?limit=100&'],
  'What changed': ['/changed?window=15m&'],
  Alerts: ['/alerts?', '/alerts/history?', '/silences'],
  'Collector health': ['/agent?'],
};

/** The times that a page may have. */
export const TIMES: Readonly<Record<string, string>> = {
  '1 hour': 'from=-1h&to=now',
  '3 hours, 6 hours ago': 'from=-9h&to=-6h',
  '1 day': 'from=-1d&to=now',
  '7 days': 'from=-7d&to=now',
  '400 days': 'from=-400d&to=now',
};

/** The path of a request, with its target and time where it has any; what changed is asked of the end of a range. */
export function pathOf(request: string, cluster: string, time: string): string {
  const when = request.startsWith('/changed') ? `at=${new URLSearchParams(time).get('to')}` : time;
  return request.includes('?') ? `/api/v1${request}cluster=${cluster}&${when}` : `/api/v1${request}`;
}

function charts(...metrics: readonly string[]): string {
  return `/charts?metrics=${metrics.join(',')}&`;
}

function list(path: string, kind: string): string {
  return `${path}?kind=${kind}&limit=200&`;
}
