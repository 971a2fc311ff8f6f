import { alertEvent, LATEST_END_MS } from '../events/alert-events.ts';
import type { Event } from '../events/event.ts';
import { type EventCursor, type EventPage, type EventQuery, newestFirst } from './events.ts';
import type { Stores } from './stores.ts';

/**
 * Events of a target with the begins and ends of its alerts, newest first. The alert history is the one truth about alerts:
 * its changes are read beside the events, and kept nowhere else.
 */
export async function eventsAndAlerts(
  { events, alertHistory }: Pick<Stores, 'events' | 'alertHistory'>,
  cluster: string,
  query: EventQuery,
): Promise<EventPage> {
  const { limit } = query;
  const [page, alerts] = await Promise.all([events.between(cluster, query), alertEvents(alertHistory, cluster, query)]);
  // What follows the end of the page of events is for the next one.
  const { next } = page;
  const reached = alerts.filter((alert) => !next || newestFirst(alert, next) <= 0);
  const merged = [...page.events, ...reached].toSorted(newestFirst);
  const shown = merged.slice(0, limit);
  const last = shown.at(-1);
  const isFull = merged.length > shown.length || alerts.length === limit;
  const end: EventCursor | undefined = isFull && last ? { at: last.at, id: last.id } : next;
  return { events: shown, ...(end ? { next: end } : {}) };
}

/**
 * Begins and ends of alerts by the time of the event, which is before that of its transition: more of the history is read than
 * the range has, until what is left of it is before all that was found.
 */
async function alertEvents(
  alertHistory: Stores['alertHistory'],
  cluster: string,
  { from, to, limit, after, matches }: EventQuery,
): Promise<Event[]> {
  const found: Event[] = [];
  const [first, last] = [from.toISOString(), to.toISOString()];
  const newest = Math.min(to.getTime(), after ? Date.parse(after.at) : to.getTime());
  const start = { at: new Date(newest + LATEST_END_MS + 1) };
  for await (const transition of alertHistory.walk(start, { from, clusters: [cluster] })) {
    const oldest = found.length === limit ? found.at(-1) : undefined;
    if (oldest && transition.at < oldest.at) break;
    const event = alertEvent(transition);
    if (event?.cluster !== cluster || event.at < first || event.at > last) continue;
    if ((after && newestFirst(event, after) <= 0) || !(matches?.(event) ?? true)) continue;
    found.push(event);
    found.sort(newestFirst);
    found.splice(limit);
  }
  return found;
}
