import * as z from 'zod';
import type { Loop } from '../config/loop.ts';
import type { MetricSpec } from '../metrics/metric.ts';
import type { Labels, Sample } from '../metrics/sample.ts';
import { type Columns, type RowOf, rowSchema } from './columns.ts';
import { redactRow } from './redact-row.ts';
import { type CounterPoint, columnSamples, sharedReason } from './samples.ts';
import type { SqlFiles } from './sql.ts';
import type {
  Detail,
  Interval,
  LimitedVisibility,
  Limits,
  NoRateSample,
  Transformed,
  TransformInput,
} from './transform.ts';

export type { Limits } from './transform.ts';

export type Role = 'primary' | 'standby';

/** What must be there before a collector is sent; where it is not, the collector is skipped, and says so once. */
export interface Needs {
  /** Lowest server major. */
  readonly major?: number;
  /** An extension of the connected database, and the lowest version of it; `optional`: nothing is amiss without it. */
  readonly extension?: { readonly name: string; readonly version?: string; readonly optional?: true };
  /** The right to see what sessions of others do (`pg_read_all_stats`): without it the server answers as if there were none. */
  readonly allSessions?: true;
}

/** What a collector declares whatever its types are. */
interface Declaration {
  readonly name: string;
  readonly loop: Loop;
  /** `instance`: once a server. `database`: in every watched database. */
  readonly scope: 'instance' | 'database';
  readonly role: Role | 'any';
  /**
   * In a database where nobody is at work its values stay as they are: autovacuum moves none of note, and time only ages,
   * of which the oldest is read for all databases at once.
   */
  readonly restsWhileUnused?: true;
  readonly needs?: Needs;
  /** Budget of the statement; one over it counts as failed and, twice in a row, backs off. */
  readonly timeoutMs: number;
  /** Most rows taken; the statement's own LIMIT is at or below it. */
  readonly maxRows: number;
  readonly sql: SqlFiles;
  /** Whose version the SQL files are named by: the server's major, or the needed extension's version. */
  readonly sqlBy?: 'extension';
  readonly columns: Columns;
  /** Gives the time from sending the statement to its answer as a gauge in seconds. */
  readonly answerTime?: MetricSpec & { readonly name: string };
  /** Metrics that `transform` gives beside those of the columns, with the labels each carries. */
  readonly metrics?: Readonly<Record<string, MetricSpec & { readonly labels: readonly string[] }>>;
}

/** A second statement, for single objects that the answer of the first names: each is read, and fails, alone. */
export interface DetailsSpec<Wanted> {
  readonly name: string;
  readonly sql: SqlFiles;
  /** The objects to read, each the `$1` of a statement, in order. */
  readonly wanted: (input: Wanted) => readonly string[];
}

/** A collector whose snapshot keeps its rows as they were read. */
export interface CollectorSpec<C extends Columns, S = undefined> extends Declaration {
  readonly columns: C;
  /** What the statement takes as `$1`, `$2`, …; `previous` is that of the transform. */
  readonly values?: (limits: Limits, previous: S | undefined) => readonly (number | string)[];
  /** `previous` and `now` are those of the transform. */
  readonly details?: DetailsSpec<Pick<TransformInput<RowOf<C>, S>, 'rows' | 'previous' | 'now'>>;
  /** Values beside those of the columns, rows completed by what the last pass knew, and what the next one has to know. */
  readonly transform?: (input: TransformInput<RowOf<C>, S>) => Transformed<RowOf<C>, S>;
  /** What `transform` hands on, as the table gives it back after a restart. */
  readonly state?: StateSpec<S>;
  /** How many objects there are, where the rows are only the first of them: "50 of 12,000" beside the list. */
  readonly total?: (rows: readonly RowOf<C>[]) => number | undefined;
}

/** A collector whose snapshot keeps rows of another shape than those read. */
export interface ReshapingSpec<C extends Columns, Out extends Row, S = undefined>
  extends Omit<CollectorSpec<C, S>, 'transform'> {
  /** The rows that the snapshot keeps. */
  readonly snapshotRow: z.ZodType<Out>;
  readonly transform: (input: TransformInput<RowOf<C>, S>) => Transformed<Out, S>;
}

export interface StateSpec<S> {
  readonly schema: z.ZodType<S>;
  /** Thousands of rows: written to the table every ten minutes only. */
  readonly large?: true;
  /** What the table gets of it, where that is less than the process has: what a write costs grows with its size. */
  stored?(state: S): S;
  /** Whether the table's copy need not be replaced: where nothing of note has changed since. */
  isSame?(stored: S, now: S): boolean;
}

export type Row = Readonly<Record<string, unknown>>;

/** One answer, and what it is compared with. */
export interface CollectInput {
  /** Rows as the driver gave them. */
  readonly answer: readonly unknown[];
  /** Whether literals in texts of statements are replaced. */
  readonly redactSql: boolean;
  /** Labels of all samples: the database, where they are of one. */
  readonly labels: Labels;
  /** The state that this collector gave last, or that its schema let through. */
  readonly previous: unknown;
  readonly interval: Interval;
  readonly limits: Limits;
  readonly now: number;
  readonly takenAt: number;
  readonly details?: ReadonlyMap<string, Detail> | undefined;
}

/** Everything that one answer gave. */
export interface Collected {
  readonly rows: readonly Row[];
  /** How many rows were read; of a list that is cut, how many it has left. */
  readonly count: number;
  /** How many objects there are, where the list is cut. */
  readonly total?: number;
  readonly gauges: readonly Sample[];
  readonly counters: readonly CounterPoint[];
  readonly noRates: readonly NoRateSample[];
  readonly changes: readonly Row[];
  readonly state: unknown;
  readonly limited?: LimitedVisibility;
  /** How many of its details gave nothing. */
  readonly failedDetails: number;
}

/** A collector whose types are no longer known: what the list, the loops and the catalog hold. */
export interface Collector extends Declaration {
  readonly values?: ((limits: Limits, previous: unknown) => readonly (number | string)[]) | undefined;
  readonly state?: StateSpec<unknown>;
  readonly details?: DetailsSpec<Pick<CollectInput, 'answer' | 'previous' | 'now'>> | undefined;
  /** Whether its answer says how many objects there are, where its rows are only the first of them. */
  readonly saysTotal: boolean;
  /** The rows that the snapshot keeps. */
  readonly snapshotRow: z.ZodType<Row>;
  /** Parses an answer and makes everything of it; one row that is not as declared spoils it, and says which column. */
  readonly collect: (input: CollectInput) => Collected | { readonly malformed: string };
}

/** A collector whose rows are known by type: what its own file exports. */
export interface TypedCollector<C extends Columns, Out extends Row = RowOf<C>> extends Collector {
  readonly columns: C;
  readonly snapshotRow: z.ZodType<Out>;
  /** Rows of a stored snapshot, as this collector's. @throws ZodError where another version wrote them */
  readonly rowsOf: (stored: readonly unknown[] | undefined) => readonly Out[];
}

/** One topic read from a target: one SQL per lowest version and the columns, from which everything else follows. */
export function defineCollector<C extends Columns, Out extends Row, S = undefined>(
  spec: ReshapingSpec<C, Out, S>,
): TypedCollector<C, Out>;
export function defineCollector<C extends Columns, S = undefined>(spec: CollectorSpec<C, S>): TypedCollector<C>;
export function defineCollector<C extends Columns, Out extends Row, S>(
  spec: ReshapingSpec<C, Out, S> | CollectorSpec<C, S>,
): TypedCollector<C, Out> | TypedCollector<C> {
  if ('snapshotRow' in spec) return collectorOf<C, Out, S>(spec, spec.snapshotRow, spec.transform);
  return collectorOf<C, RowOf<C>, S>(spec, rowSchema(spec.columns), spec.transform ?? (({ rows }) => ({ rows })));
}

function collectorOf<C extends Columns, Out extends Row, S>(
  spec: Omit<CollectorSpec<C, S>, 'transform'>,
  snapshotRow: z.ZodType<Out>,
  transform: (input: TransformInput<RowOf<C>, S>) => Transformed<Out, S>,
): TypedCollector<C, Out> {
  const answerSchema = rowSchema(spec.columns);
  const { details, values, ...declared } = spec;
  return {
    ...declared,
    values: values && ((limits, previous) => values(limits, previous as S | undefined)),
    details: details && {
      ...details,
      wanted: ({ answer, previous, now }) => {
        const { data: rows } = z.array(answerSchema).safeParse(answer.slice(0, spec.maxRows));
        return rows ? details.wanted({ rows, previous: previous as S | undefined, now }) : [];
      },
    },
    saysTotal: spec.total !== undefined,
    snapshotRow,
    rowsOf: (stored = []) => z.array(snapshotRow).parse(stored),
    collect: ({ answer, redactSql, labels, previous, details: given = new Map(), ...rest }) => {
      const rows: RowOf<C>[] = [];
      for (const raw of answer.slice(0, spec.maxRows)) {
        const { data, error } = answerSchema.safeParse(raw);
        const [issue] = error?.issues ?? [];
        if (!data)
          return { malformed: `column ${issue?.path.join('.') || '?'}: ${issue?.message ?? 'not as declared'}` };
        rows.push(redactSql ? redactRow(spec.columns, data) : data);
      }
      // The loops hold states of all collectors side by side and give each its own back, which no type can say.
      const made = transform({ ...rest, rows, previous: previous as S | undefined, details: given });
      const total = spec.total?.(rows);
      const { gauges, counters, shared } = columnSamples(spec.columns, made.rows, labels);
      const named = (made.samples ?? []).map((one) => ({ ...one, labels: { ...labels, ...one.labels } }));
      return {
        rows: made.rows,
        ...(total !== undefined && total > made.rows.length
          ? { count: made.rows.length, total }
          : { count: rows.length }),
        gauges: [...gauges, ...named.filter((one) => 'value' in one).filter(({ value }) => Number.isFinite(value))],
        counters,
        noRates: named.filter((one) => 'noRate' in one),
        changes: made.changes ?? [],
        state: made.state,
        failedDetails: [...given.values()].filter(({ ok }) => !ok).length,
        limited: together([made.limited, cutOf(answer.length, rows.length), sharedOf(shared)]),
      };
    },
  };
}

/** All limitations as one: none hides another. */
function together(limitations: readonly (LimitedVisibility | undefined)[]): LimitedVisibility | undefined {
  const all = limitations.filter((one) => one !== undefined);
  if (all.length === 0) return undefined;
  const hints = all.flatMap(({ hint }) => hint ?? []);
  return {
    reason: all.map(({ reason }) => reason).join('; '),
    ...(hints.length > 0 ? { hint: hints.join(' ') } : {}),
  };
}

/** Rows that share a series, of which the first is kept. */
function sharedOf(shared: Parameters<typeof sharedReason>[0]): LimitedVisibility | undefined {
  const reason = sharedReason(shared);
  return reason === undefined ? undefined : { reason };
}

/** A statement that gave more rows than its collector takes. */
function cutOf(given: number, taken: number): LimitedVisibility | undefined {
  return given > taken ? { reason: `${taken} of ${given} rows were taken; the others are not shown` } : undefined;
}
