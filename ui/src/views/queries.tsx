import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Loaded, Panel } from '../parts/panel.tsx';
import { Spark } from '../parts/spark.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';

const BY = [
  { key: 'time', label: 'Time' },
  { key: 'calls', label: 'Calls' },
  { key: 'io', label: 'Blocks read' },
  { key: 'temp', label: 'Temp files' },
  { key: 'wal', label: 'WAL' },
] as const;
const WINDOWS = ['5m', '15m', '1h', '6h', '1d'] as const;

/** Statements by cost, and one of them over time. */
export function QueriesView() {
  const { params, go } = useRoute();
  const by = BY.find(({ key }) => key === params['by'])?.key ?? 'time';
  const window = WINDOWS.find((key) => key === params['window']) ?? '15m';
  const answer = useApi('/top-queries', { cluster: params['cluster'], db: params['db'], by, window, limit: 50 });
  const columns: readonly Column<Answers['/top-queries']['items'][number]>[] = [
    {
      key: 'text',
      label: 'Statement',
      format: (value, { queryid }) => (
        <a href={hrefOf('queries', { ...lasting(params), by, window, queryid })}>
          <code className="query">{value || `queryid ${queryid}`}</code>
        </a>
      ),
    },
    { key: 'db', label: 'Database' },
    {
      key: 'spark',
      label: 'Trend',
      format: (value, { queryid }) => <Spark values={value} label={`${queryid} over the window`} />,
    },
    { key: 'share', label: 'Share', number: true, format: format.ratio },
    {
      key: 'calls_change_ratio',
      label: 'Calls Δ',
      number: true,
      format: format.change,
      title: 'Calls compared with the previous window; empty unless both were measured alike',
    },
    {
      key: 'mean_change_ratio',
      label: 'Mean Δ',
      number: true,
      format: format.change,
      title: 'Time per call compared with the previous window; empty unless both were measured alike',
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
      {params['queryid'] && <OneQuery queryid={params['queryid']} />}
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
        <label>
          Window{' '}
          <select value={window} onChange={(event) => go({ window: event.target.value })}>
            {WINDOWS.map((key) => (
              <option key={key}>{key}</option>
            ))}
          </select>
        </label>
      </div>
      <Panel
        title="Top statements"
        hint="In the chosen window, compared with the previous one"
        sql={['statements', 'statements_info']}
      >
        <Loaded answer={answer}>
          {({ items }) => (
            <Table
              label="Top statements"
              columns={columns}
              rows={items}
              rowKey={({ queryid, db }) => `${queryid} ${db}`}
              empty="No statements in this window. After a start, the second pass brings the first ones."
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

function OneQuery({ queryid }: { queryid: string }) {
  const { params, go } = useRoute();
  const answer = useApi('/query-history', { cluster: params['cluster'], queryid, from: '-24h' });
  return (
    <Panel
      title={`Statement ${queryid}`}
      sql={['statements']}
      actions={
        <button type="button" onClick={() => go({ queryid: undefined })}>
          Close
        </button>
      }
    >
      <Loaded answer={answer}>
        {({ text, points }) => (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre tabIndex={0}>{text ?? 'Its text has not been read yet, or your role may not see it.'}</pre>
            <div className="tiles">
              {(['calls', 'exec_seconds', 'mean_seconds'] as const).map((column) => {
                const values = points.map((point) => point[column]);
                const show = column === 'calls' ? format.count : format.seconds;
                const label = { calls: 'Calls per pass', exec_seconds: 'Time per pass', mean_seconds: 'Mean' }[column];
                return (
                  <div className="tile" key={column}>
                    <span className="tile-label">{label}, last day</span>
                    <span className="tile-value">{show(values.at(-1))}</span>
                    <Spark values={values} label={`${label} over the last day`} />
                  </div>
                );
              })}
            </div>
          </>
        )}
      </Loaded>
    </Panel>
  );
}
