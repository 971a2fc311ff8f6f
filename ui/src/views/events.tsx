import { useEffect, useState } from 'react';
import { type Answers, ask, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';
import './events.css';

type Event = Answers['/events']['items'][number];

/** What changed on the target in the shown range, newest first. */
export function EventsView() {
  const { params, go } = useRoute();
  const { range } = useTime();
  const routine = params['routine'] === 'yes';
  const answer = useApi('/events', {
    cluster: params['cluster'],
    db: params['db'],
    ...range,
    kind: params['kind'],
    text: params['text'],
    severity: routine ? 'info' : undefined,
  });
  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Kind{' '}
          <select value={params['kind'] ?? ''} onChange={(event) => go({ kind: event.target.value || undefined })}>
            <option value="">all</option>
            {(answer.data?.kinds ?? []).map(({ kind, title }) => (
              <option key={kind} value={kind}>
                {title}
              </option>
            ))}
            <option value="deploy">Deployment</option>
          </select>
        </label>
        <Search />
        <label className="check">
          <input
            type="checkbox"
            checked={routine}
            onChange={(event) => go({ routine: event.target.checked ? 'yes' : undefined })}
          />
          Vacuum, analyze and checkpoints, too
        </label>
      </form>
      <Panel
        title="Events"
        hint="What pgmon saw change, what was posted, and when alerts began and ended."
        actions={<a href={hrefOf('changed', lasting(params))}>What changed up to this moment</a>}
      >
        <Loaded answer={answer}>
          {({ items, since, next_cursor }) => (
            <>
              {items.length > 0 && <EventList events={items} />}
              {items.length === 0 && (
                <Empty>No events in this range.{since ? ` The data begins at ${format.clock(since)}.` : ''}</Empty>
              )}
              {next_cursor && <p className="hint">There are more; choose a shorter range or a kind.</p>}
            </>
          )}
        </Loaded>
      </Panel>
      <PostEvent onDone={answer.reload} />
    </>
  );
}

/** Searches when the reader pauses, not at every key. */
function Search() {
  const { params, stay } = useRoute();
  const [text, setText] = useState(params['text'] ?? '');
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== (params['text'] ?? '')) stay({ text: text || undefined });
    }, 300);
    return () => clearTimeout(timer);
  }, [text, params, stay]);
  return (
    <label>
      Text <input type="search" value={text} placeholder="any" onChange={(event) => setText(event.target.value)} />
    </label>
  );
}

/** Events in a line each, by day, with what was before and what is now. */
export function EventList({ events }: { events: readonly Event[] }) {
  const { params } = useRoute();
  return (
    <ol className="events">
      {events.map((event) => (
        <li key={event.id} className={`event ${event.severity}`}>
          <a
            className="event-time"
            href={hrefOf('changed', { ...lasting(params), from: undefined, to: undefined, at: event.at })}
            title={`${format.clock(event.at)}: what changed up to this moment`}
          >
            <time dateTime={event.at}>{format.exactClock(new Date(event.at))}</time>
          </a>
          <span className="event-kind">{event.title}</span>
          <span className="event-text">
            {event.text}
            <span className="event-more">{moreOf(event)}</span>
          </span>
          {event.source !== 'posted' && (
            <a className="event-link" href={event.link}>
              Open<span className="unseen"> what this is about</span>
            </a>
          )}
        </li>
      ))}
    </ol>
  );
}

/** What the sentence does not say yet: database, who, and since when it may have been so. */
function moreOf({ db, by, since, text, ...event }: Event): string {
  const parts = [
    db && !text.includes(db) ? `database ${db}` : undefined,
    by && !text.includes(by) ? `by ${by}` : undefined,
    since && isLong({ ...event, since }) ? `since ${format.shortClock(new Date(since))} at the earliest` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? ` · ${parts.join(' · ')}` : '';
}

/** Found so long after it may have happened that its time says little by itself. */
function isLong({ at, since, source }: Pick<Event, 'at' | 'since' | 'source'>): boolean {
  return source === 'seen' && since !== undefined && Date.parse(at) - Date.parse(since) > 120_000;
}

function PostEvent({ onDone }: { onDone: () => void }) {
  const { params } = useRoute();
  const [fault, setFault] = useState<string>();
  return (
    <Panel title="Post an event" hint="A deployment, a migration, a change of hardware: it is marked on every chart.">
      <form
        className="filters"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          const form = submitted.currentTarget;
          const text = String(new FormData(form).get('text') ?? '').trim();
          ask('/events', { method: 'POST', body: { text, cluster: params['cluster'] } })
            .then(() => {
              setFault(undefined);
              form.reset();
              onDone();
            })
            .catch((error: unknown) => setFault(error instanceof Error ? error.message : 'failed'));
        }}
      >
        <label>
          Text <input name="text" required maxLength={1_000} placeholder="deploy 4711" />
        </label>
        <button type="submit">Post</button>
      </form>
      {fault && (
        <p className="note bad" role="alert">
          {fault}
        </p>
      )}
    </Panel>
  );
}
