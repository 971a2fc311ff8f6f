/**
 * What a thousand readers cost: 200 requests a second over the main endpoints for 30 seconds, from a table with what real
 * loops read of a server with 500 tables. The loops do not run meanwhile: what reaches the target is counted by it.
 */
import autocannon from 'autocannon';
import Table from 'cli-table3';
import { serveApi } from '../test/support/api.ts';
import { manyTables } from './support/scenarios.ts';
import { machine, withServer } from './support/server.ts';

const PATHS = [
  '/api/v1/overview',
  '/api/v1/targets',
  '/api/v1/connections',
  '/api/v1/locks',
  '/api/v1/storage',
  '/api/v1/indexes',
  '/api/v1/top-queries?window=5m',
  '/api/v1/history?metric=pg_connections',
  '/api/v1/alerts',
  '/metrics',
];
const SECONDS = Number(process.argv[2] ?? 30);
const RATE = 200;

await withServer({}, async (admin, { port, version }) => {
  await manyTables(admin, 500);
  const api = await serveApi(`postgres://pgmon@127.0.0.1:${port}/postgres`);
  for (let i = 0; i < 3; i++) await api.pass();
  const queries = async () => {
    const found = await admin.query(
      "SELECT coalesce(sum(calls), 0)::float8 AS calls FROM pg_stat_statements(false) WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = 'pgmon')",
    );
    return Number(found.rows[0].calls);
  };
  const before = await queries();
  const result = await autocannon({
    url: api.url,
    connections: 20,
    overallRate: RATE,
    duration: SECONDS,
    requests: PATHS.map((path) => ({ method: 'GET', path, headers: { 'accept-encoding': 'gzip' } })),
  });
  const reached = (await queries()) - before;
  await api.close();
  const { latency, requests, non2xx, errors } = result;
  const table = new Table({
    style: { head: [], border: [] },
    head: [
      'requests a second',
      'median ms',
      'p97.5 ms',
      'p99 ms',
      'not 2xx',
      'errors',
      'queries that reached the target',
    ],
  });
  table.push([requests.average.toFixed(0), latency.p50, latency.p97_5, latency.p99, non2xx, errors, reached]);
  console.log(`${machine(version)}, ${SECONDS} s over ${PATHS.length} endpoints`);
  console.log(table.toString());
  console.log('goal: 200 requests a second with p95 under 50 ms (p97.5 is above it), none of which reaches the target');
});
