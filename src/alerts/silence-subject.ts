import { didYouMean } from '../config/similar.ts';
import type { Silence } from './suppression.ts';

/** What a silence names that there is none of, which would keep nothing quiet; undefined where it names what there is. */
export function unknownSubject(
  { cluster, rule }: Pick<Silence, 'cluster' | 'rule'>,
  clusters: readonly string[],
  rules: readonly string[],
): string | undefined {
  const faults = [
    cluster === undefined || clusters.includes(cluster)
      ? undefined
      : `no target is called ${cluster}${didYouMean(cluster, clusters)}: ${some(clusters)}`,
    rule === undefined || rules.includes(rule)
      ? undefined
      : `no rule is called ${rule}${didYouMean(rule, rules)}: pgmon alerts list names them all`,
  ].filter((fault) => fault !== undefined);
  return faults.length > 0 ? faults.join('; ') : undefined;
}

/** Names, or the first few of many. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `there are ${names.length}, such as ${shown}` : `there is ${shown || 'none'}`;
}
