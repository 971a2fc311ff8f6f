import './statement.css';
import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { useHappened } from '../parts/chart/happened.ts';
import { TimeChart } from '../parts/chart.tsx';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';
import { EventList } from './events.tsx';

type Statement = Answers['/statement'];
type Work = Statement['current'];
type Amount = Exclude<keyof Work, 'from' | 'to' | 'covered_seconds' | 'parts' | 'listed' | 'comparable'>;

const AMOUNTS: readonly { key: Amount; label: string; format: (value: unknown) => string }[] = [
  { key: 'calls', label: 'Calls', format: format.count },
  { key: 'exec_seconds', label: 'Time', format: format.seconds },
  { key: 'mean_seconds', label: 'Mean', format: format.seconds },
  { key: 'p95_seconds', label: 'p95 (estimated)', format: format.seconds },
  { key: 'result_rows', label: 'Rows', format: format.count },
  { key: 'blocks_read', label: 'Blocks read', format: format.count },
  { key: 'blocks_hit', label: 'Blocks from cache', format: format.count },
  { key: 'temp_blocks', label: 'Temp blocks', format: format.count },
  { key: 'wal_bytes', label: 'WAL', format: format.bytes },
];

/** One statement over the shown range, against the same time a day and a week before. */
export function StatementPage({ queryid }: { queryid: string }) {
  const { params } = useRoute();
  const time = useTime();
  const answer = useApi('/statement', { cluster: params['cluster'], db: params['db'], queryid, ...time.params });
  return (
    <>
      <p>
        <a href={hrefOf('queries', { ...lasting(params) })}>← All statements</a>
      </p>
      <Panel title={`Statement ${queryid}`} sql={['statements', 'activity']}>
        <Loaded answer={answer}>
          {(statement) => (
            <>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre className="statement-text" tabIndex={0}>
                {statement.text ?? 'Its text has not been read yet, or your role may not see it.'}
              </pre>
              <p className="hint">
                {statement.databases.length > 0 ? `Ran in ${statement.databases.join(', ')}. ` : ''}
                {listedText(statement)}
              </p>
              <Compared statement={statement} />
            </>
          )}
        </Loaded>
      </Panel>
      {/* What is wrong with the answer is said above. */}
      {answer.data && <Details statement={answer.data} />}
    </>
  );
}

/** What is known of it: where it was not among the statements that are kept it did little, or nothing. */
function listedText({ resolution, current }: Statement): string {
  const { listed, parts, from, to } = current;
  if (parts === 0) return 'Nothing was measured in this range.';
  const whole = resolution === 'passes' ? '' : ` that were over, from ${format.clock(from)} to ${format.clock(to)}`;
  if (listed === parts) return `Listed in all ${format.count(parts)} ${resolution}${whole}.`;
  return `Listed in ${format.count(listed)} of ${format.count(parts)} ${resolution}${whole}; in the others it did too little to be listed, or nothing, and is not counted.`;
}

function Compared({ statement: { current, day_before, week_before } }: { statement: Statement }) {
  const times = [
    { label: 'A day before', work: day_before },
    { label: 'A week before', work: week_before },
  ] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label="Compared with the same time before">
      <table className="compared">
        <thead>
          <tr>
            <th scope="col">Amount</th>
            <th scope="col" className="number">
              Shown range
            </th>
            {times.map(({ label }) => (
              <th scope="col" className="number" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {AMOUNTS.map(({ key, label, format: shown }) => (
            <tr key={key}>
              <th scope="row">{label}</th>
              <td className="number">{shown(current.parts > 0 ? current[key] : null)}</td>
              {times.map(({ label: when, work }) => (
                <td className="number" key={when}>
                  {work?.comparable ? (
                    <>
                      {shown(work[key])} <Change now={current[key]} before={work[key]} />
                    </>
                  ) : (
                    format.text(null)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Measured</th>
            <td className="number">{format.seconds(current.covered_seconds)}</td>
            {times.map(({ label, work }) => (
              <td className="number" key={label}>
                {measuredText(work)}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function measuredText(work: Work | null): string {
  if (!work) return 'no longer kept';
  if (work.covered_seconds === 0) return 'not measured';
  return `${format.seconds(work.covered_seconds)}${work.comparable ? '' : ': not compared'}`;
}

function Change({ now, before }: { now: number | null; before: number | null }) {
  if (now === null || !before) return null;
  return <span className="change">({format.change(now / before - 1)})</span>;
}

const CHARTS: readonly {
  title: string;
  unit: string;
  lines: readonly { key: keyof Statement['series']; name: string }[];
}[] = [
  { title: 'Calls', unit: 'Count/s', lines: [{ key: 'calls', name: 'Calls' }] },
  {
    title: 'Time of a call',
    unit: 'Seconds',
    lines: [
      { key: 'mean_seconds', name: 'Mean' },
      { key: 'p95_seconds', name: 'p95 (estimated)' },
    ],
  },
  { title: 'Rows', unit: 'Count/s', lines: [{ key: 'result_rows', name: 'Rows' }] },
  {
    title: 'Blocks',
    unit: 'Count/s',
    lines: [
      { key: 'blocks_read', name: 'Read' },
      { key: 'blocks_hit', name: 'From cache' },
    ],
  },
  { title: 'WAL', unit: 'Bytes/s', lines: [{ key: 'wal_bytes', name: 'WAL' }] },
  { title: 'Temp blocks', unit: 'Count/s', lines: [{ key: 'temp_blocks', name: 'Temp blocks' }] },
];

const waitColumns: readonly Column<Statement['waits'][number]>[] = [
  { key: 'wait', label: 'Waits for' },
  { key: 'active_sessions', label: 'Active', number: true, format: format.count, title: 'Sessions on average' },
  { key: 'share', label: 'Share', number: true, format: format.ratio },
];
const runnerColumns: readonly Column<Statement['runners'][number]>[] = [
  { key: 'application', label: 'Application' },
  { key: 'user_name', label: 'User' },
  { key: 'db', label: 'Database' },
  { key: 'active_sessions', label: 'Active', number: true, format: format.count, title: 'Sessions on average' },
  { key: 'share', label: 'Share', number: true, format: format.ratio },
];
const tableColumns: readonly Column<Statement['tables'][number]>[] = [
  { key: 'relation', label: 'Table', name: true },
  { key: 'db', label: 'Database' },
  { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
];

function Details({ statement }: { statement: Statement }) {
  const { times, series, step_seconds, waits, runners, tables } = statement;
  const { marks } = useHappened('pg_qps');
  return (
    <>
      <div className="columns">
        {CHARTS.map(({ title, unit, lines }) => (
          <Panel key={title} title={title} sql={['statements']}>
            {times.length === 0 ? (
              <Empty>Nothing was measured in this range.</Empty>
            ) : (
              <TimeChart
                label={title}
                by="of"
                {...{ unit, times, step_seconds, marks }}
                series={lines.map(({ key, name }) => {
                  const values = series[key];
                  return { labels: { of: name }, avg: values, min: values, max: values };
                })}
              />
            )}
          </Panel>
        ))}
      </div>
      <div className="columns">
        <Panel title="Waits" hint="From the samples of every hot pass" sql={['activity']}>
          <Table
            label="Waits of the statement"
            columns={waitColumns}
            rows={waits}
            rowKey={({ wait }) => wait}
            empty="It was not seen running in this range."
          />
        </Panel>
        <Panel title="Who runs it" hint="From the samples of every hot pass" sql={['activity']}>
          <Table
            label="Who runs the statement"
            columns={runnerColumns}
            rows={runners}
            empty="It was not seen running in this range."
          />
        </Panel>
      </div>
      <StatementEvents queryid={statement.queryid} />
      <Panel
        title="Tables"
        hint="Those of the largest whose names stand in the text; what views and functions read is not known"
        sql={['table_sizes']}
      >
        <Table
          label="Tables that the statement names"
          columns={tableColumns}
          rows={tables}
          rowKey={({ db, relation }) => `${db} ${relation}`}
          empty="None of the largest tables is named in its text."
        />
      </Panel>
    </>
  );
}

/** That it is new, no longer seen, or may have another plan. */
function StatementEvents({ queryid }: { queryid: string }) {
  const { params } = useRoute();
  const { range } = useTime();
  const answer = useApi('/events', { cluster: params['cluster'], object: queryid, ...range });
  return (
    <Panel
      title="Events"
      hint="What was seen of this statement in the shown range; other events are marked on the charts"
    >
      <Loaded answer={answer}>
        {({ items }) =>
          items.length > 0 ? (
            <EventList events={items} />
          ) : (
            <Empty>It was not new, did not disappear, and no change of its plan was suspected in this range.</Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}
