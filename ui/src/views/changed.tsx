import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Empty, Loaded, Panel } from '../parts/panel.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';
import { EventList } from './events.tsx';

type Move = Answers['/changed']['moves'][number];

const WINDOWS = { '5m': '5 min', '15m': '15 min', '1h': '1 hour', '6h': '6 hours', '24h': '24 hours' } as const;

const NAMES: Readonly<Record<Move['kind'], string>> = {
  statement: 'Statement',
  wait: 'Wait',
  connections: 'Connections',
  table: 'Table',
};

/** Statements, waits, connections, tables: with a note of each, none of them was measured in both windows. */
const NOT_COMPARED = 4;

/** What changed up to a moment or the begin of an alert: events, then what moved most against the time before. */
export function ChangedView() {
  const { params, go } = useRoute();
  const { moment } = useTime();
  const alert = params['alert'];
  const window = params['window'] ?? '15m';
  const answer = useApi('/changed', {
    cluster: params['cluster'],
    ...(alert ? { alert } : { at: moment.at }),
    window,
  });
  return (
    <>
      <div className="filters">
        <label>
          Window{' '}
          <select value={window} onChange={(event) => go({ window: event.target.value })}>
            {Object.entries(WINDOWS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Loaded answer={answer}>
        {({ alert: of, from, to, before_from, events, more_events, moves, notes, since }) => (
          <>
            <p className="changed-window">
              {of && (
                <>
                  Up to the begin of <strong>{of.title}</strong>: {of.message}.{' '}
                </>
              )}
              <strong>{format.rangeText(new Date(from), new Date(to))}</strong>, compared with{' '}
              {format.rangeText(new Date(before_from), new Date(from))} ({format.zoneName(new Date(to))}).
              {since && ` The data begins at ${format.clock(since)}.`}
            </p>
            <Panel
              title="Events"
              hint="What may be a cause; alerts, which are effects, come last."
              actions={<a href={hrefOf('events', { ...lasting(params), from, to, at: undefined })}>All events</a>}
            >
              {events.length > 0 ? <EventList events={events} /> : <Empty>No events in this window.</Empty>}
              {more_events !== undefined && (
                <p className="hint">
                  {format.count(more_events)} more are not shown here: these are the most severe, and some of each kind.
                </p>
              )}
            </Panel>
            <Panel
              title="What moved most"
              hint="Ten connections, or 1,000 rows written a second, weigh as much as a session that is always busy."
            >
              {moves.length > 0 ? (
                <Moves moves={moves} />
              ) : (
                <Empty>
                  {notes.length >= NOT_COMPARED
                    ? 'Nothing could be compared.'
                    : 'Nothing moved beyond the usual noise.'}
                </Empty>
              )}
              {notes.map((note) => (
                <p className="hint" key={note}>
                  {note}
                </p>
              ))}
            </Panel>
          </>
        )}
      </Loaded>
    </>
  );
}

function Moves({ moves }: { moves: readonly Move[] }) {
  const most = Math.max(...moves.map(({ weight }) => weight));
  return (
    <ol className="moves">
      {moves.map((move) => (
        <li key={`${move.kind} ${move.name} ${move.db}`} className="move">
          <span className="event-kind">{NAMES[move.kind]}</span>
          <a className="move-name" href={move.link}>
            {move.text ?? (move.kind === 'statement' ? `Statement ${move.name}` : move.name)}
          </a>
          <span className="move-numbers">
            {measured(move.before, move.unit)} → <strong>{measured(move.after, move.unit)}</strong>{' '}
            {move.before !== null && move.before > 0 && move.after !== null && (
              <span className="event-more">({format.change(move.change / move.before)})</span>
            )}
            {move.cause && (
              <span className="event-more"> by {move.cause === 'both' ? 'calls and time per call' : move.cause}</span>
            )}
            {move.db && <span className="event-more"> in {move.db}</span>}
          </span>
          <meter
            className={move.change > 0 ? 'more' : 'less'}
            min={0}
            max={most}
            value={move.weight}
            aria-label="Weight against the others"
          />
        </li>
      ))}
    </ol>
  );
}

function measured(value: number | null, unit: string): string {
  return value === null ? 'not listed' : `${format.count(value)} ${unit}`;
}
