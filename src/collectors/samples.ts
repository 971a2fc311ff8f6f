import { type Labels, labelValue, type Sample, type SeriesKey, seriesKey, shownLabel } from '../metrics/sample.ts';
import type { Columns } from './columns.ts';

type Row = Readonly<Record<string, unknown>>;

/** A counter's value with what marks a new beginning of it. */
export interface CounterPoint extends Sample {
  /** `stats_reset` of the row in epoch seconds, where the collector has it. */
  readonly epoch?: number;
}

export interface ColumnSamples {
  readonly gauges: readonly Sample[];
  readonly counters: readonly CounterPoint[];
  /** Series that several rows share, with how many; the first row's value is kept. */
  readonly shared: ReadonlyMap<SeriesKey, number>;
}

/**
 * The samples that a collector's columns declare, from its rows. NULL gives none, nor does a value that is not finite; of
 * several with one key the first stays, and they are counted.
 *
 * @param common labels that all of them carry: the database, where they are of one
 */
export function columnSamples(columns: Columns, rows: readonly Row[], common: Labels = {}): ColumnSamples {
  const gauges = new Map<string, Sample>();
  const counters = new Map<string, CounterPoint>();
  const rowsOf = new Map<SeriesKey, number>();
  const entries = Object.entries(columns);
  const reset = entries.find(([, column]) => column.kind === 'reset');
  for (const row of rows) {
    const labels = { ...common, ...labelsOf(columns, row) };
    const epoch = reset ? row[reset[0]] : undefined;
    for (const [name, column] of entries) {
      const value = row[name];
      if (column.kind !== 'metric' || typeof value !== 'number' || !Number.isFinite(value)) continue;
      const key = seriesKey(column.metric, labels);
      rowsOf.set(key, (rowsOf.get(key) ?? 0) + 1);
      const sample = { metric: column.metric, labels, value };
      if (column.type !== 'counter') {
        if (!gauges.has(key)) gauges.set(key, sample);
      } else if (!counters.has(key)) {
        counters.set(key, typeof epoch === 'number' ? { ...sample, epoch } : sample);
      }
    }
  }
  const shared = new Map([...rowsOf].filter(([, count]) => count > 1));
  return { gauges: [...gauges.values()], counters: [...counters.values()], shared };
}

/** What an outcome says of series that several rows share; undefined where none is. */
export function sharedReason(shared: ColumnSamples['shared']): string | undefined {
  const [first] = shared;
  if (!first) return undefined;
  const [key, count] = first;
  const more = shared.size > 1 ? `, and likewise for ${shared.size - 1} more series` : '';
  return `${count} rows share the series ${shownLabel(key)}: only the first counts${more}`;
}

function labelsOf(columns: Columns, row: Row): Labels {
  const labels: Record<string, string> = {};
  for (const [name, column] of Object.entries(columns)) {
    const value = row[name];
    if (column.kind === 'label' && typeof value === 'string') labels[name] = labelValue(value);
  }
  return labels;
}
