import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { messageText } from '../alerts/format.ts';
import { severityOf } from '../alerts/levels.ts';
import type { PreparedRule } from '../alerts/prepare.ts';
import type { Silence } from '../alerts/suppression.ts';
import { LOOPS } from '../config/loop.ts';
import { durationMs } from '../config/scalars.ts';
import { snakeCase } from '../notify/webhooks.ts';
import type { Stores } from '../store/stores.ts';

interface AlertApi {
  readonly stores: Pick<Stores, 'alerts' | 'alertHistory' | 'silences'>;
  readonly rules: readonly PreparedRule[];
  readonly clusters: readonly string[];
  readonly now: () => Date;
}

const newSilence = z.strictObject({
  cluster: z.string().min(1).optional(),
  rule: z.string().min(1).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  for: z
    .string()
    .refine((text) => durationMs(text) !== undefined, 'must be a length of time such as 2h')
    .transform((text) => durationMs(text) ?? 0),
  comment: z.string().max(500).optional(),
  by: z.string().max(100).optional(),
});

const historyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.iso.datetime({ offset: true }).optional(),
  cluster: z.string().optional(),
  rule: z.string().optional(),
});

/** Alerts that are open, what happened to alerts, and silences. */
export function alertRoutes({ stores, rules, clusters, now }: AlertApi): Hono {
  const app = new Hono();

  app.get('/alerts', async (context) => {
    const only = context.req.query('cluster');
    const open = await Promise.all(
      clusters.filter((cluster) => !only || cluster === only).map((cluster) => openAlerts(stores, rules, cluster)),
    );
    return context.json({ taken_at: now().toISOString(), alerts: open.flat() });
  });

  app.get('/alerts/history', async (context) => {
    const { limit, before, cluster, rule } = parsed(historyQuery, context.req.query());
    const from = before ? new Date(Date.parse(before) - 1) : now();
    const found = await stores.alertHistory.newest(
      limit,
      from,
      (one) => (!cluster || one.cluster === cluster) && (!rule || one.rule === rule),
    );
    const last = found.length === limit ? found.at(-1) : undefined;
    return context.json({ transitions: found.map(snakeCase), ...(last ? { next_before: last.at } : {}) });
  });

  app.get('/silences', async (context) => context.json({ silences: (await stores.silences.active(now())).map(shown) }));

  app.post('/silences', async (context) => {
    const { for: ms, ...asked } = parsed(newSilence, await context.req.json().catch(() => ({})));
    const silence: Silence = {
      ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)),
      id: randomBytes(4).toString('hex'),
      until: new Date(now().getTime() + ms).toISOString(),
      createdAt: now().toISOString(),
    };
    await stores.silences.put(silence);
    return context.json(shown(silence), 201);
  });

  app.delete('/silences/:id', async (context) => {
    if (await stores.silences.delete(context.req.param('id'))) return context.body(null, 204);
    throw new HTTPException(404, { message: `no silence has the id ${context.req.param('id')}` });
  });

  return app;
}

function parsed<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new HTTPException(400, { message: faults.join('; ') });
}

function shown({ createdAt, ...silence }: Silence): object {
  return { ...silence, created_at: createdAt };
}

async function openAlerts(
  stores: AlertApi['stores'],
  rules: readonly PreparedRule[],
  cluster: string,
): Promise<object[]> {
  const items = await Promise.all(LOOPS.map((loop) => stores.alerts.get(cluster, loop)));
  return items
    .flatMap(({ alerts }) => Object.entries(alerts))
    .flatMap(([fingerprint, alert]) => {
      const rule = rules.find(({ id }) => id === alert.rule);
      if (!rule) return [];
      const severity = severityOf(alert.levels);
      return [
        {
          fingerprint,
          cluster,
          rule: rule.id,
          title: rule.title,
          state: severity ? 'firing' : 'pending',
          severity: severity ?? alert.levels.at(-1)?.severity,
          labels: alert.labels,
          value: alert.value,
          threshold: alert.threshold,
          unit: rule.unit,
          since: new Date((alert.firedAt ?? alert.levels[0]?.from ?? alert.seen) * 1_000).toISOString(),
          told: alert.told !== undefined,
          message: messageText(rule, alert.labels, alert),
          action: rule.action,
          panel: rule.panel,
        },
      ];
    });
}
