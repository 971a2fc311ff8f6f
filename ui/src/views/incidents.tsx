import { useState } from 'react';
import { type Answers, ask, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { instantOf, useTime } from '../time.ts';
import './events.css';
import './incidents.css';

type Incident = Answers['/incidents']['items'][number];
type Details = Answers['/incidents/{id}'];

/** Alerts with one cause: a line each, and what happened to it when it is opened. */
export function IncidentsView() {
  const { params, go } = useRoute();
  const { range, isNow } = useTime();
  const state = params['state'];
  const answer = useApi(
    '/incidents',
    { cluster: params['cluster'], state, limit: 100, from: aWeekAtLeast(range), to: range.to },
    5_000,
  );
  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          State{' '}
          <select value={state ?? ''} onChange={(event) => go({ state: event.target.value || undefined })}>
            <option value="">all</option>
            <option value="open">open</option>
            <option value="ended">ended</option>
          </select>
        </label>
      </form>
      <Panel title="Incidents" hint="Alerts with one cause, of the shown range and a week at least.">
        <Loaded answer={answer}>
          {({ items, times, next_cursor }) => (
            <>
              {times && times.incidents > 0 && <Times times={times} />}
              {items.length > 0 ? (
                <ol className="incidents">
                  {items.map((incident) => (
                    <Line key={incident.id} incident={incident} isNow={isNow} onChange={answer.reload} />
                  ))}
                </ol>
              ) : (
                <Empty>No incidents in this range.</Empty>
              )}
              {next_cursor && <p className="hint">There are more; choose a shorter range.</p>}
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

const WEEK_MS = 7 * 86_400_000;

/** Incidents are rare: what opened in the hour of the charts says little of them, so it is a week at least. */
function aWeekAtLeast({ from, to }: { readonly from: string; readonly to: string }): string {
  const end = instantOf(to)?.getTime() ?? Date.now();
  const start = Math.min(instantOf(from)?.getTime() ?? end, end - WEEK_MS);
  // To the minute, so that the question stays the same for a while.
  return new Date(Math.floor(start / 60_000) * 60_000).toISOString();
}

function Times({ times }: { times: NonNullable<Answers['/incidents']['times']> }) {
  const mean = (seconds: number | null) => (seconds === null ? 'none yet' : format.seconds(seconds));
  return (
    <p className="hint">
      {format.count(times.incidents)} {times.incidents === 1 ? 'incident' : 'incidents'} · mean time to acknowledge:{' '}
      {mean(times.mtta_seconds)} · mean time to end: {mean(times.mttr_seconds)}
    </p>
  );
}

function Line({ incident, isNow, onChange }: { incident: Incident; isNow: boolean; onChange: () => void }) {
  const [open, setOpen] = useState(false);
  const { id, state, severity, highest, title, message, seconds, alerts, acknowledged, opened_at } = incident;
  const acknowledge = () => void ask(`/incidents/${id}/acknowledge`, { method: 'POST', body: {} }).finally(onChange);
  return (
    <li className={`incident ${state === 'open' ? severity : 'ended'}`}>
      <button type="button" className="incident-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <time dateTime={opened_at}>{format.shortClock(new Date(opened_at))}</time>
        <span className="severity">{state === 'open' ? severity : `ended, ${highest}`}</span>
        <span className="incident-what">
          <strong>{title}</strong> <span className="incident-message">{message}</span>
        </span>
        <span className="incident-side">
          {alerts.all > 1 && <span>{format.count(alerts.all)} alerts</span>}
          {acknowledged && <span>acknowledged{acknowledged.by ? ` by ${acknowledged.by}` : ''}</span>}
          <span>{format.seconds(seconds)}</span>
        </span>
      </button>
      {open && <Opened incident={incident} />}
      {open && state === 'open' && isNow && !acknowledged && (
        <button type="button" onClick={acknowledge}>
          Acknowledge<span className="unseen"> {title}</span>
        </button>
      )}
    </li>
  );
}

/** Its timeline and its worst alerts. */
function Opened({ incident }: { incident: Incident }) {
  const { params } = useRoute();
  const answer = useApi('/incidents/{id}', { id: incident.id }, 5_000);
  const { cause, action, ending, panel, clusters } = incident;
  return (
    <Loaded answer={answer}>
      {(details: Details) => (
        <div className="incident-details">
          <p>
            Cause: {cause.text}. {ending ? `${ending}.` : action}{' '}
            <a href={hrefOf(panel, { ...lasting(params), cluster: clusters[0] })}>
              Open<span className="unseen"> the view of {incident.title}</span>
            </a>
          </p>
          <ol className="timeline">
            {details.timeline.map(({ at, kind, severity, text }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two entries may be the same, and none moves
              <li key={i}>
                <time dateTime={at}>{format.shortClock(new Date(at))}</time>
                <span className="event-kind">{kind === 'notified' ? 'message' : kind}</span>
                <span className="event-text">
                  {text}
                  {severity && <span className="event-more"> · {severity}</span>}
                </span>
              </li>
            ))}
          </ol>
          {details.alerts.all > 1 && (
            <ul className="incident-alerts">
              {details.worst.map(({ fingerprint, cluster, severity, title, message, ended_at, silenced }) => (
                <li key={fingerprint}>
                  {ended_at ? 'over' : severity}: {title} on {cluster}: {message}
                  {silenced && ' (silenced)'}
                </li>
              ))}
              {details.alerts.all > details.worst.length && (
                <li>
                  and {format.count(details.alerts.all - details.worst.length)} more:{' '}
                  {Object.entries(details.rules)
                    .map(([rule, count]) => `${format.count(count)} ${rule}`)
                    .join(', ')}
                </li>
              )}
            </ul>
          )}
        </div>
      )}
    </Loaded>
  );
}
