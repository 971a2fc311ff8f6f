import { useState } from 'react';
import { type Answers, ask, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Loaded, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';
import { useRoute } from '../route.ts';
import { useTime } from '../time.ts';
import { OpenAlerts } from './open-alerts.tsx';
import { RuleSelect } from './rule-select.tsx';

/** Open alerts, silences, and history. */
export function AlertsView() {
  const { params, go } = useRoute();
  const { isNow, moment } = useTime();
  const severity = params['severity'];
  const history = useApi('/alerts/history', {
    cluster: params['cluster'],
    severity,
    rule: params['rule'],
    limit: 100,
    ...moment,
  });
  return (
    <>
      <div className="filters">
        <label>
          Severity{' '}
          <select value={severity ?? ''} onChange={(event) => go({ severity: event.target.value || undefined })}>
            <option value="">all</option>
            <option>critical</option>
            <option>warning</option>
            <option>info</option>
          </select>
        </label>
        <RuleSelect all="all" value={params['rule']} onChange={(rule) => go({ rule })} />
      </div>
      <Panel title="Open">
        <OpenAlerts severity={severity} />
      </Panel>
      {/* Silences are those of now. */}
      {isNow && <Silences />}
      <Panel title="History">
        <Loaded answer={history}>
          {({ items }) => (
            <Table
              label="Alert history"
              columns={[
                { key: 'at', label: 'Time', format: format.clock },
                { key: 'kind', label: 'Change', format: (value, { severity }) => changeText(value, severity) },
                { key: 'cluster', label: 'Target' },
                { key: 'title', label: 'Rule', name: true },
                {
                  key: 'message',
                  label: 'Message',
                  wrap: true,
                  format: (value, { suppressed }) => `${value}${suppressed ? ` (${suppressed})` : ''}`,
                },
              ]}
              rows={items}
              rowKey={({ id }) => id}
              empty={isNow ? 'No alerts so far.' : 'No alert was kept up to that moment.'}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}

type Change = Answers['/alerts/history']['items'][number]['kind'];

const CHANGES: Readonly<Record<Change, string>> = {
  firing: 'began',
  escalated: 'worse',
  'de-escalated': 'better',
  resolved: 'over',
  'no-data': 'no data',
  repeated: 'still open',
  changed: 'another cause',
  test: 'test',
};

/** What became of an alert, with how severe it is where it is open. */
function changeText(change: Change, severity: string): string {
  return change === 'resolved' ? CHANGES[change] : `${CHANGES[change]}, ${severity}`;
}

function Silences() {
  const { params } = useRoute();
  const answer = useApi('/silences', {});
  const [fault, setFault] = useState<string>();
  const change = (work: Promise<unknown>) =>
    work
      .then(() => {
        setFault(undefined);
        answer.reload();
      })
      .catch((error: unknown) => setFault(error instanceof Error ? error.message : 'failed'));
  return (
    <Panel
      title="Silences"
      hint="Until then, matching alerts notify only of the end of what was notified before; the history records all."
    >
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const rule = String(form.get('rule') ?? '').trim();
          const comment = String(form.get('comment') ?? '').trim();
          const body = {
            for: String(form.get('for')),
            rule: rule || undefined,
            comment: comment || undefined,
            cluster: params['cluster'],
          };
          void change(ask('/silences', { method: 'POST', body }));
        }}
      >
        <RuleSelect name="rule" all="all rules" />
        <label>
          For{' '}
          <select name="for" defaultValue="2h">
            <option value="30m">30 min</option>
            <option value="2h">2 hours</option>
            <option value="8h">8 hours</option>
            <option value="1d">1 day</option>
            <option value="7d">7 days</option>
          </select>
        </label>
        <label>
          Comment <input name="comment" />
        </label>
        <button type="submit">Silence</button>
      </form>
      {fault && (
        <p className="note bad" role="alert">
          {fault}
        </p>
      )}
      <Loaded answer={answer}>
        {({ items }) => (
          <Table
            label="Silences"
            columns={[
              { key: 'until', label: 'Until', format: format.clock },
              { key: 'cluster', label: 'Target', format: (value) => format.text(value ?? 'all') },
              { key: 'rule', label: 'Rule', format: (value) => format.text(value ?? 'all') },
              { key: 'by', label: 'By', format: (value) => format.text(value ?? '–') },
              { key: 'comment', label: 'Comment' },
              {
                key: 'id',
                label: 'End',
                format: (value) => (
                  <button type="button" onClick={() => void change(ask(`/silences/${value}`, { method: 'DELETE' }))}>
                    End<span className="unseen"> silence {value}</span>
                  </button>
                ),
              },
            ]}
            rows={items}
            rowKey={({ id }) => id}
            empty="No silences."
          />
        )}
      </Loaded>
    </Panel>
  );
}
