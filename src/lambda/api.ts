import type { Context, MiddlewareHandler } from 'hono';
import type { LambdaEvent } from 'hono/aws-lambda';
import { effectiveRules } from '../alerts/effective.ts';
import { createApi } from '../api/app.ts';
import type { ApiEnv } from '../api/auth.ts';
import type { Page } from '../api/page.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { type ReaderRole, ROLES } from '../config/http.ts';
import { intervalsOf } from '../config/intervals.ts';
import type { Config } from '../config/schema.ts';
import { DynamoTable } from '../store/dynamo-table.ts';
import { storesIn } from '../store/stores.ts';
import { lambdaLog } from './log.ts';

/**
 * The API over the deployment's table.
 *
 * @param clusters names of all targets
 */
export function lambdaApi(
  config: Config,
  clusters: readonly string[],
  table: string,
  identify: MiddlewareHandler<ApiEnv>,
  page: Page,
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
  });
}

/** The role that the authorizer found; the gateway lets nobody else set it. */
export const roleOfAuthorizer: MiddlewareHandler<ApiEnv> = async (context, next) => {
  context.set('role', roleIn(context));
  await next();
};

/** For callers inside, whom IAM has let in. */
export const asOperator: MiddlewareHandler<ApiEnv> = async (context, next) => {
  context.set('role', 'operator');
  await next();
};

function roleIn(context: Context): ReaderRole | undefined {
  const { event } = context.env as { event?: LambdaEvent };
  if (!event || !('requestContext' in event) || !('authorizer' in event.requestContext)) return undefined;
  const { authorizer } = event.requestContext;
  const found = authorizer && 'lambda' in authorizer ? authorizer.lambda : undefined;
  const role = typeof found === 'object' && found !== null && 'role' in found ? found.role : undefined;
  return ROLES.find((one) => one === role);
}
