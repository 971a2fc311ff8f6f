import type { NoRateReason } from '../metrics/rates.ts';
import type { Labels, Sample } from '../metrics/sample.ts';

/** Values a statement takes as `$1`, `$2`, …: caps and thresholds from the configuration. */
export interface Limits {
  readonly topRelations: number;
  readonly topIndexes: number;
  readonly topQueries: number;
}

/** Seconds between two answers by the database's clock, or why no rate holds over that time. */
export type Interval = { readonly seconds: number } | { readonly noRate: NoRateReason };

/** What a collector's transform is given. `R` is a row of its answer, `S` what it hands on from pass to pass. */
export interface TransformInput<R, S> {
  /** The rows of this pass. */
  readonly rows: readonly R[];
  /** What it handed on when it last answered, whatever happened since; undefined the first time. */
  readonly previous: S | undefined;
  /** The time since then; no rate, with the reason `first-run`, the first time. */
  readonly interval: Interval;
  readonly limits: Limits;
  /** What came of the details that it asked for, by object; those that there was no time for are not in it. */
  readonly details: ReadonlyMap<string, Detail>;
  /** Database clock, epoch seconds. */
  readonly now: number;
  /** Our own clock, epoch milliseconds: for what is kept by hours. */
  readonly takenAt: number;
}

/** What the statement for one object gave, or why it gave nothing. */
export type Detail =
  | { readonly ok: true; readonly rows: readonly unknown[] }
  | { readonly ok: false; readonly reason: string };

/** A value that has no rate in this pass, and why: shown instead of a gap that nobody can explain. */
export interface NoRateSample {
  readonly metric: string;
  readonly labels: Labels;
  readonly noRate: NoRateReason;
}

/** What a collector's transform gives. */
export interface Transformed<Out, S> {
  /** Rows that the snapshot keeps; the metrics that columns declare are taken from these. */
  readonly rows: readonly Out[];
  /** Values beside those of the columns. */
  readonly samples?: readonly (Sample | NoRateSample)[];
  /** What changed since the pass before, kept in the snapshot beside the rows, as {@link changesName}. */
  readonly changes?: readonly Readonly<Record<string, unknown>>[];
  /** What the next pass gets as `previous`. */
  readonly state?: S;
  /** What the role could not read although the server answered. */
  readonly limited?: LimitedVisibility;
}

/** What a collector could not see although it answered, and what would allow it: said beside its outcome. */
export interface LimitedVisibility {
  readonly reason: string;
  readonly hint?: string;
}

/** Under which name a snapshot keeps the changes that a collector found. */
export function changesName(collector: string): string {
  return `${collector}_changes`;
}
