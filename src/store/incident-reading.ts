import { isOpen, openedAtOf, type PastIncident, pastOf } from '../incidents/incident.ts';
import type { IncidentStore } from './incidents.ts';
import { keys } from './keys.ts';

export interface IncidentRange {
  readonly clusters: readonly string[];
  /** When they opened, both included. */
  readonly from: Date;
  readonly to: Date;
  readonly state?: 'open' | 'ended' | undefined;
}

/** One that is open, or ended so recently that it may come back. */
export async function openIncident(
  store: IncidentStore,
  clusters: readonly string[],
  id: string,
): Promise<PastIncident | undefined> {
  return (await openOnes(store, clusters)).find((incident) => incident.id === id);
}

async function openOnes(store: IncidentStore, clusters: readonly string[]): Promise<PastIncident[]> {
  const states = await Promise.all(clusters.map((cluster) => store.open(cluster)));
  return states.flatMap(({ incidents }) => incidents.map(pastOf));
}

/**
 * Incidents of a range, the newest first, each once.
 *
 * @param after the sort key that the page before ended with
 * @returns the sort key to continue after, in base64url, where there are more
 */
export async function incidentsIn(
  store: IncidentStore,
  range: IncidentRange,
  limit: number,
  after?: string,
): Promise<{ readonly incidents: readonly PastIncident[]; readonly next?: string }> {
  const incidents: PastIncident[] = [];
  for await (const incident of walked(store, range, after)) {
    if (incidents.length === limit) {
      const last = incidents.at(-1);
      return last ? { incidents, next: Buffer.from(sortKeyOf(last)).toString('base64url') } : { incidents };
    }
    incidents.push(incident);
  }
  return { incidents };
}

/** So many are counted at most. */
const COUNTED = 2_000;

/** Mean seconds from opening to the first acknowledgement, and to the end; null where there was none. */
export async function timesOf(
  store: IncidentStore,
  range: IncidentRange,
): Promise<{ readonly count: number; readonly mtta: number | null; readonly mttr: number | null }> {
  const [taken, ended]: [number[], number[]] = [[], []];
  let count = 0;
  for await (const { openedAt, endedAt, firstAcknowledgedAt } of walked(store, range)) {
    count += 1;
    if (firstAcknowledgedAt !== undefined) taken.push(firstAcknowledgedAt - openedAt);
    if (endedAt !== undefined) ended.push(Math.max(0, endedAt - openedAt));
    if (count === COUNTED) break;
  }
  return { count, mtta: mean(taken), mttr: mean(ended) };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Those of the open ones and of the history, merged. */
async function* walked(store: IncidentStore, range: IncidentRange, after?: string): AsyncGenerator<PastIncident> {
  const { clusters, from, to, state } = range;
  const end = after ?? new Date(to.getTime() + 1).toISOString();
  const isAsked = (incident: PastIncident) =>
    incident.clusters.some((cluster) => clusters.includes(cluster)) &&
    (state === undefined || (state === 'open') === isOpen(incident));
  const current = await openOnes(store, clusters);
  const ids = new Set(current.map(({ id }) => id));
  const first = from.toISOString();
  const own = current
    .filter((incident) => isAsked(incident) && sortKeyOf(incident) < end && sortKeyOf(incident) >= first)
    .toSorted((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? 1 : -1));
  if (state !== 'open') {
    for await (const incident of store.walk(end, from)) {
      if (ids.has(incident.id) || !isAsked(incident)) continue;
      while (own[0] && sortKeyOf(own[0]) > sortKeyOf(incident)) yield own.shift() ?? incident;
      yield incident;
    }
  }
  yield* own;
}

function sortKeyOf({ id }: PastIncident): string {
  return keys.pastIncident('', openedAtOf(id), id).sk;
}
