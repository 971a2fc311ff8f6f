import { secondsText } from './format.ts';
import { filled, type Seen } from './message-text.ts';
import type { ReadyRule } from './rule.ts';
import type { Headline } from './state.ts';

/** A rule's headline as of one pass, with the place where its duration belongs left open. */
export function headlineOf(
  rule: Pick<ReadyRule, 'headline' | 'unit' | 'figures'>,
  labels: Readonly<Record<string, string>>,
  seen: Seen,
): Headline {
  const [what = '', rest] = rule.headline.split('{{for}}').map((part) => filled(part, rule, labels, seen));
  return rest === undefined ? { what } : { what, rest };
}

/** The headline with how long it has been so; without where that was not measured or is said elsewhere. @param seconds of the condition */
export function headlineText({ what, rest }: Headline, seconds?: number): string {
  const lasted = seconds !== undefined && seconds > 0 && rest !== undefined ? ` for ${secondsText(seconds)}` : '';
  return `${what}${lasted}${rest ?? ''}`;
}
