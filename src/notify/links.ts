import { RUNBOOK_NAMES } from '../alerts/runbook/fill.ts';
import { runbook } from '../alerts/runbook/index.ts';
import type { Transition } from '../alerts/transition.ts';

/** Where a message leads to; all of it needs the address of the page. */
export interface Links {
  /** The view that shows it, at the time of the message. */
  readonly link?: string;
  /** The runbook page of its rule, with its own pid, table or slot in the statements. */
  readonly runbookUrl?: string;
  /** Where it can be acknowledged and silenced. */
  readonly silenceLink?: string | undefined;
}

/** @param pageUrl where the page is for the reader; empty for no links */
export function linksOf(transition: Transition, pageUrl: string): Links {
  if (!pageUrl) return {};
  const { cluster, kind, panel, labels, at, rule, incident, fingerprint } = transition;
  const db = labels['db'];
  const link = viewUrl(pageUrl, panel, { cluster, at, ...(db ? { db } : {}) });
  if (kind === 'resolved' || kind === 'test') return { link, ...runbookLink(transition, pageUrl) };
  const isOwn = cluster === 'pgmon' && rule === 'pgmon_itself';
  return {
    link,
    ...runbookLink(transition, pageUrl),
    ...(isOwn ? {} : { silenceLink: viewUrl(pageUrl, 'alerts', { cluster, alert: incident?.alert ?? fingerprint }) }),
  };
}

function viewUrl(pageUrl: string, view: string, params: Readonly<Record<string, string>>): string {
  const url = new URL(pageUrl);
  url.hash = `/${view}?${new URLSearchParams(params)}`;
  return url.toString();
}

function runbookLink(transition: Transition, pageUrl: string): Pick<Links, 'runbookUrl'> {
  const { rule, labels, remedy } = transition;
  const offender = transition.culprit;
  if (!runbook[rule]) return {};
  const base = new URL(pageUrl);
  [base.hash, base.search] = ['', ''];
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const url = new URL(`runbook/${rule}`, base);
  const known: Readonly<Record<string, string | undefined>> = {
    ...labels,
    db: labels['db'] ?? remedy?.db ?? offender?.db,
    relation: labels['relation'] ?? offender?.relation,
    pid: offender?.pid === undefined ? undefined : String(offender.pid),
  };
  for (const name of RUNBOOK_NAMES) {
    const value = known[name];
    if (value) url.searchParams.set(name, value);
  }
  return { runbookUrl: url.toString() };
}
