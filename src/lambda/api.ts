import type { Context, MiddlewareHandler } from 'hono';
import type { LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod';
import { effectiveRules } from '../alerts/effective.ts';
import { createApi } from '../api/app.ts';
import type { ApiEnv } from '../api/auth.ts';
import type { Page } from '../api/page.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { ROLES } from '../config/http.ts';
import { intervalsOf } from '../config/intervals.ts';
import type { Config } from '../config/schema.ts';
import { DynamoTable } from '../store/dynamo-table.ts';
import { storesIn } from '../store/stores.ts';
import { lambdaLog } from './log.ts';

/**
 * The API over the deployment's table.
 *
 * @param clusters names of all targets
 * @param slackSecrets signing secrets of Slack apps
 */
export function lambdaApi(
  config: Config,
  clusters: readonly string[],
  table: string,
  identify: MiddlewareHandler<ApiEnv>,
  page: Page,
  slackSecrets: readonly (() => Promise<string>)[] = [],
) {
  const collectors = collectorsOf(config);
  const catalog = catalogOf(collectors);
  return createApi({
    identify,
    corsOrigins: config.http.cors_origins,
    stores: storesIn(new DynamoTable(table, { maxAttempts: 3 }), lambdaLog),
    catalog,
    collectors,
    rules: effectiveRules(config.alerts, catalog).rules,
    clusters,
    intervals: intervalsOf(config),
    log: lambdaLog,
    now: () => new Date(),
    page,
    slackSecrets,
  });
}

/** The role that the authorizer found, and whose it is; the gateway lets nobody else set them. */
export const roleOfAuthorizer: MiddlewareHandler<ApiEnv> = async (context, next) => {
  const { role, who } = foundBy(context);
  context.set(
    'role',
    ROLES.find((one) => one === role),
  );
  context.set('who', who);
  await next();
};

/** For callers inside, whom IAM has let in. */
export const asOperator: MiddlewareHandler<ApiEnv> = async (context, next) => {
  context.set('role', 'operator');
  await next();
};

const authorized = z.object({ role: z.string(), who: z.string().optional() }).partial().catch({});

function foundBy(context: Context): z.output<typeof authorized> {
  const { event } = context.env as { event?: LambdaEvent };
  if (!event || !('requestContext' in event) || !('authorizer' in event.requestContext)) return {};
  const { authorizer } = event.requestContext;
  return authorized.parse(authorizer && 'lambda' in authorizer ? authorizer.lambda : {});
}
