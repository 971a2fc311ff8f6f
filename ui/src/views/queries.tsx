import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Loaded, Panel } from '../parts/panel.tsx';
import { Spark } from '../parts/spark.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { instantOf, type Time, useTime } from '../time.ts';
import { StatementPage } from './statement.tsx';

const BY = [
  { key: 'time', label: 'Time' },
  { key: 'calls', label: 'Calls' },
  { key: 'io', label: 'Blocks read' },
  { key: 'temp', label: 'Temp files' },
  { key: 'wal', label: 'WAL' },
] as const;

/** Statements by cost, and one of them over time. */
export function QueriesView() {
  const { queryid } = useRoute().params;
  return queryid ? <StatementPage key={queryid} queryid={queryid} /> : <TopStatements />;
}

/** Whether the moment is past the begin of the range and within it. */
function isWithin({ from, to, at }: Time['params']): boolean {
  const [start, end, moment] = [from, to, at].map((text) => instantOf(text)?.getTime());
  return start !== undefined && end !== undefined && moment !== undefined && start < moment && moment <= end;
}

function TopStatements() {
  const { params, go } = useRoute();
  const by = BY.find(({ key }) => key === params['by'])?.key ?? 'time';
  const time = useTime();
  const answer = useApi('/top-queries', {
    cluster: params['cluster'],
    db: params['db'],
    by,
    limit: 50,
    ...time.params,
    // At a past moment: what ran up to it, not around it.
    to: isWithin(time.params) ? time.params.at : time.params.to,
  });
  const columns: readonly Column<Answers['/top-queries']['items'][number]>[] = [
    {
      key: 'text',
      label: 'Statement',
      rest: true,
      format: (value, { queryid }) => (
        <a href={hrefOf('queries', { ...lasting(params), by, queryid })}>
          <code className="query">{value || `queryid ${queryid}`}</code>
        </a>
      ),
    },
    { key: 'db', label: 'Database' },
    {
      key: 'spark',
      label: 'Trend',
      format: (value, { queryid }) => <Spark values={value} label={`${queryid} over the range`} />,
    },
    { key: 'share', label: 'Share', number: true, format: format.ratio },
    {
      key: 'calls_change_ratio',
      label: 'Calls Δ',
      number: true,
      format: format.change,
      title: 'Calls compared with the range before it; empty unless both were measured alike',
    },
    {
      key: 'mean_change_ratio',
      label: 'Mean Δ',
      number: true,
      format: format.change,
      title: 'Time per call compared with the range before it; empty unless both were measured alike',
    },
    { key: 'calls', label: 'Calls', number: true, format: format.count },
    { key: 'exec_seconds', label: 'Time', number: true, format: format.seconds },
    { key: 'mean_seconds', label: 'Mean', number: true, format: format.seconds },
    { key: 'result_rows', label: 'Rows', number: true, format: format.count },
    { key: 'blocks_read', label: 'Blocks read', number: true, format: format.count },
    { key: 'temp_blocks', label: 'Temp blocks', number: true, format: format.count },
    { key: 'wal_bytes', label: 'WAL', number: true, format: format.bytes },
  ];
  return (
    <>
      <div className="filters">
        <label>
          Sort by{' '}
          <select value={by} onChange={(event) => go({ by: event.target.value })}>
            {BY.map(({ key, label }) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Panel
        title="Top statements"
        hint="In the shown range, compared with the one before it"
        sql={['statements', 'statements_info']}
      >
        <Loaded answer={answer}>
          {({ items }) => (
            <Table
              label="Top statements"
              columns={columns}
              rows={items}
              rowKey={({ queryid, db }) => `${queryid} ${db}`}
              empty="No statements in this range. After a start, the second pass brings the first ones."
            />
          )}
        </Loaded>
      </Panel>
      <div className="columns">
        <Panel title="Statements per second" sql={['statements']}>
          <Chart metric="pg_qps" label="Statements" by="db" />
        </Panel>
        <Panel title="p95 latency (estimated)" sql={['statements']}>
          <Chart metric="pg_query_latency_seconds_p95" label="95th percentile" by="db" />
        </Panel>
      </div>
    </>
  );
}
