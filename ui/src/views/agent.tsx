import { useApi } from '../api.ts';
import * as format from '../format.ts';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';
import { usePlace } from '../place.ts';

/** What pgmon does and could not do, and what it costs the server. */
export function AgentView() {
  const { params } = usePlace();
  const answer = useApi('/agent', { cluster: params['cluster'] });
  return (
    <Loaded answer={answer}>
      {({ loops }) => {
        const findings = new Map(loops.flatMap((loop) => loop.findings.map((one) => [one.message, one] as const)));
        return (
          <>
            <Panel title="Loops" hint="Passes over this target, each with its budget">
              <Table
                label="Loops"
                rowKey={({ loop }) => loop}
                columns={[
                  { key: 'loop', label: 'Loop' },
                  { key: 'interval_seconds', label: 'Every', number: true, format: format.seconds },
                  {
                    key: 'taken_at',
                    label: 'Last pass',
                    format: (value) => (value ? format.clock(value) : 'not yet'),
                  },
                  { key: 'duration_ms', label: 'Took', number: true, format: milliseconds },
                  { key: 'budget_ms', label: 'of', number: true, format: milliseconds },
                  { key: 'statement_ms', label: 'Server time', number: true, format: milliseconds },
                  {
                    key: 'state',
                    label: 'State',
                    of: ({ problem, stale }) => problem ?? (stale ? 'late' : 'on time'),
                  },
                ]}
                rows={loops}
                empty="No loop runs."
              />
            </Panel>
            <Panel title="Findings" hint="About the role and the server; each with the statement that mends it">
              {findings.size === 0 ? (
                <Empty>Nothing to mend.</Empty>
              ) : (
                [...findings.values()].map(({ severity, message, hint }) => (
                  <div className={severity === 'error' ? 'note bad' : 'note warn'} key={message}>
                    {message}
                    {hint && (
                      <span className="remedy">
                        {' '}
                        <code>{hint}</code>
                      </span>
                    )}
                  </div>
                ))
              )}
            </Panel>
            <Panel title="Collectors">
              <Table
                label="Collectors"
                rowKey={({ loop, collector, database }) => `${loop} ${collector} ${database ?? ''}`}
                columns={[
                  { key: 'collector', label: 'Collector' },
                  { key: 'loop', label: 'Loop' },
                  { key: 'database', label: 'Database' },
                  {
                    key: 'status',
                    label: 'State',
                    format: (value, { degraded }) => (degraded ? 'backing off' : value),
                  },
                  { key: 'rows', label: 'Rows', number: true, format: format.count },
                  { key: 'ms', label: 'Took', number: true, format: milliseconds },
                  {
                    key: 'reason',
                    label: 'Why',
                    wrap: true,
                    format: (value, { hint }) => (
                      <>
                        {value}
                        {hint && <code> {hint}</code>}
                      </>
                    ),
                  },
                ]}
                rows={loops.flatMap(({ loop, outcomes }) => outcomes.map((outcome) => ({ loop, ...outcome })))}
                empty="No collector ran yet."
              />
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}

/** Answers of a pass arrive together: what is shorter than this says nothing. */
const milliseconds = (value: unknown) => {
  if (typeof value !== 'number') return '–';
  return value < 0.1 ? '< 0.1 ms' : format.seconds(value / 1_000);
};
