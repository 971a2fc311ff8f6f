import { secondsText, valueText } from '../alerts/format.ts';
import type { Remedy } from '../alerts/remedy.ts';
import type { Rule } from '../alerts/rule.ts';
import { runbook } from '../alerts/runbook/index.ts';
import type { Offender, Transition } from '../alerts/transition.ts';
import { type Links, linksOf } from './links.ts';
import { whoText } from './who.ts';

/** A transition as people read it: made once, for all channels, which render it by their own means. */
export interface Message extends Links {
  readonly transition: Transition;
  /** One line: where, what, how much, for how long, by whom. */
  readonly subject: string;
  /** What is wrong, and against which threshold; at the end what it was. One sentence. */
  readonly what: string;
  /** How bad, and since when; at the end how long it lasted. One sentence. */
  readonly when: string;
  /** Who causes it: pid, state and since when, database, table. */
  readonly who?: string;
  /** The statement that it runs, or the last one that it ran. */
  readonly statement?: Statement;
  /** The statement that ends it, and what that does. */
  readonly remedy?: Remedy;
  /** What to do first; empty where there is nothing to do any more. */
  readonly action: string;
  /** Meaning and resolution of the rule, where no link leads there. */
  readonly advice?: string;
}

export interface Statement {
  readonly text: string;
  readonly isLast: boolean;
}

/** @param pageUrl where the page is for the reader; empty for no links */
export function messageOf(transition: Transition, unit: Rule['unit'], pageUrl: string): Message {
  const { kind, message, action, rule } = transition;
  const links = linksOf(transition, pageUrl);
  const shared = { transition, subject: subjectOf(transition, unit), when: whenText(transition), ...links };
  if (kind === 'resolved') return { ...shared, what: `It was: ${message}.${incidentText(transition)}`, action: '' };
  const page = runbook[rule];
  return {
    ...shared,
    what: `${message}${againstText(transition, unit)}.${incidentText(transition)}`,
    ...offenderParts(transition.culprit),
    ...(transition.remedy ? { remedy: transition.remedy } : {}),
    action,
    ...(page && !links.runbookUrl ? { advice: `${page.meaning} ${page.resolve}` } : {}),
  };
}

/** Everything but the subject, as lines of text. */
export function plainText(message: Message): string[] {
  const { transition, what, when, who, statement, remedy, action, advice } = message;
  const { cluster, rule, id } = transition;
  return [
    ...(who ? [`${who}.`] : []),
    ...(statement ? [`${statementLabel(statement)}: ${statement.text}`] : []),
    ...(remedy ? [`${remedyLabel(remedy)}: ${remedy.sql} — ${remedy.effect}`] : []),
    what,
    when,
    ...(action ? [`What to do: ${action}`] : []),
    ...(advice ? [`Runbook: ${advice}`] : []),
    ...namedLinks(message).map(({ text, url }) => `${text}: ${url}`),
    `Target ${cluster}, rule ${rule}, id ${id}`,
  ];
}

/** The links by the names that people read. */
export function namedLinks({ transition, link, runbookUrl, silenceLink }: Message): { text: string; url: string }[] {
  return [
    ...(link ? [{ text: `Open at ${transition.at.slice(11, 16)}`, url: link }] : []),
    ...(runbookUrl ? [{ text: 'Runbook', url: runbookUrl }] : []),
    ...(silenceLink ? [{ text: 'Silence 1 h', url: silenceLink }] : []),
  ];
}

export function statementLabel({ isLast }: Statement): string {
  return isLast ? 'Last statement' : 'Statement';
}

export function remedyLabel({ db }: Remedy): string {
  return db ? `End it, in database ${db}` : 'End it';
}

/** Alerts of an incident that are named, and how long the text of each may be. */
const NAMED = 10;
const LONGEST_NAMED = 150;

/** What else belongs to the incident, and what ended it; nothing of one that is a single alert. */
function incidentText({ incident, message }: Transition): string {
  if (!incident) return '';
  const { alerts, worst, rules, cause, ending } = incident;
  const others = worst.filter((one) => one.message !== message).slice(0, NAMED);
  const counts = Object.entries(rules).map(([rule, count]) => `${count.toLocaleString('en')} ${rule}`);
  const rest = alerts > worst.length ? ` (${counts.slice(0, 5).join(', ')}${counts.length > 5 ? ' …' : ''})` : '';
  const named = others.map(({ title, message: text }) => `${title}: ${text}`.slice(0, LONGEST_NAMED)).join('; ');
  return [
    ...(alerts > 1 ? [` ${alerts.toLocaleString('en')} alerts with one cause, ${cause}${rest}. Also: ${named}.`] : []),
    ...(ending === undefined ? [] : [` ${ending}.`]),
  ].join('');
}

/** A beginning says at once what is wrong; everything later says first what became of it. */
function subjectOf(transition: Transition, unit: Rule['unit']): string {
  const { cluster, headline, title, value } = transition;
  const number = value === undefined || unit === 'None' ? '' : `, ${valueText(value, unit)}`;
  const others = (transition.incident?.alerts ?? 1) - 1;
  const more = others > 0 ? ` (+${others.toLocaleString('en')} ${others === 1 ? 'alert' : 'alerts'})` : '';
  return `${cluster}: ${stateText(transition)}${headline ?? `${title}${number}`}${more}`.replace(/\s+/g, ' ').trim();
}

function stateText(transition: Transition): string {
  const { kind, severity } = transition;
  const lasted = lastedSeconds(transition);
  switch (kind) {
    case 'firing':
    case 'test':
      return '';
    case 'escalated':
      return `now ${severity}: `;
    case 'de-escalated':
      return `down to ${severity}: `;
    case 'repeated':
      return `still ${severity}: `;
    case 'changed':
      return 'changed: ';
    case 'no-data':
      return 'no data any more, was: ';
    case 'resolved':
      // Of what is no longer looked at nobody knows whether it is over: its headline says why.
      if (transition.until === undefined) return '';
      return lasted === undefined ? 'over: ' : `over after ${secondsText(lasted)}: `;
  }
}

function againstText({ threshold, comparedWith }: Transition, unit: Rule['unit']): string {
  // What either is or is not has none, and above nothing is no number to know.
  if (threshold === undefined || threshold === 0 || unit === 'None') return '';
  return ` (threshold ${valueText(threshold, unit)}${comparedWith ? `, from ${comparedWith}` : ''})`;
}

/** Since when, and for how long as far as that was measured: what was first seen just now has lasted for no time yet. */
function whenText(transition: Transition): string {
  const { kind, severity, previous, since, began = since, until = began, at } = transition;
  const lasted = lastedSeconds(transition);
  if (kind === 'resolved') {
    if (lasted === undefined) return `Since ${clock(began)}, closed at ${clock(at)}.`;
    return `It lasted ${secondsText(lasted)}, from ${clock(began)} to ${clock(until)}.`;
  }
  const was = previous && previous !== severity ? `, was ${previous}` : '';
  const seconds = secondsBetween(began, at);
  const lasts = seconds > 0 && kind !== 'de-escalated' ? `, for ${secondsText(seconds)}` : '';
  return `${severity.charAt(0).toUpperCase()}${severity.slice(1)}${was}. Since ${clock(began)}${lasts}.`;
}

/** From the beginning of the condition to the first pass without it; undefined where that was not seen. */
function lastedSeconds({ kind, since, began = since, until }: Transition): number | undefined {
  if (kind !== 'resolved' || until === undefined) return undefined;
  const seconds = secondsBetween(began, until);
  return seconds > 0 ? seconds : undefined;
}

function offenderParts(offender: Offender | undefined): Pick<Message, 'who' | 'statement'> {
  if (!offender) return {};
  const { query, state } = offender;
  const text = query?.replace(/\s+/g, ' ').trim();
  return { who: whoText(offender), ...(text ? { statement: { text, isLast: state !== 'active' } } : {}) };
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1_000;
}

function clock(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}
