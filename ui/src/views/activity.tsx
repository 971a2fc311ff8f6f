import './activity.css';
import { type Answers, type ListRows, useApi } from '../api.ts';
import * as format from '../format.ts';
import { useHappened } from '../parts/chart/happened.ts';
import { Chart, TimeChart } from '../parts/chart.tsx';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';
import { ListPanel } from './list-panel.tsx';

type Activity = Answers['/activity'];
type Session = ListRows['/connections']['sessions'];

const BY = [
  { key: 'wait', label: 'Wait' },
  { key: 'statement', label: 'Statement' },
  { key: 'application', label: 'Application' },
  { key: 'user', label: 'User' },
  { key: 'db', label: 'Database' },
] as const;

/** Only clients have a state. */
const STATES = { none: 'background process' };

/** Longest name of a band: the legend has many. */
const NAME_LENGTH = 44;

/** Who was active, by what, over the shown range; whose sessions these were at a moment; and which statements they ran. */
export function ActivityView() {
  const { params, go } = useRoute();
  const time = useTime();
  const by = BY.find(({ key }) => key === params['by'])?.key ?? 'wait';
  const answer = useApi('/activity', { cluster: params['cluster'], db: params['db'], by, ...time.params });
  return (
    <>
      <Panel
        title={`Active sessions by ${BY.find(({ key }) => key === by)?.label.toLowerCase()}`}
        hint="Sessions that run a statement, by what they wait for; CPU: for nothing. Click a point to see its sessions."
        sql={['activity']}
        actions={<Segments label="Split by" options={BY} chosen={by} onChoose={(key) => go({ by: key })} />}
      >
        <Loaded answer={answer}>{(activity) => <Bands activity={activity} pending={answer.pending} />}</Loaded>
      </Panel>
      <Sessions />
      <Panel
        title="Load by statement"
        hint="Active sessions on average of the shown range, and what they waited for"
        sql={['activity']}
      >
        <Loaded answer={answer}>{(activity) => <Statements activity={activity} />}</Loaded>
      </Panel>
      <div className="columns">
        <Panel title="Connections by state" sql={['activity']}>
          <Chart metric="pg_connections" label="Connections" by="state" names={STATES} stacked />
        </Panel>
        <Panel title="Oldest transaction" sql={['activity']}>
          <Chart metric="pg_longest_transaction_seconds" label="Oldest transaction" peak />
        </Panel>
      </div>
    </>
  );
}

function Bands({ activity, pending }: { activity: Activity; pending: boolean }) {
  const time = useTime();
  const happened = useHappened('pg_active_sessions');
  const { times, bands, step_seconds, passes } = activity;
  if (passes === 0) return <Empty>Nothing was measured in this range.</Empty>;
  if (bands.length === 0) return <Empty>No session was active in this range, in {format.count(passes)} passes.</Empty>;
  const series = bands.map((band) => ({
    labels: { band: nameOf(band) },
    avg: band.values,
    min: band.values,
    max: band.values,
  }));
  return (
    <TimeChart
      label="Active sessions"
      unit="Count"
      by="band"
      stacked
      onMoment={time.setMoment}
      {...happened}
      {...{ times, series, step_seconds, pending }}
    />
  );
}

/** A statement by its text, and the end of its queryid: two may begin alike. */
function nameOf({ key, name, text }: Activity['bands'][number]): string {
  if (text === null || key === null) return name;
  const short = text.replace(/\s+/g, ' ');
  const cut = short.length > NAME_LENGTH ? `${short.slice(0, NAME_LENGTH)}…` : short;
  return text === key ? cut : `${cut} (${key.slice(-4)})`;
}

const sessionColumns: readonly Column<Session>[] = [
  { key: 'pid', label: 'PID', number: true, format: format.text },
  { key: 'db', label: 'Database' },
  { key: 'application', label: 'Application' },
  { key: 'user_name', label: 'User' },
  { key: 'client_addr', label: 'Address' },
  { key: 'state', label: 'State' },
  {
    key: 'wait_event',
    label: 'Wait event',
    format: (value, { wait_event_type }) => format.text([wait_event_type, value].filter(Boolean).join(': ')),
  },
  { key: 'xact_age_seconds', label: 'Transaction', number: true, format: format.seconds },
  { key: 'query_age_seconds', label: 'Statement', number: true, format: format.seconds },
  { key: 'query', label: 'Query', rest: true, format: (value) => <code className="query">{format.text(value)}</code> },
];

function Sessions() {
  const { at } = useTime().moment;
  return (
    <ListPanel
      title={at ? 'Sessions at that moment' : 'Current sessions'}
      hint="In a transaction, active, waiting or blocking others"
      path="/connections"
      kind="sessions"
      columns={sessionColumns}
      sort="-xact_age_seconds"
      empty={at ? 'No session was in a transaction then.' : 'No sessions in a transaction.'}
      rowKey={({ pid }) => pid}
    />
  );
}

function Statements({ activity }: { activity: Activity }) {
  const { params } = useRoute();
  const columns: readonly Column<Activity['statements'][number]>[] = [
    {
      key: 'text',
      label: 'Statement',
      rest: true,
      format: (value, { queryid }) => {
        const text = <code className="query">{value ?? (queryid ? `queryid ${queryid}` : 'unknown')}</code>;
        if (queryid === null) return text;
        return <a href={hrefOf('queries', { ...lasting(params), queryid })}>{text}</a>;
      },
    },
    { key: 'db', label: 'Database' },
    { key: 'active_sessions', label: 'Active', number: true, format: format.count, title: 'Sessions on average' },
    { key: 'share', label: 'Share', number: true, format: format.ratio },
    {
      key: 'waits',
      label: 'Waits for',
      wrap: true,
      format: (waits, { active_sessions }) => (
        <span className="wait-shares">
          {waits.map(({ wait, active_sessions: n }) => (
            <span key={wait}>
              {wait} {format.ratio(active_sessions > 0 ? n / active_sessions : 0)}
            </span>
          ))}
        </span>
      ),
    },
  ];
  return (
    <Table
      label="Load by statement"
      columns={columns}
      rows={activity.statements}
      rowKey={({ queryid, text, db }) => `${queryid} ${text} ${db}`}
      empty="No statement was seen running in this range."
    />
  );
}
