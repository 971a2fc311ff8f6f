import type { Transition } from '../alerts/transition.ts';
import { type Announcement, type AnnounceOptions, announced } from './announce.ts';
import { type FoldOptions, folded } from './fold.ts';
import { type Incident, isOpen, noted, openMembers } from './incident.ts';
import { followed, type SessionsNow } from './session.ts';

/** That somebody has acknowledged an alert or an incident; RFC 3339. */
export interface Acknowledged {
  readonly at: string;
  readonly by?: string | undefined;
}

export interface CorrelateOptions extends FoldOptions, AnnounceOptions {
  /** Absent where the pass did not see sessions. */
  readonly sessions?: SessionsNow | undefined;
  /** By fingerprint of an alert, or id of an incident. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
}

export interface Correlated {
  /** Those that are open, and those that ended so recently that they may come back. */
  readonly incidents: readonly Incident[];
  readonly announcements: readonly { readonly incident: Incident; readonly announcement: Announcement }[];
  /** Those that ended, or changed after it: for the history. */
  readonly ended: readonly Incident[];
  /** Acknowledgements that hold no more. */
  readonly forgotten: readonly string[];
  readonly changed: boolean;
}

/**
 * One more step of a target's incidents: what its alerts did, what its sessions do, who acknowledged what, and what there
 * is to say of it. Pure: the same input gives the same output.
 */
export function correlate(
  before: readonly Incident[],
  transitions: readonly Transition[],
  options: CorrelateOptions,
): Correlated {
  const { at, groupSeconds, sessions, acknowledged } = options;
  const known = new Map(before.map((incident) => [incident.id, incident]));
  const announcements: Correlated['announcements'][number][] = [];
  const forgotten: string[] = [];
  const kept: Incident[] = [];
  const ended: Incident[] = [];
  let changed = false;
  for (const one of folded(before, transitions, options)) {
    const seen = sessions ? followed(one, sessions, options.rules) : one;
    const taken = acknowledgedBy(seen, acknowledged);
    const { incident, announcement } = announced(taken, options);
    if (announcement) announcements.push({ incident, announcement });
    if (announcement?.transition.kind === 'escalated' && taken.acknowledged)
      forgotten.push(...[incident.id, ...openMembers(incident).map(([id]) => id)].filter((id) => acknowledged.has(id)));
    if (incident !== known.get(incident.id)) {
      changed = true;
      if (!isOpen(incident)) ended.push(incident);
    }
    const { closedAt, notified } = incident;
    // Until its end is sent it stays, however long that waits.
    if (closedAt === undefined || notified?.severity !== undefined || at - closedAt <= groupSeconds)
      kept.push(incident);
    else {
      changed = true;
      if (acknowledged.has(incident.id)) forgotten.push(incident.id);
    }
  }
  return { incidents: kept, announcements, ended, forgotten, changed };
}

/** Somebody acknowledged the incident, or each of its alerts, since it got as bad as it is. */
function acknowledgedBy(incident: Incident, acknowledged: ReadonlyMap<string, Acknowledged>): Incident {
  if (incident.acknowledged || acknowledged.size === 0 || !isOpen(incident)) return incident;
  const all = openMembers(incident).map(([fingerprint]) => acknowledged.get(fingerprint));
  const one = acknowledged.get(incident.id) ?? (all.every(Boolean) ? all.at(-1) : undefined);
  if (!one || Date.parse(one.at) / 1_000 < (incident.worseAt ?? 0)) return incident;
  const at = Date.parse(one.at) / 1_000;
  const { by } = one;
  return noted(
    {
      ...incident,
      acknowledged: { at: one.at, ...(by === undefined ? {} : { by }) },
      firstAcknowledgedAt: incident.firstAcknowledgedAt ?? at,
    },
    { at, kind: 'acknowledged', text: by === undefined ? 'Acknowledged' : `Acknowledged by ${by}`, by },
  );
}
