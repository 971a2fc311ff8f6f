import { secondsText, valueText } from '../alerts/format.ts';
import type { Rule } from '../alerts/rule.ts';
import { runbook } from '../alerts/runbook/index.ts';
import type { Transition } from '../alerts/transition.ts';

/** A transition as people read it: made once, for all channels. */
export interface Message {
  readonly transition: Transition;
  /** One line: how bad, where, what, how much. */
  readonly subject: string;
  /** The whole, line by line: what, against what, since when, who, what to do, where to read more. */
  readonly lines: readonly string[];
  readonly link?: string | undefined;
}

const STATE: Readonly<Record<Transition['kind'], string>> = {
  firing: '',
  escalated: 'ESCALATED TO ',
  'de-escalated': 'DOWN TO ',
  resolved: 'RESOLVED',
  'no-data': 'NO DATA, WAS ',
  repeated: 'STILL ',
  test: 'TEST ',
};

/** @param pageUrl where the page is for the reader; empty for no link */
export function messageOf(transition: Transition, unit: Rule['unit'], pageUrl: string): Message {
  const { kind, severity, cluster, title, message, threshold, action, comparedWith } = transition;
  const page = runbook[transition.rule];
  const state = kind === 'resolved' ? STATE.resolved : `${STATE[kind]}${severity.toUpperCase()}`;
  const link = pageUrl ? linkOf(transition, pageUrl) : undefined;
  const against =
    threshold === undefined
      ? ''
      : ` (threshold ${valueText(threshold, unit)}${comparedWith ? `, from ${comparedWith}` : ''})`;
  const who = transition.culprit ? offenderText(transition.culprit) : undefined;
  return {
    transition,
    subject: `[${state}] ${cluster}: ${title}${numberOf(transition, unit)}`,
    lines: [
      kind === 'resolved' ? `It was: ${message}.` : `${message}${against}.`,
      whenText(transition),
      ...(who ? [`Who: ${who}`] : []),
      ...(kind === 'resolved' ? [] : [`What to do: ${action}`]),
      ...(kind === 'resolved' || !page ? [] : [`Runbook: ${page.meaning} ${page.resolve}`]),
      ...(link ? [`More: ${link}`] : []),
      `Target ${cluster}, rule ${transition.rule}, id ${transition.id}`,
    ],
    link,
  };
}

function linkOf({ panel, cluster, labels, at }: Transition, pageUrl: string): string {
  const url = new URL(pageUrl);
  const query = new URLSearchParams({ cluster, at, ...(labels['db'] ? { db: labels['db'] } : {}) });
  url.hash = `/${panel}?${query}`;
  return url.toString();
}

/** The value that is compared, for the subject; what has no unit is no number that says something by itself. */
function numberOf({ kind, value }: Transition, unit: Rule['unit']): string {
  if (value === undefined || unit === 'None') return '';
  return `${kind === 'resolved' ? ', was ' : ', '}${valueText(value, unit)}`;
}

/** Since when, and for how long as far as that was seen: what was first seen just now has lasted for no time yet. */
function whenText({ kind, since, until, at }: Transition): string {
  const seconds = (Date.parse((kind === 'resolved' ? until : undefined) ?? at) - Date.parse(since)) / 1_000;
  const lasted = secondsText(Math.max(0, seconds));
  if (kind !== 'resolved') return `Since ${clock(since)}${seconds > 0 ? `, for ${lasted}` : ''}.`;
  if (until === undefined || seconds <= 0) return `Since ${clock(since)}, over at ${clock(at)}.`;
  return `It lasted ${lasted}, from ${clock(since)} to ${clock(until)}.`;
}

function clock(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}

function offenderText(offender: NonNullable<Transition['culprit']>): string {
  const { pid, name, state, seconds, application, user, db, blocks, relation, query } = offender;
  const parts = [
    name ?? (pid === undefined ? undefined : `pid ${pid}`),
    state === undefined ? undefined : `${state}${seconds === undefined ? '' : ` for ${secondsText(seconds)}`}`,
    application ? `application ${application}` : undefined,
    user ? `user ${user}` : undefined,
    db ? `database ${db}` : undefined,
    blocks && blocks.length > 0
      ? `blocks ${blocks.slice(0, 10).join(', ')}${blocks.length > 10 ? ' …' : ''}${relation ? ` on ${relation}` : ''}`
      : undefined,
    query ? `statement ${query.replace(/\s+/g, ' ')}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
