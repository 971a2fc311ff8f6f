import { type Labels, seriesKey } from '../metrics/sample.ts';
import type { Labeling } from './expression.ts';

/** One sample of an instant vector. Its metric's name is not kept: pgmon tells its alerts apart by rule and labels. */
export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

/** A series over time, oldest first, times in epoch seconds. */
export interface Series {
  readonly labels: Labels;
  readonly points: Points;
}
export type Points = readonly (readonly [at: number, value: number])[];

export type Vector = readonly VectorSample[];
export type Value = number | Vector;

/** An expression that has no result for these series, as Prometheus refuses it, too. */
export class EvaluationError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'EvaluationError';
  }
}

/** These labels alone. */
export function picked(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}

/** All labels but these. */
export function without(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/** The labels that a grouping or a matching goes by. */
export function labeled(labels: Labels, { only, labels: names }: Labeling): Labels {
  return only ? picked(labels, names) : names.length === 0 ? labels : without(labels, names);
}

/** Equal for two sets of labels that are the same. */
export function labelsKey(labels: Labels): string {
  return seriesKey('', labels);
}

/** @throws EvaluationError where two samples have the same labels */
export function distinct(vector: Vector): Vector {
  if (new Set(vector.map(({ labels }) => labelsKey(labels))).size === vector.length) return vector;
  throw new EvaluationError('a result has two series with the same labels');
}
