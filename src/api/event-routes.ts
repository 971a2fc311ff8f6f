import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { ReaderRole } from '../config/http.ts';
import { ALERT_KINDS } from '../events/alert-events.ts';
import { EVENT_SEVERITIES, type Event, eventSchema } from '../events/event.ts';
import { HANDLED_KINDS } from '../events/handled.ts';
import { eventKinds } from '../events/kinds/index.ts';
import { linkOf } from '../events/link.ts';
import { newEvent, postedEvent, reservedKind } from '../events/posted.ts';
import { eventsAndAlerts } from '../store/event-reading.ts';
import type { EventCursor } from '../store/events.ts';
import { needs } from './auth.ts';
import { eventWithoutPlace } from './hide-places.ts';
import { hideUsers } from './hide-users.ts';
import { limitOf, nextCursor } from './paging.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, type Reading } from './reading.ts';
import { type Api, getRoute, problems } from './routes.ts';
import { LONGEST_DAYS, momentOf, timeQuery, windowOf } from './time.ts';

const DAY_SECONDS = 86_400;

export const shownEvent = eventSchema
  .omit({ objects: true })
  .extend({
    title: z.string().openapi({ description: 'Its kind, for people.' }),
    link: z.string().openapi({ description: 'The view of the page that shows it: the hash of its address.' }),
  })
  .openapi('Event');

export const eventsRoute = getRoute({
  path: '/events',
  summary: 'What changed: restarts, settings, objects, posted events, begins and ends of alerts; newest first.',
  query: z.object({
    cluster: clusterQuery,
    ...timeQuery,
    kind: z
      .string()
      .regex(/^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$/, 'must be kinds of events, separated by commas')
      .optional()
      .openapi({ description: 'Only these kinds, separated by commas.' }),
    severity: z.enum(EVENT_SEVERITIES).default('notice').openapi({
      description: "The least severe to show; info adds the server's routine: vacuum, analyze, checkpoints.",
    }),
    db: z.string().min(1).optional(),
    object: z.string().min(1).optional().openapi({
      description:
        'Only events of this object; an event of many, such as 500 dropped tables, is one of each of its first 1,000.',
    }),
    text: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'Only events whose text or object has this in it.' }),
    limit: limitOf(100),
    cursor: z.string().min(1).max(300).optional().openapi({ description: 'next_cursor of the previous page.' }),
  }),
  answer: z.object({
    cluster: z.string(),
    from: z.string(),
    to: z.string(),
    since: z.string().optional().openapi({ description: 'When the data begins, where there is none of this range.' }),
    kinds: z
      .array(z.object({ kind: z.string(), title: z.string() }))
      .openapi({ description: 'All kinds that pgmon finds by itself.' }),
    items: z.array(shownEvent),
    next_cursor: nextCursor.openapi({
      description: 'Cursor of the next page, if there is one. A page may be empty and have a next one.',
    }),
  }),
});

/** An event as a role may see it. */
function seenBy(role: ReaderRole | undefined, event: Event): Event {
  return eventWithoutPlace(role, role === 'viewer' ? hideUsers(event) : event);
}

/** An event as the API answers it to a role. */
export function shownAs(event: Event, role: ReaderRole | undefined): z.output<typeof shownEvent> {
  const { objects: _, ...shown } = seenBy(role, event);
  return { ...shown, title: titleOf(event.kind), link: linkOf(event) };
}

const KINDS = [
  ...eventKinds.map(({ name, title }) => ({ kind: name, title })),
  { kind: ALERT_KINDS[0], title: 'Alert began' },
  { kind: ALERT_KINDS[1], title: 'Alert ended' },
  ...HANDLED_KINDS,
];

const TITLES = new Map([...KINDS.map(({ kind, title }) => [kind, title] as const), ['deploy', 'Deployment']]);

/** A kind of event for people; one that was posted by its own name. */
function titleOf(kind: string): string {
  const known = TITLES.get(kind);
  if (known !== undefined) return known;
  const words = kind.replaceAll('_', ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** What changed on a target, and what somebody did to it. */
export function addEventRoutes(app: Api, reading: Reading): void {
  const { stores, clusters, now } = reading;

  app.openapi(eventsRoute, async (context) => {
    const { kind, severity, db, object, text, limit, cursor, ...asked } = context.req.valid('query');
    const cluster = clusterOf(asked.cluster, reading);
    const { from, to } = windowOf(asked, now(), DAY_SECONDS);
    const kinds = kind?.split(',');
    const least = EVENT_SEVERITIES.indexOf(severity);
    const sought = text?.toLowerCase();
    const role = context.get('role');
    // What is not shown is not to be found either.
    const matches = (event: Event) => {
      const {
        kind: name,
        severity: own,
        text: said,
        object: changed = '',
        objects = [],
        db: database,
      } = seenBy(role, event);
      return (
        (kinds ? kinds.includes(name) : EVENT_SEVERITIES.indexOf(own) >= least) &&
        (!db || database === db) &&
        (!object || changed === object || objects.includes(object)) &&
        (!sought || [said, changed, ...objects].some((one) => one.toLowerCase().includes(sought)))
      );
    };
    const routine = kinds
      ? eventKinds.some((one) => one.severity === 'info' && kinds.includes(one.name))
      : severity === 'info';
    const after = cursor === undefined ? undefined : cursorOf(cursor);
    const page = await eventsAndAlerts(stores, cluster, { from, to, limit, after, routine, matches });
    const isEmpty = page.events.length === 0 && !page.next && after === undefined;
    const isFiltered = [kind, db, object, text].some((filter) => filter !== undefined);
    const since = isEmpty ? await stores.past.since(cluster, 'hot', now()) : undefined;
    return context.json(
      {
        cluster,
        from: from.toISOString(),
        to: to.toISOString(),
        // Where nothing matches a filter, that is no matter of where the data begins, unless there is none at all.
        since: since && since > (isFiltered ? to : from) ? since.toISOString() : undefined,
        kinds: KINDS,
        items: page.events.map((event) => shownAs(event, role)),
        next_cursor: page.next && `${page.next.at}_${page.next.id}`,
      },
      200,
    );
  });

  const post = createRoute({
    method: 'post',
    path: '/events',
    summary: 'Post an event, such as a deployment. One with an id is added once, however often it is posted.',
    middleware: [needs('operator')] as const,
    request: { body: { required: true, content: { 'application/json': { schema: newEvent } } } },
    responses: {
      200: { description: 'It was posted before.', content: { 'application/json': { schema: postedEvent } } },
      201: { description: 'Posted.', content: { 'application/json': { schema: postedEvent } } },
      ...problems(400, 401, 403, 404, 413),
    },
  });
  app.openapi(post, async (context) => {
    const { cluster, at: asked, id = randomBytes(8).toString('hex'), kind, ...rest } = context.req.valid('json');
    const reserved = reservedKind(kind, eventKinds);
    if (reserved) throw problem(400, reserved);
    const at = momentOf({ at: asked }, now()) ?? now();
    if (now().getTime() - at.getTime() > LONGEST_DAYS * DAY_SECONDS * 1_000)
      throw problem(400, `at: must be at most ${LONGEST_DAYS} days ago; events are kept no longer`);
    const targets = cluster === undefined ? clusters : [clusterOf(cluster, reading)];
    if (targets.length === 0) throw problem(404, 'No targets are being monitored.');
    const draft = { ...rest, id, kind, at: at.toISOString(), severity: 'notice', source: 'posted' } as const;
    const { event, isNew } = await stores.events.post(targets, draft);
    const { cluster: _, ...shown } = event;
    return context.json({ ...shown, clusters: [...targets] }, isNew ? 201 : 200);
  });
}

/** @throws 400 for one that is not ours */
function cursorOf(text: string): EventCursor {
  const [, at = '', id = ''] = /^([^_]+)_(.*)$/.exec(text) ?? [];
  if (!z.iso.datetime().safeParse(at).success) throw problem(400, 'cursor: must be next_cursor of the previous page');
  return { at, id };
}
