import { createRoute, z } from '@hono/zod-openapi';
import type { PreparedRule } from '../alerts/prepare.ts';
import { newEvent } from '../events/posted.ts';
import { type IncidentRange, incidentsIn, openIncident, timesOf } from '../store/incident-reading.ts';
import { acknowledge } from './acknowledge.ts';
import { actorOf } from './actor.ts';
import { needs } from './auth.ts';
import { withoutPlace } from './hide-places.ts';
import { limitOf, nextCursor } from './paging.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, type Reading } from './reading.ts';
import { type Api, getRoute, problems } from './routes.ts';
import { incidentDetails, shownDetails, shownIncident, shownOf } from './shown-incident.ts';
import { timeQuery, windowOf } from './time.ts';

const WEEK_SECONDS = 7 * 86_400;

const incidentId = z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of an incident');

export const incidentsRoute = getRoute({
  path: '/incidents',
  summary: 'Incidents: alerts with one cause. Those that opened in the range, the newest first.',
  query: z.object({
    cluster: clusterQuery.openapi({ description: 'Target; all by default.' }),
    state: z.enum(['open', 'ended']).optional(),
    limit: limitOf(50),
    cursor: z.string().min(1).max(100).optional().openapi({ description: 'next_cursor of the previous page.' }),
    ...timeQuery,
  }),
  answer: z.object({
    from: z.string(),
    to: z.string(),
    times: z
      .object({
        incidents: z.number(),
        mtta_seconds: z.number().nullable().openapi({
          description: 'Mean time from opening to acknowledgement, of those that somebody acknowledged.',
        }),
        mttr_seconds: z
          .number()
          .nullable()
          .openapi({ description: 'Mean time from opening to end, of those that ended.' }),
      })
      .optional()
      .openapi({ description: 'Of the whole range (of 2,000 incidents at most); on the first page only.' }),
    items: z.array(shownIncident),
    next_cursor: nextCursor,
  }),
});

export const incidentRoute = createRoute({
  method: 'get',
  path: '/incidents/{id}',
  summary: 'An incident with its alerts and its timeline.',
  middleware: [needs('viewer')] as const,
  request: { params: z.object({ id: incidentId }) },
  responses: {
    200: {
      description: 'Done.',
      content: {
        'application/json': {
          schema: shownDetails,
        },
      },
    },
    ...problems(400, 401, 403, 404),
  },
});

/** Open and past incidents, one with its timeline, and acknowledging one. */
export function addIncidentRoutes(app: Api, reading: Reading, rules: readonly PreparedRule[]): void {
  const { stores, clusters, now } = reading;
  const byId = new Map(rules.map((rule) => [rule.id, rule]));

  app.openapi(incidentsRoute, async (context) => {
    const { cluster, state, limit, cursor, ...time } = context.req.valid('query');
    const { from, to } = windowOf(time, now(), WEEK_SECONDS);
    const range: IncidentRange = { clusters: cluster ? [clusterOf(cluster, reading)] : clusters, from, to, state };
    const { incidents, next } = await incidentsIn(stores.incidents, range, limit, cursorOf(cursor));
    const times = cursor === undefined ? await timesOf(stores.incidents, range) : undefined;
    return context.json(
      {
        from: from.toISOString(),
        to: to.toISOString(),
        times: times && { incidents: times.count, mtta_seconds: times.mtta, mttr_seconds: times.mttr },
        items: incidents.map((incident) => shownOf(incident, now(), (text) => withoutPlace(context.get('role'), text))),
        next_cursor: next,
      },
      200,
    );
  });

  app.openapi(incidentRoute, async (context) => {
    const { id } = context.req.valid('param');
    const incident = (await openIncident(stores.incidents, clusters, id)) ?? (await stores.incidents.past(id));
    if (!incident?.clusters.some((cluster) => clusters.includes(cluster)))
      throw problem(404, 'No incident has this id.');
    const role = context.get('role');
    const said = (text: string) => withoutPlace(role, text);
    return context.json(incidentDetails(incident, now(), role !== 'viewer', said), 200);
  });

  const acknowledgeRoute = createRoute({
    method: 'post',
    path: '/incidents/{id}/acknowledge',
    summary: 'Acknowledge an incident: pgmon stops repeating it, and says when it gets worse and when it ends.',
    middleware: [needs('operator')] as const,
    request: {
      params: z.object({ id: incidentId }),
      body: { content: { 'application/json': { schema: z.strictObject({ by: newEvent.shape.by }) } } },
    },
    responses: { 204: { description: 'Acknowledged.' }, ...problems(400, 401, 403, 404, 409, 413) },
  });
  app.openapi(acknowledgeRoute, async (context) => {
    const { id } = context.req.valid('param');
    const by = actorOf(context, context.req.valid('json')?.by);
    const done = await acknowledge(reading, byId, id, by);
    if (done.outcome !== 'acknowledged')
      throw problem(
        done.outcome === 'over' ? 409 : 404,
        done.outcome === 'over' ? done.reason : 'No open incident has this id.',
      );
    return context.body(null, 204);
  });
}

/** Where the page before ended: its last sort key. @throws 400 */
function cursorOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const key = Buffer.from(text, 'base64url').toString('utf8');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f]{32}$/.test(key))
    throw problem(400, 'cursor: must be next_cursor of the previous page');
  return key;
}
