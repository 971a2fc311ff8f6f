import { shortHash } from '../alerts/fingerprint.ts';
import type { Severity } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import { type About, aboutOf, isDownRule, isWider, type Rules, sessionOf } from './cause.ts';
import {
  countsByRule,
  type Incident,
  incidentId,
  isOpen,
  type Member,
  noted,
  openMembers,
  type TimelineEntry,
  trimmed,
  worse,
  worstOf,
} from './incident.ts';

export interface FoldOptions {
  readonly rules: Rules;
  /** Labels that group in place of causes. */
  readonly groupBy?: readonly string[] | undefined;
  /** What comes back within so many seconds after its end re-opens its incident. */
  readonly groupSeconds: number;
  /** Seconds between passes of the loop of a rule: alerts of one rule that grow so slowly are still together. */
  readonly paceOf: (rule: string) => number;
}

/** An incident that is being put together: its members can change. */
interface Draft {
  incident: Incident;
  readonly members: Record<string, Member>;
  readonly joined: Member[];
  before: Incident | undefined;
}

/**
 * Incidents after some more transitions of their alerts. Whatever order they come in, and however often, the result is the
 * same: a transition that is no newer than what is known of its alert changes nothing.
 *
 * @param incidents those that are open, and those that ended within `groupSeconds`
 */
export function folded(
  incidents: readonly Incident[],
  transitions: readonly Transition[],
  options: FoldOptions,
): Incident[] {
  if (transitions.length === 0) return [...incidents];
  return new Fold(incidents, options).all(transitions);
}

/** Its transition may still be on its way. */
const LOST_SECONDS = 600;

/** Incidents without members that no longer fire, though nothing ever said that they ended. The same array where there are none. */
export function lostMembers(
  incidents: readonly Incident[],
  fires: (fingerprint: string) => boolean,
  at: number,
): readonly Incident[] {
  let lost = false;
  const next = incidents.map((incident) => {
    const gone = openMembers(incident).filter(([id, member]) => at - member.at >= LOST_SECONDS && !fires(id));
    if (gone.length === 0) return incident;
    lost = true;
    const ended = gone.map(([id, member]): [string, Member] => [id, { ...member, at, endedAt: at }]);
    const members = { ...incident.members, ...Object.fromEntries(ended) };
    if (Object.values(members).some(isOpen)) return { ...incident, members };
    return noted(
      { ...incident, members, endedAt: at, closedAt: at },
      { at, kind: 'ended', text: 'None of its alerts fires any more' },
    );
  });
  return lost ? next : incidents;
}

class Fold {
  readonly #options: FoldOptions;
  readonly #drafts = new Map<string, Draft>();
  /** The incident that has an alert: where it was in several, the newest. */
  readonly #holders = new Map<string, Draft>();
  readonly #bySubject = new Map<string, Draft[]>();

  constructor(incidents: readonly Incident[], options: FoldOptions) {
    this.#options = options;
    for (const incident of incidents.toSorted((a, b) => a.openedAt - b.openedAt)) {
      const draft: Draft = { incident, members: { ...incident.members }, joined: [], before: incident };
      this.#drafts.set(incident.id, draft);
      for (const fingerprint of Object.keys(incident.members)) this.#holders.set(fingerprint, draft);
      this.#index(draft, incident.subjects);
    }
  }

  all(transitions: readonly Transition[]): Incident[] {
    const touched = new Set<Draft>();
    for (const transition of transitions.toSorted((a, b) => this.#order(a, b))) {
      const draft = this.#one(transition, Date.parse(transition.at) / 1_000);
      if (draft) touched.add(draft);
    }
    for (const draft of touched) this.#complete(draft, Date.parse(transitions.at(-1)?.at ?? '') / 1_000);
    return [...this.#drafts.values()].map(({ incident }) => incident);
  }

  /** By time; of one time the ones that say more come first, so that the others join them. */
  #order(a: Transition, b: Transition): number {
    if (a.at !== b.at) return a.at < b.at ? -1 : 1;
    const rank = ({ rule, kind }: Transition) =>
      kind === 'resolved' ? -2 : isDownRule(rule) ? -1 : (this.#options.rules.get(rule)?.partOf?.length ?? 0);
    return rank(a) - rank(b) || (a.id < b.id ? -1 : 1);
  }

  #one(transition: Transition, at: number): Draft | undefined {
    const { fingerprint, kind, severity, suppressed } = transition;
    if (kind === 'test') return undefined;
    const holder = this.#holders.get(fingerprint);
    const member = holder?.members[fingerprint];
    if (member && member.at >= at) return undefined;
    if (holder && member && isOpen(member)) {
      if (kind === 'resolved') {
        const until = transition.until === undefined ? at : Date.parse(transition.until) / 1_000;
        holder.members[fingerprint] = { ...member, at, endedAt: Math.max(until, member.since) };
        if (holder.incident.lead === fingerprint) this.#lead(holder, transition);
        return holder;
      }
      const news = suppressed === undefined ? severity : member.news;
      holder.members[fingerprint] = { ...member, ...textsOf(transition), at, severity, news };
      if ((kind === 'repeated' || kind === 'no-data') && suppressed === undefined)
        holder.incident = { ...holder.incident, due: kind };
      const session = sessionOf(transition);
      if (session !== undefined) this.#subjects(holder, [`session ${session}`]);
      if (this.#leads(holder, fingerprint)) this.#lead(holder, transition);
      return holder;
    }
    // Its beginning was never seen, or its end was already.
    if (kind === 'resolved' || kind === 'no-data') return undefined;
    return this.#begin(transition, at, holder);
  }

  #begin(transition: Transition, at: number, holder: Draft | undefined): Draft {
    const { fingerprint, cluster, rule, severity, suppressed } = transition;
    const about = aboutOf(transition, this.#options.groupBy);
    const draft = this.#place(about, transition, at, holder) ?? this.#opened(about, transition, at);
    const member: Member = {
      ...{ cluster, rule, severity, at },
      since: beganAt(transition),
      news: suppressed === undefined ? severity : undefined,
      ...textsOf(transition),
    };
    draft.members[fingerprint] = member;
    draft.joined.push(member);
    this.#holders.set(fingerprint, draft);
    this.#subjects(draft, about.subjects);
    if (!isOpen(draft.incident)) {
      const { endedAt: _, closedAt: __, ending: ___, ...open } = draft.incident;
      draft.incident = { ...open, reopened: open.reopened + 1 };
    }
    draft.incident = {
      ...draft.incident,
      grewAt: Math.max(draft.incident.grewAt, at),
      since: Math.min(draft.incident.since, member.since),
    };
    if (this.#leads(draft, fingerprint)) this.#lead(draft, transition);
    return draft;
  }

  /** Where an alert belongs, if anywhere: by its server, its session, itself, its object, its rule. */
  #place({ cause, subjects }: About, transition: Transition, at: number, holder: Draft | undefined): Draft | undefined {
    const { cluster, rule } = transition;
    const isNear = ({ incident: { clusters, closedAt = at } }: Draft) =>
      clusters.includes(cluster) && at - closedAt <= this.#options.groupSeconds;
    const shared = subjects.flatMap((subject) => this.#bySubject.get(subject) ?? []).findLast(isNear);
    if (cause.kind === 'group') return shared;
    const near = [...this.#drafts.values()].filter(isNear);
    const back = holder && near.includes(holder) ? holder : undefined;
    if (cause.kind === 'server_down') return back ?? this.#absorbing(near);
    const down = near.find(({ incident }) => isDown(incident) && isOpen(incident));
    if (down) return down;
    if (shared) return shared;
    if (cause.kind === 'session') return back && !hasSession(back.incident) ? back : undefined;
    if (back) return back;
    const window = Math.max(this.#options.groupSeconds, 1.5 * this.#options.paceOf(rule));
    const alike = near.findLast(
      ({ incident, members }) =>
        isOpen(incident) &&
        at - incident.grewAt <= window &&
        // Of an object that two rules are about the cause is the object.
        (incident.cause.kind === 'rule'
          ? incident.cause.key === rule
          : incident.cause.kind === 'object' && Object.values(members).every((one) => one.rule === rule)),
    );
    if (alike && alike.incident.cause.kind === 'object')
      alike.incident = { ...alike.incident, cause: { kind: 'rule', key: rule } };
    return alike;
  }

  /** A server that goes down takes what nobody has heard of yet with it. */
  #absorbing(near: readonly Draft[]): Draft | undefined {
    const first = near.find(
      ({ incident }) => isOpen(incident) && !incident.notified && incident.cause.kind !== 'monitor',
    );
    if (!first) return undefined;
    const [cluster = ''] = first.incident.clusters;
    first.incident = { ...first.incident, cause: { kind: 'server_down', key: cluster } };
    return first;
  }

  #opened(about: About, transition: Transition, at: number): Draft {
    const { severity, cluster, fingerprint } = transition;
    const draft: Draft = {
      incident: {
        id: incidentId(at, shortHash(`${cluster} ${fingerprint} ${transition.at}`)),
        clusters: [cluster],
        cause: about.cause,
        subjects: [],
        openedAt: at,
        since: beganAt(transition),
        grewAt: at,
        reopened: 0,
        severity,
        highest: severity,
        lead: fingerprint,
        base: transition,
        members: {},
        timeline: [],
      },
      members: {},
      joined: [],
      before: undefined,
    };
    this.#drafts.set(draft.incident.id, draft);
    return draft;
  }

  /** Whether an alert says more than the one that the incident is known by: heard of, open, severe, wide, in this order. */
  #leads({ incident, members }: Draft, fingerprint: string): boolean {
    const [one, lead] = [members[fingerprint], members[incident.lead]];
    if (!one || fingerprint === incident.lead || !lead) return true;
    if ((one.news === undefined) !== (lead.news === undefined)) return one.news !== undefined;
    if (!isOpen(lead)) return true;
    if (isDownRule(lead.rule) !== isDownRule(one.rule)) return isDownRule(one.rule);
    if (one.severity !== lead.severity) return worse(one.severity, lead.severity) === one.severity;
    return isWider(one.rule, lead.rule, this.#options.rules);
  }

  #lead(draft: Draft, transition: Transition): void {
    const { incident } = draft;
    const session = sessionOf(transition);
    const isOther = incident.cause.kind === 'session' && session !== undefined;
    // An end names nobody.
    const { culprit: offender } = incident.base;
    draft.incident = {
      ...incident,
      lead: transition.fingerprint,
      cause: isOther ? { kind: 'session', key: session } : incident.cause,
      base: transition.kind === 'resolved' ? { ...transition, culprit: offender } : transition,
    };
  }

  #subjects(draft: Draft, subjects: readonly string[]): void {
    const fresh = subjects.filter((subject) => !draft.incident.subjects.includes(subject));
    if (fresh.length === 0) return;
    draft.incident = { ...draft.incident, subjects: [...draft.incident.subjects, ...fresh].slice(-MOST_SUBJECTS) };
    this.#index(draft, fresh);
  }

  #index(draft: Draft, subjects: readonly string[]): void {
    for (const subject of subjects) this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), draft]);
  }

  #complete(draft: Draft, at: number): void {
    const all = Object.values(draft.members);
    const open = all.filter(isOpen);
    const severity = worstOf(open.map((one) => one.severity)) ?? draft.incident.severity;
    const ends = open.length === 0 ? Math.max(...all.map(({ endedAt = 0 }) => endedAt)) : undefined;
    let incident: Incident = {
      ...draft.incident,
      members: draft.members,
      severity,
      highest: worse(severity, draft.incident.highest),
      ...(ends === undefined
        ? {}
        : { endedAt: ends, closedAt: at, ending: draft.incident.ending ?? endingOf(draft.incident) }),
    };
    for (const entry of entriesOf(draft, incident, at)) incident = noted(incident, entry);
    draft.incident = trimmed(incident);
  }
}

/** Objects of a storm are one by one in its members; more are not looked for. */
const MOST_SUBJECTS = 1_000;

/** When its condition began, as far as that was measured; else when it was first seen. Epoch seconds. */
function beganAt({ began, since }: Transition): number {
  return Date.parse(began ?? since) / 1_000;
}

function isDown({ cause }: Incident): boolean {
  return cause.kind === 'server_down';
}

/** What ended it, where that follows from what it was. */
function endingOf({ cause, base }: Incident): string | undefined {
  if (cause.kind !== 'server_down') return undefined;
  return base.rule === 'server_down' ? 'The server answers again' : 'pgmon can log in again';
}

function hasSession({ subjects }: Incident): boolean {
  return subjects.some((subject) => subject.startsWith('session '));
}

function textsOf({ title, message, labels }: Transition): Pick<Member, 'title' | 'message' | 'labels'> {
  return { title, message, labels };
}

/** What happened to an incident, for its timeline. */
function entriesOf({ before, joined }: Draft, incident: Incident, at: number): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const note = (kind: TimelineEntry['kind'], text: string, severity?: Severity) =>
    entries.push({ at, kind, text, ...(severity ? { severity } : {}) });
  const [first] = joined;
  const said = joined.length === 1 && first ? (first.message ?? first.rule) : joinedText(joined);
  if (!before) note('opened', said, incident.severity);
  else if (before.endedAt !== undefined && joined.length > 0) note('reopened', said, incident.severity);
  else if (joined.length > 0) note('joined', said);
  if (before && worse(incident.highest, before.highest) !== before.highest)
    note('escalated', incident.base.message, incident.highest);
  if (incident.endedAt !== undefined && before?.endedAt === undefined)
    note('ended', incident.ending ?? 'All of its alerts are over');
  return entries;
}

function joinedText(joined: readonly Member[]): string {
  const counts = countsByRule(joined);
  const rules = counts.slice(0, 3).map(([rule, count]) => `${count} ${rule}`);
  return `${joined.length} alerts: ${rules.join(', ')}${counts.length > 3 ? ' and others' : ''}`;
}
