import { type Labels, labelValue, type Sample, seriesKey } from '../metrics/sample.ts';
import type { Columns } from './columns.ts';

type Row = Readonly<Record<string, unknown>>;

/** A counter's value with what marks a new beginning of it. */
export interface CounterPoint extends Sample {
  /** `stats_reset` of the row in epoch seconds, where the collector has it. */
  readonly epoch?: number;
}

export interface Extracted {
  readonly gauges: readonly Sample[];
  readonly counters: readonly CounterPoint[];
}

/**
 * The samples that a collector's columns declare, from its rows. NULL gives none; of two with one key the first stays.
 *
 * @param common labels that all of them carry: the database, where they are of one
 */
export function extract(columns: Columns, rows: readonly Row[], common: Labels = {}): Extracted {
  const gauges = new Map<string, Sample>();
  const counters = new Map<string, CounterPoint>();
  const entries = Object.entries(columns);
  const reset = entries.find(([, column]) => column.kind === 'reset');
  for (const row of rows) {
    const labels = { ...common, ...labelsOf(columns, row) };
    const epoch = reset ? row[reset[0]] : undefined;
    for (const [name, column] of entries) {
      const value = row[name];
      if (column.kind !== 'metric' || typeof value !== 'number') continue;
      const key = seriesKey(column.metric, labels);
      const sample = { metric: column.metric, labels, value };
      if (column.type !== 'counter') {
        if (!gauges.has(key)) gauges.set(key, sample);
      } else if (!counters.has(key)) {
        counters.set(key, typeof epoch === 'number' ? { ...sample, epoch } : sample);
      }
    }
  }
  return { gauges: [...gauges.values()], counters: [...counters.values()] };
}

function labelsOf(columns: Columns, row: Row): Labels {
  const labels: Record<string, string> = {};
  for (const [name, column] of Object.entries(columns)) {
    const value = row[name];
    if (column.kind === 'label' && typeof value === 'string') labels[name] = labelValue(value);
  }
  return labels;
}
