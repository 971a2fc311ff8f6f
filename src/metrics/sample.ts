/** One measured value: a metric's name, its labels (without `cluster`, which the edge adds) and the value. */
export interface Sample {
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number;
}

export type Labels = Readonly<Record<string, string>>;

/** A metric with its labels in a fixed order: two samples with one key are the same series. */
export type SeriesKey = string;

export function seriesKey(metric: string, labels: Labels): SeriesKey {
  const parts = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `${metric}{${parts.join(',')}}`;
}

/** Longest label value kept; a relation of 63 bytes in a schema of 63 bytes fits. */
const LABEL_LIMIT = 200;

/**
 * A label value made safe: control characters, which break terminals and logs, become spaces, and it is cut at 200
 * characters. Quotes and backslashes stay: every exporter escapes them in its own way.
 */
export function labelValue(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ');
  return clean.length > LABEL_LIMIT ? `${clean.slice(0, LABEL_LIMIT - 1)}…` : clean;
}
