import { useState } from 'react';
import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Loaded, Panel } from '../parts/panel.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { useRoute } from '../route.ts';
import { ListPanel } from './list-panel.tsx';

type Session = Answers['/sessions']['sessions'][number];

const sessionColumns: readonly Column<Session>[] = [
  { key: 'pid', label: 'PID', number: true, format: format.text },
  { key: 'db', label: 'Database' },
  { key: 'application', label: 'Application' },
  { key: 'state', label: 'State' },
  {
    key: 'wait_event',
    label: 'Wait event',
    format: (value, { wait_event_type }) => format.text([wait_event_type, value].filter(Boolean).join(': ')),
  },
  { key: 'xact_age_seconds', label: 'Transaction', number: true, format: format.seconds },
  { key: 'query_age_seconds', label: 'Statement', number: true, format: format.seconds },
  { key: 'query', label: 'Query', format: (value) => <code className="query">{format.text(value)}</code> },
];

/** Sessions by wait over time, and the sessions at a point in time. */
export function ActivityView() {
  const { params, go } = useRoute();
  const [chosen, setAt] = useState<string>();
  const at = chosen ?? params['at'];
  const back = () => {
    setAt(undefined);
    go({ at: undefined });
  };
  return (
    <>
      <Panel
        title="Active sessions by wait"
        hint="Sampled at every hot pass. Click a point in time to see its sessions."
        sql={['activity']}
      >
        <Chart
          metric="pg_active_sessions"
          label="Active sessions"
          by="wait_event_type"
          labels={params['db'] && `db=${params['db']}`}
          stacked
          onMoment={(moment) => setAt(moment.toISOString())}
        />
      </Panel>
      {at ? <Moment at={at} onBack={back} /> : <Now />}
      <div className="columns">
        <Panel title="Connections by state" sql={['activity']}>
          <Chart metric="pg_connections" label="Connections" by="state" stacked />
        </Panel>
        <Panel title="Oldest transaction" sql={['activity']}>
          <Chart metric="pg_longest_transaction_seconds" label="Oldest transaction" />
        </Panel>
      </div>
    </>
  );
}

function Now() {
  return (
    <ListPanel
      title="Current sessions"
      hint="In a transaction, active, waiting or blocking others"
      path="/connections"
      kind="sessions"
      columns={sessionColumns}
      sort="-xact_age_seconds"
      empty="No sessions in a transaction."
      rowKey={({ pid }) => pid}
    />
  );
}

function Moment({ at, onBack }: { at: string; onBack: () => void }) {
  const { params } = useRoute();
  const answer = useApi('/sessions', { cluster: params['cluster'], at }, 3_600_000);
  return (
    <Panel
      title={`Sessions at ${format.clock(at)}`}
      sql={['activity']}
      actions={
        <button type="button" onClick={onBack}>
          Back to now
        </button>
      }
    >
      <Loaded answer={answer}>
        {({ sessions }) => (
          <Table
            label="Sessions at that time"
            columns={sessionColumns}
            rows={sessions}
            sort="-xact_age_seconds"
            empty="No sessions were in a transaction at that time."
            rowKey={({ pid }) => pid}
          />
        )}
      </Loaded>
    </Panel>
  );
}
