import { z } from '@hono/zod-openapi';
import { durationMs } from '../config/scalars.ts';
import { eventsOfWindow, foremost, MOVE_KINDS, type Move, ranked } from '../events/changed.ts';
import type { Event } from '../events/event.ts';
import { pageLink } from '../events/link.ts';
import { eventsAndAlerts } from '../store/event-reading.ts';
import type { EventCursor } from '../store/events.ts';
import { partsOf } from './changed-parts.ts';
import { shownAs, shownEvent } from './event-routes.ts';
import { withoutPlace } from './hide-places.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, type Reading } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Events are read in pages of so many, and at most so many pages: 10,000 of a day. */
const PAGE = 500;
const MOST_PAGES = 20;

/** Most events, and most moves of each kind. */
const MOST_EVENTS = 100;
const MOST_MOVES = 15;

const pair = z.object({ before: z.number().nullable(), after: z.number().nullable() });

const move = z.object({
  kind: z.enum(MOVE_KINDS),
  name: z.string(),
  db: z.string().optional(),
  text: z.string().optional().openapi({ description: 'Of a statement its text, for roles that may read it.' }),
  unit: z.string(),
  before: z.number().nullable().openapi({ description: 'Null where it was not in the list that is kept.' }),
  after: z.number().nullable(),
  change: z.number(),
  cause: z.enum(['calls', 'time per call', 'both']).optional(),
  calls: pair.optional().openapi({ description: 'Calls a second.' }),
  mean: pair.optional().openapi({ description: 'Seconds per call.' }),
  weight: z.number().openapi({
    description:
      'How much it weighs against the others: 1 is a session that is busy all the time, 10 connections, or 1,000 rows written a second.',
  }),
  link: z.string(),
});

export const changedRoute = getRoute({
  path: '/changed',
  summary:
    'What changed up to a moment, or the begin of an alert, against the time before: events, then what moved most.',
  query: z.object({
    cluster: clusterQuery,
    at: timeQuery.at,
    alert: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be the fingerprint of an alert')
      .optional()
      .openapi({ description: 'Fingerprint of an alert, in place of a moment: up to when its condition began.' }),
    window: z
      .string()
      .refine((text) => {
        const ms = durationMs(text) ?? 0;
        return ms >= 5 * MINUTE_MS && ms <= 24 * HOUR_MS;
      }, 'must be a duration such as 15m, of 5m to 24h')
      .default('15m')
      .openapi({ description: 'Length of the window, and of the one before it.' }),
  }),
  answer: z.object({
    cluster: z.string(),
    at: z.string(),
    from: z.string(),
    to: z.string(),
    before_from: z.string(),
    alert: z.object({ fingerprint: z.string(), rule: z.string(), title: z.string(), message: z.string() }).optional(),
    since: z.string().optional().openapi({ description: 'When the data begins, where the windows are before it.' }),
    events: z.array(shownEvent),
    more_events: z.number().optional().openapi({
      description: 'How many more events the window has: those shown are the most severe, and some of each kind.',
    }),
    moves: z.array(move),
    notes: z.array(z.string()).openapi({ description: 'What could not be compared, and why.' }),
  }),
});

/** What changed: events, and what moved most between a window and the one before. */
export function addChangedRoutes(app: Api, reading: Reading): void {
  const { stores, now } = reading;
  app.openapi(changedRoute, async (context) => {
    const { at: asked, alert: fingerprint, window, cluster: name } = context.req.valid('query');
    if (asked !== undefined && fingerprint !== undefined) throw problem(400, 'alert: give either alert or at');
    const cluster = clusterOf(name, reading);
    const alert = fingerprint === undefined ? undefined : await alertOf(reading, cluster, fingerprint);
    const length = durationMs(window) ?? 15 * MINUTE_MS;
    const moment = alert
      ? new Date(Math.min(now().getTime(), Date.parse(alert.since)))
      : (momentOf({ at: asked }, now()) ?? now());
    const [from, first] = [1, 2].map((windows) => new Date(moment.getTime() - windows * length));
    if (!from || !first) throw problem(400, 'window: unreadable');
    // An hour later, too: settings are read once an hour, and a change is found with the next reading.
    const found = await allEvents(
      reading,
      cluster,
      from,
      new Date(Math.min(now().getTime(), moment.getTime() + HOUR_MS)),
    );
    const role = context.get('role');
    const viewer = role === 'viewer';
    const inWindow = eventsOfWindow(found.events, from, moment).filter(
      (event) => event.source !== 'alert' || event.at <= moment.toISOString(),
    );
    const moreEvents = Math.max(0, inWindow.length - MOST_EVENTS);
    const events = foremost(inWindow, MOST_EVENTS).map((event) => shownAs(event, role));
    const parts = await partsOf(reading, cluster, first, from, moment);
    const moves = ranked(
      parts.flatMap((part) => part.moves),
      MOST_MOVES,
    );
    const queryids = moves.flatMap((one) => (one.kind === 'statement' ? [one.name] : []));
    const texts = viewer ? new Map<string, string>() : await stores.statements.get(cluster, [...new Set(queryids)]);
    const since = events.length + moves.length === 0 ? await stores.past.since(cluster, 'hot', now()) : undefined;
    return context.json(
      {
        cluster,
        at: moment.toISOString(),
        from: from.toISOString(),
        to: moment.toISOString(),
        before_from: first.toISOString(),
        alert: alert && {
          fingerprint: alert.fingerprint,
          rule: alert.rule,
          title: alert.title,
          message: withoutPlace(role, alert.message),
        },
        since: since && since > from ? since.toISOString() : undefined,
        events,
        more_events: moreEvents > 0 ? moreEvents : undefined,
        moves: moves.map((one) => ({
          ...one,
          text: one.kind === 'statement' ? texts.get(one.name) : undefined,
          link: moveLink(one, cluster, first, moment),
        })),
        notes: [...parts.flatMap(({ note }) => note ?? []), ...(found.isCut ? [EVENTS_CUT] : [])],
      },
      200,
    );
  });
}

const EVENTS_CUT = `Events: of more than ${(PAGE * MOST_PAGES).toLocaleString('en-US')} in the window, only the last were read.`;

/** All events between two times, as far as there are not too many of them. */
async function allEvents({ stores }: Reading, cluster: string, from: Date, to: Date) {
  const events: Event[] = [];
  let after: EventCursor | undefined;
  for (let i = 0; i < MOST_PAGES; i++) {
    const page = await eventsAndAlerts(stores, cluster, { from, to, limit: PAGE, after, routine: false });
    events.push(...page.events);
    after = page.next;
    if (!after) return { events, isCut: false };
  }
  return { events, isCut: true };
}

/** @throws 404 where the target never had it */
async function alertOf({ stores, now }: Reading, cluster: string, fingerprint: string) {
  const [newest] = await stores.alertHistory.newest(
    1,
    { at: new Date(now().getTime() + 1) },
    (one) => one.fingerprint === fingerprint && one.cluster === cluster,
    { clusters: [cluster] },
  );
  if (!newest) throw problem(404, `No alert of ${cluster} has this fingerprint.`);
  return newest;
}

const VIEWS: Readonly<Record<Move['kind'], string>> = {
  statement: 'queries',
  wait: 'activity',
  connections: 'activity',
  table: 'storage',
};

function moveLink({ kind, name, db }: Move, cluster: string, from: Date, to: Date): string {
  const range = { cluster, db, from: from.toISOString(), to: to.toISOString() };
  return pageLink(VIEWS[kind], kind === 'statement' ? { ...range, queryid: name } : range);
}
