import { cutText } from '../metrics/text.ts';
import { type Event, type EventDraft, eventId, LONGEST_TEXT, LONGEST_VALUE } from './event.ts';
import type { Comparison, EventKind } from './kind.ts';

/** Of one kind in one pass, of few databases in each; more of them are one event. */
const MOST = 10;
/** Databases that have events of their own; those of all others, with the fewest changes, are one event. */
const MOST_DATABASES = 100;
/** Names that such an event says. */
const NAMES = 10;
/** Names that it is found by: of one event, and of all of a kind in one pass. */
const FOUND_BY = 1_000;
const FOUND_BY_IN_ALL = 5_000;

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
        return folded(kind, kind.compare(comparison), comparison).map((draft) => eventOf(kind, draft, comparison));
      } catch (error) {
        onFault(kind.name, error);
        return [];
      }
    });
}

interface Folded extends EventDraft {
  readonly count?: number;
  readonly objects?: readonly string[];
}

/**
 * Drafts as they are, or those of a database as one where they are many: ten thousand dropped tables are one change. Each
 * database has its own, so that a list of its events has them all.
 */
function folded(kind: EventKind, drafts: readonly EventDraft[], comparison: Comparison): readonly Folded[] {
  if (drafts.length <= MOST) return drafts;
  // Those of no database last: were they one event beside that of the rest, both would have the same id.
  const groups = [...Map.groupBy(drafts, ({ db }) => db)]
    .map(([db, own]) => ({ db, own }))
    .toSorted((a, b) => Number(a.db === undefined) - Number(b.db === undefined) || b.own.length - a.own.length);
  const most = groups.length > MOST ? 1 : MOST;
  const rest = groups.slice(MOST_DATABASES).flatMap(({ own }) => own);
  const foundBy = Math.min(FOUND_BY, Math.floor(FOUND_BY_IN_ALL / Math.min(groups.length, MOST_DATABASES + 1)));
  const folding = (own: readonly EventDraft[], db: string | undefined) => foldedOf(kind, own, db, comparison, foundBy);
  return [
    ...groups.slice(0, MOST_DATABASES).flatMap(({ db, own }) => (own.length > most ? [folding(own, db)] : own)),
    ...(rest.length > 0 ? [folding(rest, undefined)] : []),
  ];
}

function foldedOf(
  kind: EventKind,
  drafts: readonly EventDraft[],
  db: string | undefined,
  comparison: Comparison,
  foundBy: number,
): Folded {
  const { length: count } = drafts;
  const objects = [...new Set(drafts.flatMap(({ object }) => object ?? []))].slice(0, foundBy);
  const names = drafts.slice(0, NAMES).map((draft) => {
    const of = db === undefined && draft.db !== undefined ? ` (${draft.db})` : '';
    return cutText(`${draft.object ?? draft.text}${of}`, 100);
  });
  const rest = count - names.length;
  const said = kind.many(`${isCut(kind, db, comparison) ? 'at least ' : ''}${count.toLocaleString('en-US')}`);
  return {
    at: drafts[0]?.at,
    db,
    count,
    objects: objects.map((name) => cutText(name, LONGEST_VALUE)),
    severity: drafts.some(({ severity }) => (severity ?? kind.severity) === 'warning') ? 'warning' : kind.severity,
    text: `${said.charAt(0).toUpperCase()}${said.slice(1)}: ${names.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en-US')} more` : ''}`,
  };
}

/** Whether a list that the kind compares says that it has more than its rows: of what is beyond, nobody knows. */
function isCut({ reads }: EventKind, db: string | undefined, { previous, current }: Comparison): boolean {
  const names = new Set(reads.map(({ name }) => name));
  return [...previous.outcomes, ...current.outcomes].some(
    ({ collector, database, total }) =>
      total !== undefined && names.has(collector) && (database === undefined || db === undefined || database === db),
  );
}

function eventOf(kind: EventKind, draft: Folded, { previous, current, last }: Comparison): Event {
  // Of one whose time is known there is no time in which it may have happened.
  const since = draft.at === undefined ? (draft.since ?? (current.up ? previous : last).takenAt) : undefined;
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
    objects: draft.objects && [...draft.objects],
    source: 'seen' as const,
    by: value(draft.by),
    since,
    text: cutText(draft.text, LONGEST_TEXT),
  };
  return { id: eventId(event), ...event };
}
