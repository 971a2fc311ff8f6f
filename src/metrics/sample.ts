import { createHash } from 'node:crypto';

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

/** What the labels of pgmon's metrics are called. */
export const LABEL_NAME = /^[a-z][a-z0-9_]*$/i;

/** Longest label value kept; a relation of 63 bytes in a schema of 63 bytes fits. */
const LABEL_LIMIT = 200;

/**
 * A label value as it is: two names that differ in a line break are two series, and every exporter escapes what it must.
 * One of more than 200 characters is cut, with a hash of the whole, so that two that begin alike stay two.
 */
export function labelValue(text: string): string {
  if (text.length <= LABEL_LIMIT) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  // Half of a pair of surrogates is no character.
  return `${text.slice(0, LABEL_LIMIT - 9).replace(/[\ud800-\udbff]$/, '')}…${hash}`;
}

/** A label value for people: control characters, which break messages, terminals and logs, as the pictures of them. */
export function shownLabel(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f]/g, (one) =>
    one === '\u007f' ? '␡' : String.fromCharCode(0x2400 + one.charCodeAt(0)),
  );
}
