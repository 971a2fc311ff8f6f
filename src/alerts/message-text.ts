import { shownLabel } from '../metrics/sample.ts';
import { valueText } from './format.ts';
import type { Figure, ReadyRule } from './rule.ts';
import type { Offender } from './transition.ts';

/** What was last seen of an alert, for its message. */
export interface Seen {
  readonly value?: number | undefined;
  readonly threshold?: number | undefined;
  readonly usual?: number | undefined;
  /** Why the target does not answer. */
  readonly problem?: string | undefined;
  /** Values of the figures that there are, by name. */
  readonly figures?: ReadonlyMap<string, number> | undefined;
  readonly offender?: Offender | undefined;
}

type Words = Pick<ReadyRule, 'unit' | 'figures'>;

/** The rule's message with its braces filled in. */
export function messageText(
  rule: Words & Pick<ReadyRule, 'message'>,
  labels: Readonly<Record<string, string>>,
  seen: Seen,
): string {
  return filled(rule.message, rule, labels, seen);
}

/**
 * A text of a rule with its braces filled in: `{{value}}`, `{{threshold}}`, `{{usual}}`, `{{problem}}`, `{{error}}` (the
 * problem in its shortest form), `{{who}}`, `{{by}}`, figures and labels. `{{value:row/rows}}` has the noun that goes with
 * the number. A missing label leaves a dash.
 */
export function filled(text: string, rule: Words, labels: Readonly<Record<string, string>>, seen: Seen): string {
  return text.replace(/\{\{(\w+)(?::([^{}/]*)\/([^{}/]*))?\}\}/g, (_, name: string, one?: string, many?: string) => {
    const number = (value: number, unit: ReadyRule['unit']) =>
      one === undefined ? valueText(value, unit) : `${valueText(value, unit)} ${value === 1 ? one : many}`;
    if (name === 'problem') return seen.problem || '–';
    if (name === 'error') return seen.problem ? connectionError(seen.problem) : '–';
    if (name === 'who') return nameOf(seen.offender) ?? 'a session';
    if (name === 'by') return seen.offender ? ` by ${nameOf(seen.offender)}` : '';
    if (name === 'value' || name === 'threshold' || name === 'usual') {
      const value = seen[name];
      return value === undefined ? '–' : number(value, rule.unit);
    }
    const figure = rule.figures?.[name];
    if (figure) return figureText(figure, seen.figures?.get(name));
    return shownLabel(labels[name] ?? '') || '–';
  });
}

function figureText({ text, unit, otherwise = '' }: Figure, value: number | undefined): string {
  if (value === undefined) return otherwise;
  return filled(text, { unit }, {}, { value });
}

/** Who it is in a few words: the application, else the kind of process, the user or the pid. */
export function nameOf(offender: Offender | undefined): string | undefined {
  if (!offender) return undefined;
  const { name, application, backend_type, user, pid } = offender;
  const known = name ?? application ?? backend_type ?? user ?? (pid === undefined ? undefined : `pid ${pid}`);
  return shownLabel(known ?? 'a session');
}

/** A problem of a connection in its shortest form, the error itself and where: `ECONNREFUSED db:5432`. */
export function connectionError(problem: string): string {
  const [, place, reason] = /^([^\s/]+:\d+)\/.*?: (.*)$/s.exec(problem) ?? [];
  if (!place || !reason) return problem;
  const [, code] = /\((E[A-Z_]+)\)$/.exec(reason) ?? [];
  return code ? `${code} ${place}` : `${reason}, ${place}`;
}
