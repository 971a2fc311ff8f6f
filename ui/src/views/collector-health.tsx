import { useApi } from '../api.ts';
import * as format from '../format.ts';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';
import { useRoute } from '../route.ts';
import { useTime } from '../time.ts';

/** What pgmon does, what it could not read, and what it costs the server. */
export function CollectorHealthView() {
  const { params } = useRoute();
  const time = useTime();
  const answer = useApi('/agent', { cluster: params['cluster'], ...time.params });
  return (
    <Loaded answer={answer}>
      {({ loops }) => {
        const findings = new Map(loops.flatMap((loop) => loop.findings.map((one) => [one.message, one] as const)));
        return (
          <>
            <Panel title="Loops" hint="The last pass of each loop over this target, with its budget">
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
                  { key: 'budget_ms', label: 'Budget', number: true, format: milliseconds },
                  { key: 'statement_ms', label: 'Server time', number: true, format: milliseconds },
                  {
                    key: 'state',
                    label: 'State',
                    of: ({ problem, stale }) => problem ?? (stale ? 'late' : 'on time'),
                  },
                ]}
                rows={loops}
                empty="No loops are running."
              />
            </Panel>
            <Panel title="Findings" hint="About the role and the server, each with the statement that fixes it">
              {findings.size === 0 ? (
                <Empty>No findings.</Empty>
              ) : (
                [...findings.values()].map(({ severity, message, hint }) => (
                  <div className={severity === 'error' ? 'note bad' : 'note warn'} key={message}>
                    <p className="finding">{message}.</p>
                    {hint && (
                      <p>
                        To mend it: <code>{hint}</code>
                      </p>
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
                    label: 'Reason',
                    wrap: true,
                    format: (value, { hint }) => (
                      <>
                        {value}
                        {hint && (
                          <>
                            . To allow it: <code>{hint}</code>
                          </>
                        )}
                      </>
                    ),
                  },
                ]}
                rows={loops.flatMap(({ loop, outcomes }) => outcomes.map((outcome) => ({ loop, ...outcome })))}
                empty="No collector has run yet."
              />
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}

/** Answers of a pass arrive together: anything shorter says nothing. */
const milliseconds = (value: unknown) => {
  if (typeof value !== 'number') return '–';
  return value < 0.1 ? '< 0.1 ms' : format.seconds(value / 1_000);
};
