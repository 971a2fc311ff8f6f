import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { alertText } from '../alerts/alert.ts';
import type { PreparedRule } from '../alerts/prepare.ts';
import { SEVERITIES } from '../alerts/rule.ts';
import { unknownSubject } from '../alerts/silence-subject.ts';
import type { Silence } from '../alerts/suppression.ts';
import { silenceSchema } from '../alerts/suppression.ts';
import { transitionSchema } from '../alerts/transition.ts';
import { durationMs } from '../config/scalars.ts';
import { silencedEvent, unsilencedEvent } from '../events/handled.ts';
import { newEvent } from '../events/posted.ts';
import { LABEL_NAME } from '../metrics/sample.ts';
import type { Acknowledgement } from '../store/acknowledgements.ts';
import type { HistoryCursor } from '../store/alerts.ts';
import { acknowledge } from './acknowledge.ts';
import { actorOf } from './actor.ts';
import { needs } from './auth.ts';
import { withoutPlace } from './hide-places.ts';
import { type OpenAlert, openAlerts } from './open-alerts.ts';
import { limitOf } from './paging.ts';
import { problem } from './problem.ts';
import { beginsAfter, clusterOf, clusterQuery, type Reading, sinceSchema } from './reading.ts';
import { type Api, getRoute, problems } from './routes.ts';
import { LONGEST_DAYS, momentOf, timeQuery, windowOf } from './time.ts';

const LONGEST_SILENCE_MS = 90 * 86_400_000;

const openAlert = z.object({
  fingerprint: z.string(),
  cluster: z.string(),
  rule: z.string(),
  title: z.string(),
  state: z.enum(['pending', 'firing']),
  severity: z.enum(SEVERITIES),
  labels: z.record(z.string(), z.string()),
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  unit: z.string(),
  since: z.string(),
  evaluated_at: z.string().nullable().openapi({
    description: 'When its rule was last evaluated on data: older than the last pass while the target does not answer.',
  }),
  clear_since: z.string().optional().openapi({
    description: 'The first pass without its condition, RFC 3339: it ends unless that holds again within some minutes.',
  }),
  value_at: z.string().nullable().openapi({
    description:
      'Of when value and message are: at a past moment, of its last change up to then. Null where they are of some pass before it cleared.',
  }),
  message: z.string(),
  action: z.string(),
  panel: z.string(),
  acknowledged: z.object({ at: z.string(), by: z.string().optional() }).nullable(),
});

const shownSilence = silenceSchema.omit({ createdAt: true }).extend({ created_at: z.string() });
const shownTransition = transitionSchema
  .omit({ comparedWith: true })
  .extend({ compared_with: z.string().optional() })
  .openapi('Transition');

/** Who asks for it, beside whom the token stands for. */
const byName = newEvent.shape.by;

/** An empty set would silence everything, which is meant by leaving it out. */
const silencedLabels = z
  .record(z.string().regex(LABEL_NAME, 'must be the name of a label, such as relation'), z.string())
  .refine((labels) => Object.keys(labels).length > 0, 'must have a label; leave labels out to match all');

const newSilence = z.strictObject({
  cluster: z.string().min(1).max(100).optional(),
  rule: z.string().min(1).max(100).optional(),
  labels: silencedLabels.optional(),
  for: z.string().refine((text) => {
    const ms = durationMs(text) ?? 0;
    return ms >= 60_000 && ms <= LONGEST_SILENCE_MS;
  }, 'must be a duration such as 2h, of 1m to 90d'),
  comment: z.string().max(500).optional(),
  by: byName,
});

export const alertsRoute = getRoute({
  path: '/alerts',
  summary: 'Firing and pending alerts, now or at a moment, most severe first.',
  query: z.object({ cluster: clusterQuery, severity: z.enum(SEVERITIES).optional(), ...timeQuery }),
  answer: z.object({
    taken_at: z
      .string()
      .nullable()
      .openapi({ description: 'The moment, RFC 3339; null where there is no data of it.' }),
    since: sinceSchema,
    items: z.array(openAlert),
  }),
});

export const alertHistoryRoute = getRoute({
  path: '/alerts/history',
  summary: 'History of alerts, newest first.',
  query: z.object({
    cluster: clusterQuery,
    rule: z.string().min(1).optional(),
    severity: z.enum(SEVERITIES).optional(),
    limit: limitOf(50),
    before: z
      .string()
      .refine((text) => cursorOf(text) !== undefined, 'must be a time, or next_before of the previous page')
      .optional()
      .openapi({ description: 'A time, or next_before of the previous page.' }),
    ...timeQuery,
  }),
  answer: z.object({ since: sinceSchema, items: z.array(shownTransition), next_before: z.string().optional() }),
});

export const silencesRoute = getRoute({
  path: '/silences',
  summary: 'Active silences.',
  query: z.object({}),
  answer: z.object({ items: z.array(shownSilence) }),
});

/** Alerts that are open, what happened to alerts, and silences. */
export function addAlertRoutes(app: Api, reading: Reading, rules: readonly PreparedRule[]): void {
  const { stores, clusters, now } = reading;
  const byId = new Map(rules.map((rule) => [rule.id, rule]));

  app.openapi(alertsRoute, async (context) => {
    const { cluster, severity, ...time } = context.req.valid('query');
    const asked = cluster ? [clusterOf(cluster, reading)] : clusters;
    const moment = momentOf(time, now());
    const [taken, open] = await Promise.all([stores.acknowledgements.all(now()), openAlerts(reading, asked, moment)]);
    const acknowledged = (fingerprint: string) => {
      const one = taken.get(fingerprint);
      return !moment || (one && Date.parse(one.at) <= moment.getTime()) ? one : undefined;
    };
    const items = open
      .flatMap((alert) => shownAlert(alert, byId, acknowledged(alert.fingerprint)))
      .filter((one) => !severity || one.severity === severity)
      .map((one) => ({ ...one, message: withoutPlace(context.get('role'), one.message) }))
      .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || (a.since < b.since ? 1 : -1));
    const since = moment && items.length === 0 ? await beginsAfter(reading, asked, moment) : undefined;
    const taken_at = since === undefined ? (moment ?? now()).toISOString() : null;
    return context.json({ taken_at, since, items }, 200);
  });

  const acknowledgeRoute = createRoute({
    method: 'post',
    path: '/alerts/{fingerprint}/acknowledge',
    summary: 'Acknowledge an alert: pgmon stops repeating it and still sends its end.',
    middleware: [needs('operator')] as const,
    request: {
      params: z.object({ fingerprint: z.string().regex(/^[0-9a-f]{32}$/, 'must be the fingerprint of an alert') }),
      body: { content: { 'application/json': { schema: z.strictObject({ by: byName }) } } },
    },
    responses: { 204: { description: 'Acknowledged.' }, ...problems(400, 401, 403, 404, 409, 413) },
  });
  app.openapi(acknowledgeRoute, async (context) => {
    const { fingerprint } = context.req.valid('param');
    const by = actorOf(context, context.req.valid('json')?.by);
    const done = await acknowledge(reading, byId, fingerprint, by);
    if (done.outcome !== 'acknowledged') throw problem(done.outcome === 'over' ? 409 : 404, done.reason);
    return context.body(null, 204);
  });

  app.openapi(alertHistoryRoute, async (context) => {
    const { cluster, rule, severity, limit, before, ...time } = context.req.valid('query');
    if (cluster) clusterOf(cluster, reading);
    const range = windowOf(time, now(), LONGEST_DAYS * 86_400);
    const cursor = before === undefined ? undefined : cursorOf(before);
    // The end of the range is part of it, a cursor is not.
    const last = { at: new Date(range.to.getTime() + 1) };
    const found = await stores.alertHistory.newest(
      limit,
      cursor && cursor.at < last.at ? cursor : last,
      (one) =>
        (!cluster || one.cluster === cluster) &&
        (!rule || one.rule === rule) &&
        (!severity || one.severity === severity),
      { from: range.from, ...(cluster ? { clusters: [cluster] } : {}) },
    );
    const oldest = found.length === limit ? found.at(-1) : undefined;
    const role = context.get('role');
    const readable = role !== 'viewer';
    const items = found.map(({ comparedWith, culprit: offender, headline, remedy, ...one }) => {
      const item = { ...one, message: withoutPlace(role, one.message), compared_with: comparedWith };
      // These name users, addresses and objects, as the offender does.
      return readable ? { ...item, culprit: offender, headline, remedy } : item;
    });
    const asked = cluster ? [cluster] : clusters;
    const since = items.length === 0 && !cursor ? await beginsAfter(reading, asked, range.to) : undefined;
    return context.json({ since, items, next_before: oldest && `${oldest.at}_${oldest.id}` }, 200);
  });

  app.openapi(silencesRoute, async (context) =>
    context.json({ items: (await stores.silences.active(now())).map(shown) }, 200),
  );

  const silence = createRoute({
    method: 'post',
    path: '/silences',
    summary: 'Silence matching alerts for a while.',
    middleware: [needs('operator')] as const,
    request: { body: { required: true, content: { 'application/json': { schema: newSilence } } } },
    responses: {
      201: { description: 'Made.', content: { 'application/json': { schema: shownSilence } } },
      ...problems(400, 401, 403, 413),
    },
  });
  app.openapi(silence, async (context) => {
    const { for: length, cluster, rule, labels, comment, by } = context.req.valid('json');
    const ids = rules.map(({ id }) => id);
    const unknown = unknownSubject({ cluster, rule }, clusters, ids);
    if (unknown) throw problem(400, unknown);
    const made: Silence = {
      id: randomBytes(4).toString('hex'),
      cluster,
      rule,
      labels,
      comment: comment || undefined,
      by: actorOf(context, by),
      until: new Date(now().getTime() + (durationMs(length) ?? 0)).toISOString(),
      createdAt: now().toISOString(),
    };
    await stores.silences.put(made);
    await stores.events.post(cluster ? [cluster] : clusters, silencedEvent(made));
    return context.json(shown(made), 201);
  });

  const unsilence = createRoute({
    method: 'delete',
    path: '/silences/{id}',
    summary: 'End a silence.',
    middleware: [needs('operator')] as const,
    request: { params: z.object({ id: z.string().regex(/^[0-9a-f]{8}$/, 'must be the id of a silence') }) },
    responses: { 204: { description: 'Ended.' }, ...problems(400, 401, 403, 404) },
  });
  app.openapi(unsilence, async (context) => {
    const { id } = context.req.valid('param');
    const known = (await stores.silences.active(now())).find((one) => one.id === id);
    if (!known || !(await stores.silences.delete(id))) throw problem(404, `No silence has the id ${id}.`);
    const ended = unsilencedEvent(known, actorOf(context, undefined), now().toISOString());
    await stores.events.post(known.cluster ? [known.cluster] : clusters, ended);
    return context.body(null, 204);
  });
}

/** A time alone, or with the id of the transition that the page before ended with. */
function cursorOf(text: string): HistoryCursor | undefined {
  const [, time = '', id] = /^([^_]+)(?:_(.+))?$/.exec(text) ?? [];
  const at = z.iso.datetime({ offset: true }).safeParse(time);
  return at.success ? { at: new Date(at.data), id } : undefined;
}

function shown({ createdAt, ...silence }: Silence) {
  return { ...silence, created_at: createdAt };
}

/** An alert in the words of its rule, or of what was said of it. */
function shownAlert(
  { from, evaluatedAt, clearSince, valueAt, value, threshold, ...alert }: OpenAlert,
  rules: ReadonlyMap<string, PreparedRule>,
  acknowledgement: Acknowledgement | undefined,
): z.output<typeof openAlert>[] {
  const rule = rules.get(alert.rule);
  const said = 'said' in from ? from.said : undefined;
  if (!rule && !said) return [];
  const text = 'alert' in from && rule ? { ...rule, message: alertText(rule, from.alert) } : said;
  return [
    {
      ...alert,
      title: text?.title ?? alert.rule,
      labels: { ...alert.labels },
      value: value ?? null,
      threshold: threshold ?? null,
      unit: rule?.unit ?? 'None',
      evaluated_at: evaluatedAt ?? null,
      clear_since: clearSince,
      value_at: valueAt ?? null,
      message: text?.message ?? '',
      action: text?.action ?? '',
      panel: text?.panel ?? 'alerts',
      acknowledged: acknowledgement ? { at: acknowledgement.at, by: acknowledgement.by } : null,
    },
  ];
}
