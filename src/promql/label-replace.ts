import { anchored } from './regex.ts';
import { distinct, type Vector } from './value.ts';

/**
 * label_replace(vector, destination, replacement, source, regex) of PromQL: where the regular expression is the whole
 * source label, the destination becomes the replacement; an empty one takes it away.
 *
 * @throws EvaluationError where two series become one
 */
export function relabeled(
  vector: Vector,
  [destination = '', replacement = '', source = '', regex = '']: string[],
): Vector {
  const pattern = anchored(regex);
  const names = pattern.namedGroups();
  return distinct(
    vector.map((sample) => {
      const matcher = pattern.matcher(sample.labels[source] ?? '');
      if (!matcher.matches()) return sample;
      const group = (name: string): string => {
        const index = /^\d+$/.test(name) ? Number(name) : names[name];
        return index === undefined || index > pattern.groupCount() ? '' : (matcher.group(index) ?? '');
      };
      const { [destination]: _, ...rest } = sample.labels;
      const text = expanded(replacement, group);
      return { labels: text === '' ? rest : { ...rest, [destination]: text }, value: sample.value };
    }),
  );
}

/** Go's Regexp.Expand: `$name` takes as many letters, digits and underscores as there are; `$$` is a dollar. */
function expanded(template: string, group: (name: string) => string): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all, bare?: string, braced?: string) => {
    if (all === '$$') return '$';
    return group(bare ?? braced ?? '');
  });
}
