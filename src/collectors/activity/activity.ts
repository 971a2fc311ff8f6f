import { defineCollector } from '../collector.ts';
import { label, type RowOf, rowsSchema, state } from '../columns.ts';
import { sqlFiles } from '../sql.ts';
import { withFewApplications } from './applications.ts';
import { connectionMetrics, connectionSamples, sessionCounts } from './connections.ts';
import { cutOf } from './cut.ts';
import { hiddenNote, hiddenSamples, hiddenSessions } from './hidden.ts';
import { withLocks } from './lock-queues.ts';
import { blockedSamples, lockMetrics } from './locks.ts';
import { type Prepared, preparedBlockers, preparedOf } from './prepared.ts';
import { ageMetrics, ageSamples } from './transactions.ts';
import { withWaitTimes } from './wait-times.ts';
import { waitMetrics, waitSamples } from './waits.ts';

const columns = {
  /**
   * `group`: many sessions counted; `session`: one that is in a transaction, waits for a lock or holds one; `queue`: all
   * that wait for one object in one mode; `own`: sessions of pgmon, counted; `prepared`: a prepared transaction that blocks
   * others; `application`: connections of clients, counted by the name that they give.
   */
  kind: state.text(),
  db: label(),
  backend_type: label(),
  state: label(),
  wait_event_type: label(),
  wait_event: label(),
  sessions: state.number(),
  pid: state.number(),
  user_name: state.personal(),
  application: state.text(),
  query_id: state.text(),
  query: state.sql(),
  xact_age_seconds: state.number(),
  query_age_seconds: state.number(),
  state_age_seconds: state.number(),
  wait_seconds: state.number(),
  lock_mode: state.text(),
  lock_type: state.text(),
  lock_relation: state.text(),
  lock_oid: state.text(),
  blocked_by: state.numbers(),
  waiting: state.numbers(),
  waits: state.numbers(),
  wait_for: state.texts(),
  holders: state.texts(),
  gid: state.text(),
  client_addr: state.personal(),
  backend_start: state.number(),
};

const metrics = { ...connectionMetrics, ...ageMetrics, ...waitMetrics, ...lockMetrics };

/**
 * Sessions as they are now, from `pg_stat_get_activity` and `pg_locks`: connections by state, ages of
 * transactions and queries, wait events, blocked sessions. One statement, since each further read of the session list
 * would cost the server as much again.
 *
 * Without `pg_read_all_stats` other users' sessions have neither state nor type: they count as `unknown`, and what would
 * have to be seen of them has no sample.
 */
export const activity = defineCollector({
  name: 'activity',
  loop: 'hot',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 1_775, // 500 groups, at most 275 sessions, 1,000 queues
  sql: sqlFiles('activity'),
  columns,
  metrics,
  /** Queues of sessions that wait on a server that does not say since when. */
  state: { schema: rowsSchema(columns) },
  details: preparedBlockers,
  transform: ({ rows: read, previous, interval, details }) => {
    const before = previous && 'seconds' in interval ? { rows: previous, seconds: interval.seconds } : undefined;
    const rows = withLocks(withWaitTimes(withFewApplications(read), before));
    const hidden = hiddenSessions(rows);
    const samples =
      hidden > 0
        ? [sessionCounts(rows), hiddenSamples(Object.keys(metrics).filter((metric) => metric !== 'pg_connections'))]
        : [connectionSamples(rows), ageSamples(rows), waitSamples(rows), blockedSamples(rows)];
    return {
      rows: [...rows, ...preparedOf(details).map(preparedRow)],
      samples: samples.flat(),
      state: rows.filter(({ wait_for }) => wait_for && wait_for.length > 0),
      limited: hiddenNote(hidden) ?? cutOf(rows),
    };
  },
});

function preparedRow({ gid, db, user_name, age_seconds }: Prepared): RowOf<typeof columns> {
  return {
    kind: 'prepared',
    db,
    backend_type: '',
    state: '',
    wait_event_type: '',
    wait_event: '',
    sessions: null,
    pid: null,
    user_name,
    application: null,
    query_id: null,
    query: null,
    xact_age_seconds: age_seconds,
    query_age_seconds: null,
    state_age_seconds: null,
    wait_seconds: null,
    lock_mode: null,
    lock_type: null,
    lock_relation: null,
    lock_oid: null,
    blocked_by: null,
    waiting: null,
    waits: null,
    wait_for: null,
    holders: null,
    gid,
    client_addr: null,
    backend_start: null,
  };
}
