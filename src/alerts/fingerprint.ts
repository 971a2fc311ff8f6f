import { createHash } from 'node:crypto';
import { type Labels, seriesKey } from '../metrics/sample.ts';

/** The same for one rule and one set of labels of a cluster, in every process and version. */
export function fingerprintOf(cluster: string, rule: string, labels: Labels): string {
  return shortHash(`${cluster} ${seriesKey(rule, labels)}`);
}

/** 128 bits of a text, in hexadecimal. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
