import { cutText, type Event, type EventDraft, eventId, LONGEST_TEXT, LONGEST_VALUE } from './event.ts';
import type { Comparison, EventKind } from './kind.ts';

/** Of one kind in one pass; more of them are one event. */
const MOST = 10;
/** Names that such an event has. */
const NAMES = 10;

/**
 * What changed between two passes, by every kind of their loop.
 *
 * @param onFault gets what made a kind fail; the others have their events
 */
export function eventsOf(
  kinds: readonly EventKind[],
  comparison: Comparison,
  onFault: (kind: string, error: unknown) => void,
): Event[] {
  const { current } = comparison;
  return kinds
    .filter(({ loop, evenDown }) => loop === current.loop && (current.up || evenDown))
    .flatMap((kind) => {
      try {
        return folded(kind, kind.compare(comparison)).map((draft) => eventOf(kind, draft, comparison));
      } catch (error) {
        onFault(kind.name, error);
        return [];
      }
    });
}

interface Folded extends EventDraft {
  readonly count?: number;
}

/** Drafts as they are, or all as one where they are many: ten thousand dropped tables are one change. */
function folded(kind: EventKind, drafts: readonly EventDraft[]): readonly Folded[] {
  const [first] = drafts;
  if (!first || drafts.length <= MOST) return drafts;
  const { length: count } = drafts;
  const names = drafts.slice(0, NAMES).map(({ object, text }) => cutText(object ?? text, 100));
  const rest = count - names.length;
  return [
    {
      at: first.at,
      db: drafts.every(({ db }) => db === first.db) ? first.db : undefined,
      count,
      severity: drafts.some(({ severity }) => (severity ?? kind.severity) === 'warning') ? 'warning' : kind.severity,
      text: `${kind.many(count.toLocaleString('en-US'))}: ${names.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en-US')} more` : ''}`,
    },
  ];
}

function eventOf(kind: EventKind, draft: Folded, { previous, current, last }: Comparison): Event {
  const since = (current.up ? previous : last).takenAt;
  const value = (text: string | undefined) => (text === undefined ? undefined : cutText(text, LONGEST_VALUE));
  const event = {
    at: draft.at ?? current.takenAt,
    cluster: current.cluster,
    kind: kind.name,
    severity: draft.severity ?? kind.severity,
    db: value(draft.db),
    object: value(draft.object),
    from: value(draft.from),
    to: value(draft.to),
    count: draft.count,
    source: 'seen' as const,
    by: value(draft.by),
    since,
    text: cutText(draft.text, LONGEST_TEXT),
  };
  return { id: eventId(event), ...event };
}
