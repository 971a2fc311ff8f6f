import { z } from '@hono/zod-openapi';
import type { Collector } from '../collectors/collector.ts';
import { LOOP_BUDGET_MS, LOOPS } from '../config/loop.ts';
import { findingSchema, outcomeSchema } from '../metrics/snapshot.ts';
import { findingsFor } from './finding.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';

const loopSchema = metaSchema.omit({ notes: true, cluster: true }).extend({
  loop: z.enum(LOOPS),
  interval_seconds: z.number(),
  budget_ms: z.number(),
  duration_ms: z.number().nullable(),
  statement_ms: z.number().openapi({ description: 'Server time for the statements of the last pass.' }),
  outcomes: z.array(outcomeSchema),
  findings: z.array(findingSchema),
});

const sqlItem = z.object({
  collector: z.string(),
  loop: z.enum(LOOPS),
  scope: z.enum(['instance', 'database']),
  from_version: z.string(),
  file: z.string(),
  sql: z.string(),
});

export const agentRoute = getRoute({
  path: '/agent',
  summary: 'Outcome of every collector, findings about the role, and what pgmon itself costs the server.',
  query: z.object({ cluster: clusterQuery, ...timeQuery }),
  answer: z.object({ cluster: z.string(), loops: z.array(loopSchema) }),
});

export const sqlRoute = getRoute({
  path: '/sql',
  summary: 'Every statement, by collector and the lowest version that it supports.',
  query: z.object({ collector: z.string().min(1).optional() }),
  answer: z.object({ items: z.array(sqlItem) }),
});

/** What pgmon does, and every statement that it sends. */
export function addAgentRoutes(app: Api, reading: Reading, collectors: readonly Collector[]): void {
  app.openapi(agentRoute, async (context) => {
    const asked = context.req.valid('query');
    const cluster = clusterOf(asked.cluster, reading);
    const moment = momentOf(asked, reading.now());
    const loops = await Promise.all(
      [...reading.intervals].map(async ([loop, intervalMs]) => {
        const seen = await snapshotAt(reading, cluster, loop, moment);
        const { snapshot } = seen;
        const { notes: _, cluster: __, ...meta } = metaOf(cluster, loop, seen, [], reading, context.get('role'));
        return {
          ...meta,
          loop,
          interval_seconds: intervalMs / 1_000,
          budget_ms: LOOP_BUDGET_MS[loop],
          duration_ms: snapshot?.durationMs ?? null,
          statement_ms: (snapshot?.outcomes ?? []).reduce((sum, { ms }) => sum + (ms ?? 0), 0),
          outcomes: snapshot?.outcomes ?? [],
          findings: findingsFor(context.get('role'), snapshot?.findings ?? []),
        };
      }),
    );
    return context.json({ cluster, loops }, 200);
  });

  app.openapi(sqlRoute, (context) => {
    const { collector: asked } = context.req.valid('query');
    const items = collectors
      .filter(({ name }) => !asked || name === asked)
      .flatMap(({ name, loop, scope, sql: files, needs }) =>
        files.map(({ version, file, text }) => ({
          collector: name,
          loop,
          scope,
          from_version: needs?.extension ? `${needs.extension.name} ${version}` : version,
          file,
          sql: text,
        })),
      );
    return context.json({ items }, 200);
  });
}
