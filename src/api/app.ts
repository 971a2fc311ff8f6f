import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { csrf } from 'hono/csrf';
import { etag } from 'hono/etag';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { PreparedRule } from '../alerts/prepare.ts';
import type { Catalog } from '../collectors/catalog.ts';
import type { Collector } from '../collectors/collector.ts';
import { exposed } from '../metrics/exposed.ts';
import { prometheusText } from '../metrics/prometheus.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { addActivityRoutes } from './activity-routes.ts';
import { addAgentRoutes } from './agent-routes.ts';
import { addAlertRoutes } from './alert-routes.ts';
import { type ApiEnv, needs } from './auth.ts';
import { addChangedRoutes } from './changed-routes.ts';
import { addEventRoutes } from './event-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addHistoryRoutes } from './history-routes.ts';
import { addIncidentRoutes } from './incident-routes.ts';
import { knownParameters } from './known-parameters.ts';
import { addListRoutes } from './list-routes.ts';
import { addLockRoutes } from './lock-routes.ts';
import { microCache } from './micro-cache.ts';
import { addOverviewRoutes } from './overview-routes.ts';
import type { Page } from './page.ts';
import { type ApiLog, faultsOf, problem, problemHandler, problemResponse } from './problem.ts';
import { addQueryRoutes } from './query-routes.ts';
import type { Reading } from './reading.ts';
import { addRuleRoutes } from './rule-routes.ts';
import { addRunbookRoutes } from './runbook-routes.ts';
import { addSlackRoutes } from './slack-routes.ts';
import { addStatementRoutes } from './statement-routes.ts';
import { addTargetRoutes } from './target-routes.ts';

/** Nothing that is posted here is longer. */
const BODY_BYTES = 16 * 1_024;

export interface ApiOptions extends Reading {
  /** Finds out who asks, and sets the role. */
  readonly identify: MiddlewareHandler<ApiEnv>;
  /** Other origins whose pages may read. */
  readonly corsOrigins: readonly string[];
  readonly catalog: Catalog;
  readonly collectors: readonly Collector[];
  /** The effective alert rules. */
  readonly rules: readonly PreparedRule[];
  /** Gets the cause of every answer that is a failure of pgmon. */
  readonly log: ApiLog;
  /** When this process began to watch; undefined where others do. */
  readonly startedAt?: Date;
  /** Why nothing can be kept now, where this process keeps it; `/healthz` is not ok then. */
  readonly storeProblem?: () => string | undefined;
  /** Signing secrets of the Slack apps whose buttons may acknowledge; without any, there is no endpoint for them. */
  readonly slackSecrets?: readonly (() => Promise<string>)[];
  /** The web page's files. */
  readonly page: Page;
}

/**
 * The HTTP API, `/metrics` and the page. Everything is read from the table and nothing from a target: a thousand readers
 * cost the database nothing.
 */
export function createApi(options: ApiOptions): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(problemHandler(options.log));
  app.notFound((context) => problemResponse(problem(404, `${context.req.path} does not exist.`), context));
  app.use(requestId());
  app.use(headers());
  app.use(compress());
  if (options.corsOrigins.length > 0)
    app.use(cors({ origin: [...options.corsOrigins], allowHeaders: ['authorization', 'content-type'] }));
  // Before what asks for tokens and small bodies: what Slack sends has a signature in their place.
  const { slackSecrets = [] } = options;
  if (slackSecrets.length > 0) addSlackRoutes(app, { ...options, slackSecrets });
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES,
      onError: () => {
        throw problem(413, `The body may have at most ${BODY_BYTES} bytes.`);
      },
    }),
  );
  // A form of another page may POST here without leave; all other ways of changing something need it.
  app.on('POST', '*', csrf());
  app.use(options.identify);
  app.use(knownParameters(app));

  addHealthRoutes(app, options, options.startedAt, options.storeProblem);
  const cache = microCache(250);
  app.get('/metrics', needs('viewer'), cache, async (context) =>
    context.body(
      prometheusText(options.catalog, exposed(await latest(options), options.intervals, options.now())),
      200,
      {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      },
    ),
  );

  const api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw problem(400, faultsOf(result.error));
    },
  });
  api.use(etag());
  api.use(async (context, next) => {
    await next();
    context.header('cache-control', 'private, no-cache');
  });
  api.use(cache);
  addTargetRoutes(api, options);
  addOverviewRoutes(api, options);
  addListRoutes(api, options);
  addLockRoutes(api, options);
  addActivityRoutes(api, options);
  addQueryRoutes(api, options);
  addStatementRoutes(api, options);
  addHistoryRoutes(api, options, options.catalog);
  addAlertRoutes(api, options, options.rules);
  addIncidentRoutes(api, options, options.rules);
  addEventRoutes(api, options);
  addChangedRoutes(api, options);
  addRuleRoutes(api, options.rules);
  addAgentRoutes(api, options, options.collectors);
  app.route('/api/v1', api);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'pgmon',
      version: '1',
      description: 'PostgreSQL health monitoring. Every answer comes from collected data, never from the target.',
    },
    security: [{ bearer: [] }],
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });

  addRunbookRoutes(app);
  app.get('/*', (context) => {
    const file = options.page.file(context.req.path);
    if (!file) throw problem(404, `${context.req.path} does not exist.`);
    return context.body(file.bytes, 200, { 'content-type': file.type, 'cache-control': file.cacheControl });
  });
  return app;
}

/** Nothing but what comes from here may run, be shown or be asked; nobody may put the page into a frame. */
function headers() {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
  });
}

async function latest({ stores, clusters }: ApiOptions): Promise<Snapshot[]> {
  return (await Promise.all(clusters.map((cluster) => stores.snapshots.all(cluster)))).flat();
}
