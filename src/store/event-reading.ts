import { alertEvent } from '../events/alert-events.ts';
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
  const { limit, after, to } = query;
  const [page, transitions] = await Promise.all([
    events.between(cluster, query),
    alertHistory.newest(
      limit,
      after && after.at < to.toISOString()
        ? { at: new Date(after.at), id: after.id }
        : { at: new Date(to.getTime() + 1) },
      (transition) => {
        const event = alertEvent(transition);
        return event?.cluster === cluster && (query.matches?.(event) ?? true);
      },
      { from: query.from, clusters: [cluster] },
    ),
  ]);
  const alerts = transitions.map(alertEvent).filter((event) => event !== undefined);
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
