import { z } from '@hono/zod-openapi';
import type { PreparedRule } from '../alerts/prepare.ts';
import type { Expression } from '../promql/expression.ts';
import { type Api, getRoute } from './routes.ts';

const rule = z.object({
  rule: z.string(),
  title: z.string(),
  expression: z.string(),
  comparison: z.string(),
  thresholds: z
    .partialRecord(z.enum(['info', 'warning', 'critical']), z.number())
    .openapi({ description: 'From which value on it is how severe.' }),
  unit: z.string(),
  for_seconds: z.number().openapi({ description: 'How long it has to hold before it fires.' }),
  metrics: z.array(z.string()).openapi({ description: 'What its expression reads.' }),
  metric: z.string().nullable().openapi({
    description: 'The metric whose own values are compared with the thresholds; null if they are computed.',
  }),
  about_target: z.boolean(),
  panel: z.string(),
});

export const rulesRoute = getRoute({
  path: '/alerts/rules',
  summary: 'The rules that are evaluated, with their thresholds.',
  query: z.object({}),
  answer: z.object({ items: z.array(rule) }),
});

/** The rules as they are in force, for whoever draws their thresholds. */
export function addRuleRoutes(app: Api, rules: readonly PreparedRule[]): void {
  const items = rules.map((one) => ({
    rule: one.id,
    title: one.title,
    expression: one.expression,
    comparison: one.comparison,
    thresholds: { ...one.thresholds },
    unit: one.unit,
    for_seconds: one.forSeconds,
    metrics: [...one.metrics],
    metric: comparedMetric(one.parsed) ?? null,
    about_target: one.aboutTarget ?? false,
    panel: one.panel,
  }));
  app.openapi(rulesRoute, (context) => context.json({ items }, 200));
}

/** The metric whose values an expression gives unchanged: all of its series, or the largest or smallest of them. */
function comparedMetric(expression: Expression): string | undefined {
  if (expression.kind === 'aggregate' && ['max', 'min'].includes(expression.name)) return comparedMetric(expression.of);
  if (expression.kind !== 'selector' || expression.range !== undefined || expression.matchers.length > 0)
    return undefined;
  return expression.metric;
}
