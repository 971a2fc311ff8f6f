import type { Collector, Row, TypedCollector } from '../collectors/collector.ts';
import type { Columns } from '../collectors/columns.ts';
import type { Loop } from '../config/loop.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { EventDraft, EventSeverity } from './event.ts';

/** Two passes of one loop over one target. */
export interface Comparison {
  /** The pass directly before, whether the target answered in it or not. */
  readonly last: Snapshot;
  /** What was last seen of the target: of each collector and database what its last answer gave. */
  readonly previous: Snapshot;
  /** The pass now; the target answers in it, unless the kind is `evenDown`. */
  readonly current: Snapshot;
  readonly now: Date;
}

/** One kind of event: what to compare, and what a change of it is. */
export interface EventKind {
  /** Its public name, such as `setting_changed`. */
  readonly name: string;
  readonly loop: Loop;
  /** For lists and filters: `Setting changed`. */
  readonly title: string;
  readonly severity: EventSeverity;
  /** Collectors of the loop whose rows it compares; of no other are the last rows at hand. */
  readonly reads: readonly Collector[];
  /** Metrics whose samples it compares. */
  readonly metrics: readonly string[];
  /** Whether it is also asked when the target does not answer. */
  readonly evenDown: boolean;
  /** Whether its events name users of the database, which viewers do not see. */
  readonly namesUsers: boolean;
  /** Many at once are one event: `10,000 tables were dropped`. */
  readonly many: (count: string) => string;
  /** Changes between two passes. Pure; one that throws costs no other kind its events. */
  readonly compare: (comparison: Comparison) => readonly EventDraft[];
}

type Optional = 'reads' | 'metrics' | 'evenDown' | 'severity' | 'many' | 'namesUsers';

/** @param spec what is left out: nothing is read, `notice`, and many are named by the title */
export function defineEventKind(spec: Omit<EventKind, Optional> & Partial<Pick<EventKind, Optional>>): EventKind {
  return {
    reads: [],
    metrics: [],
    evenDown: false,
    namesUsers: false,
    severity: 'notice',
    many: (count) => `${spec.title}: ${count} at once`,
    ...spec,
  };
}

/** The rows of a collector in one place (the server, or one database) in two passes that both have them. */
export interface Place<Out> {
  /** Absent where the collector is of the whole server. */
  readonly db: string | undefined;
  readonly before: readonly Out[];
  readonly after: readonly Out[];
  /** Whether the rows are all that there are: of a list that is cut, what is missing may only have left the list. */
  readonly isWholeBefore: boolean;
  readonly isWholeAfter: boolean;
}

/**
 * What may be compared of a collector: each database, or the server, in which it answered in both passes. One that failed,
 * was skipped or was not asked in one of them has no place here: its missing rows say nothing.
 *
 * @throws ZodError where rows are not as this version declares them
 */
export function comparable<Out extends Row>(
  { previous, current }: Comparison,
  collector: TypedCollector<Columns, Out>,
): Place<Out>[] {
  const [old, fresh] = [answersOf(previous, collector), answersOf(current, collector)];
  return [...fresh].flatMap(([db, after]) => {
    const before = old.get(db);
    if (!before || before.readAt === after.readAt) return [];
    return [
      {
        db,
        before: collector.rowsOf(before.rows),
        after: collector.rowsOf(after.rows),
        isWholeBefore: before.isWhole,
        isWholeAfter: after.isWhole,
      },
    ];
  });
}

interface Answer {
  readonly rows: readonly Row[];
  readonly isWhole: boolean;
  readonly readAt: string;
}

/** What a collector answered in a snapshot, by database; undefined is the server. */
function answersOf(snapshot: Snapshot, collector: Collector): Map<string | undefined, Answer> {
  const groups = Map.groupBy(snapshot.rows[collector.name] ?? [], ({ db }) =>
    collector.scope === 'database' && typeof db === 'string' ? db : undefined,
  );
  const answered = snapshot.outcomes.filter((one) => one.collector === collector.name && one.status === 'ok');
  return new Map(
    answered.map(({ database, total, readAt }) => {
      const rows = groups.get(database) ?? [];
      // A statement with a limit that does not say how many there are may have left some out.
      const isCut = collector.values !== undefined && !collector.saysTotal;
      const isWhole = !isCut && total === undefined && rows.length < collector.maxRows;
      const own = database === undefined ? rows : rows.map(({ db: _, ...row }) => row);
      return [database, { rows: own, isWhole, readAt: readAt ?? snapshot.takenAt }];
    }),
  );
}

/** What became of the objects of a place: those that are gone or new only where the list says so for certain. */
export interface Difference<Out> {
  readonly gone: readonly Out[];
  readonly come: readonly Out[];
  readonly both: readonly (readonly [before: Out, after: Out])[];
}

/** Objects matched by key. */
export function difference<Out>(
  { before, after, isWholeBefore, isWholeAfter }: Place<Out>,
  keyOf: (row: Out) => string,
): Difference<Out> {
  const old = new Map(before.map((row) => [keyOf(row), row]));
  const fresh = new Map(after.map((row) => [keyOf(row), row]));
  return {
    gone: isWholeAfter ? [...old].flatMap(([key, row]) => (fresh.has(key) ? [] : [row])) : [],
    come: isWholeBefore ? [...fresh].flatMap(([key, row]) => (old.has(key) ? [] : [row])) : [],
    both: [...fresh].flatMap(([key, row]) => {
      const was = old.get(key);
      return was === undefined ? [] : [[was, row] as const];
    }),
  };
}
