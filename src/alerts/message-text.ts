import { shownLabel } from '../metrics/sample.ts';
import { valueText } from './format.ts';
import type { ReadyRule } from './rule.ts';

/** What was last seen of an alert, for its message. */
export interface Seen {
  readonly value?: number | undefined;
  readonly threshold?: number | undefined;
  readonly usual?: number | undefined;
  /** Why the target does not answer. */
  readonly problem?: string | undefined;
  /** Values of the figures that there are, by name. */
  readonly figures?: ReadonlyMap<string, number> | undefined;
}

/** The rule's message with its braces filled in. A missing label leaves a dash. */
export function messageText(
  rule: Pick<ReadyRule, 'message' | 'unit' | 'figures'>,
  labels: Readonly<Record<string, string>>,
  seen: Seen,
): string {
  return rule.message.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    if (name === 'problem') return seen.problem || '–';
    if (name === 'value' || name === 'threshold' || name === 'usual') {
      const number = seen[name];
      return number === undefined ? '–' : valueText(number, rule.unit);
    }
    const figure = rule.figures?.[name];
    if (figure) {
      const number = seen.figures?.get(name);
      return number === undefined ? '' : figure.text.replace('{{value}}', valueText(number, figure.unit));
    }
    return shownLabel(labels[name] ?? '') || '–';
  });
}
