import { secondsText, valueText } from '../alerts/format.ts';
import type { Rule } from '../alerts/rule.ts';
import { runbook } from '../alerts/runbook.ts';
import type { Transition } from '../alerts/transition.ts';

/** A transition as people read it: made once, for all channels. */
export interface Message {
  readonly transition: Transition;
  /** One line: how bad, where, what. */
  readonly subject: string;
  /** The whole, line by line: what, against what, since when, who, what to do, where to look. */
  readonly lines: readonly string[];
  readonly link?: string;
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
  const who = transition.culprit ? culpritText(transition.culprit) : undefined;
  return {
    transition,
    subject: `[${state}] ${cluster}: ${title}`,
    lines: [
      `${message}${kind === 'resolved' ? '' : against}.`,
      kind === 'resolved'
        ? `It is over after ${lasted(transition)}.`
        : `Since ${clock(transition.since)}, for ${lasted(transition)}.`,
      ...(who ? [`Who: ${who}`] : []),
      ...(kind === 'resolved' ? [] : [`What to do: ${action}`]),
      ...(kind === 'resolved' || !page ? [] : [`Runbook: ${page.meaning} ${page.resolve}`]),
      ...(link ? [`More: ${link}`] : []),
      `Target ${cluster}, rule ${transition.rule}, id ${transition.id}`,
    ],
    ...(link ? { link } : {}),
  };
}

function linkOf({ panel, cluster, labels, at }: Transition, pageUrl: string): string {
  const url = new URL(pageUrl);
  const query = new URLSearchParams({ cluster, at, ...(labels['db'] ? { db: labels['db'] } : {}) });
  url.hash = `/${panel}?${query}`;
  return url.toString();
}

function lasted({ since, at }: Transition): string {
  return secondsText(Math.max(0, (Date.parse(at) - Date.parse(since)) / 1_000));
}

function clock(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}

function culpritText(culprit: NonNullable<Transition['culprit']>): string {
  const { pid, name, state, seconds, application, user, db, blocks, query } = culprit;
  const parts = [
    name ?? (pid === undefined ? undefined : `pid ${pid}`),
    state === undefined ? undefined : `${state}${seconds === undefined ? '' : ` for ${secondsText(seconds)}`}`,
    application ? `application ${application}` : undefined,
    user ? `user ${user}` : undefined,
    db ? `database ${db}` : undefined,
    blocks && blocks.length > 0
      ? `blocks ${blocks.slice(0, 10).join(', ')}${blocks.length > 10 ? ' …' : ''}`
      : undefined,
    query ? `statement ${query.replace(/\s+/g, ' ')}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
