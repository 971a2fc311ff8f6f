import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { PreparedRule } from '../alerts/prepare.ts';
import type { Catalog } from '../collectors/catalog.ts';
import type { Loop } from '../config/loop.ts';
import { prometheusText } from '../metrics/prometheus.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Stores } from '../store/stores.ts';
import { alertRoutes } from './alerts.ts';
import { type Health, healthOf } from './health.ts';
import { overviewPage } from './page.ts';

export interface ApiOptions {
  readonly stores: Stores;
  /** The effective alert rules. */
  readonly rules: readonly PreparedRule[];
  readonly catalog: Catalog;
  /** Names of the targets that are watched now. */
  readonly clusters: readonly string[];
  /** Milliseconds between passes of the loops that run. */
  readonly intervals: ReadonlyMap<Loop, number>;
  readonly startedAt: Date;
  readonly now: () => Date;
}

/** The HTTP API. It reads the table and never a target: a thousand readers cost the database nothing. */
export function createApi(options: ApiOptions): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"], styleSrc: ["'self'", "'unsafe-inline'"] } }),
  );

  const latest = async (): Promise<Snapshot[]> =>
    (await Promise.all(options.clusters.map((cluster) => options.stores.snapshots.all(cluster)))).flat();
  const health = (snapshots: readonly Snapshot[]): Health =>
    healthOf(options.clusters, snapshots, options.intervals, options.startedAt, options.now());

  app.get('/healthz', async (context) => {
    const result = health(await latest());
    return context.json(
      { status: result.ok ? 'ok' : 'not ok', reasons: result.reasons, warnings: result.warnings },
      result.ok ? 200 : 503,
    );
  });

  app.get('/metrics', async (context) => {
    const snapshots = await latest();
    return context.body(prometheusText(options.catalog, snapshots), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });

  app.route('/api/v1', alertRoutes(options));

  app.get('/', async (context) => {
    const snapshots = await latest();
    return context.html(overviewPage(options.clusters, snapshots, health(snapshots), options.now()));
  });

  return app;
}
