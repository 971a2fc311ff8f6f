import * as z from 'zod';
import type { CloudWatchRule, MetricType, Unit } from '../metrics/metric.ts';

/**
 * A column of a collector's result. Its kind says what becomes of it:
 * label → a label of the row's metrics; gauge, counter → a metric; state → kept in the snapshot only;
 * reset → when it changes between two passes, the row's counters restarted.
 */
export type Column<T = unknown> = LabelColumn | MetricColumn | StateColumn<T> | ResetColumn;

export interface LabelColumn {
  readonly kind: 'label';
  readonly schema: z.ZodType<string>;
  readonly detail?: true;
}

export interface MetricColumn {
  readonly kind: 'metric';
  readonly schema: z.ZodType<number | null>;
  readonly metric: string;
  readonly type: MetricType;
  readonly unit: Unit;
  readonly help: string;
  readonly cloudwatch?: CloudWatchRule;
}

export interface StateColumn<T> {
  readonly kind: 'state';
  readonly schema: z.ZodType<T>;
  /** Text of somebody's statement, which may hold data: redacted before it is kept, unless configured otherwise. */
  readonly isSql?: true;
  /** Says who somebody is, or from where: not for viewers. */
  readonly isPersonal?: true;
}

export interface ResetColumn {
  readonly kind: 'reset';
  readonly schema: z.ZodType<number | null>;
}

export type Columns = Readonly<Record<string, Column>>;

/** The parsed row of a collector with these columns. A gauge or counter is null where the server gave NULL. */
export type RowOf<C extends Columns> = { [K in keyof C]: C[K] extends { schema: z.ZodType<infer T> } ? T : never };

/** Parses a row of these columns, with none beside them. */
export function rowSchema<C extends Columns>(columns: C): z.ZodType<RowOf<C>> {
  const shape = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.schema]));
  // Object.fromEntries forgets which name goes with which schema; RowOf says it again.
  return z.strictObject(shape) as unknown as z.ZodType<RowOf<C>>;
}

/** Parses rows of these columns: a state that is the rows of the last answer. */
export function rowsSchema<C extends Columns>(columns: C): z.ZodType<readonly RowOf<C>[]> {
  return z.array(rowSchema(columns));
}

// NaN and infinities are refused here, at the edge, so that nothing behind has to think of them.
const finite = z.number().nullable();

/** A label; `detail: true` marks one that names one of many objects, whose series are capped by top N. */
export function label(options: { detail?: true } = {}): LabelColumn {
  return { kind: 'label', schema: z.string(), ...options };
}

interface MetricOptions {
  readonly cloudwatch?: CloudWatchRule;
}

/** A value as it is now. NULL gives no sample: it is not 0. */
export function gauge(metric: string, unit: Unit, help: string, options: MetricOptions = {}): MetricColumn {
  return { kind: 'metric', type: 'gauge', schema: finite, metric, unit, help, ...options };
}

/** A gauge whose name the specification ends in `_total`; see {@link MetricType}. */
export function untyped(metric: string, unit: Unit, help: string, options: MetricOptions = {}): MetricColumn {
  return { kind: 'metric', type: 'untyped', schema: finite, metric, unit, help, ...options };
}

/** A value that only grows until it is reset; `unit` is the counter's own, rates are per second of it. */
export function counter(metric: string, unit: Unit, help: string, options: MetricOptions = {}): MetricColumn {
  return { kind: 'metric', type: 'counter', schema: finite, metric, unit, help, ...options };
}

/**
 * Kept in the snapshot for the API, rules and derivations; never a metric by itself. `key`, `count` and `truth` are for
 * what is never NULL.
 */
export const state = {
  key: (): StateColumn<string> => ({ kind: 'state', schema: z.string() }),
  count: (): StateColumn<number> => ({ kind: 'state', schema: z.number() }),
  truth: (): StateColumn<boolean> => ({ kind: 'state', schema: z.boolean() }),
  text: (): StateColumn<string | null> => ({ kind: 'state', schema: z.string().nullable() }),
  personal: (): StateColumn<string | null> => ({ kind: 'state', schema: z.string().nullable(), isPersonal: true }),
  sql: (): StateColumn<string | null> => ({ kind: 'state', schema: z.string().nullable(), isSql: true }),
  number: (): StateColumn<number | null> => ({ kind: 'state', schema: finite }),
  flag: (): StateColumn<boolean | null> => ({ kind: 'state', schema: z.boolean().nullable() }),
  texts: (): StateColumn<string[] | null> => ({ kind: 'state', schema: z.array(z.string()).nullable() }),
  numbers: (): StateColumn<number[] | null> => ({ kind: 'state', schema: z.array(z.number()).nullable() }),
};

/** `stats_reset` in epoch seconds: a change means that the row's counters restarted. */
export function resetAt(): ResetColumn {
  return { kind: 'reset', schema: finite };
}
