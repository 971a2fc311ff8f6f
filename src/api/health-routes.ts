import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from './auth.ts';
import { type Health, healthOf } from './health.ts';
import type { Reading } from './reading.ts';

/** Reading may take this share of the time: health of a thousand targets is read less often than that of one. */
const SHARE = 1 / 10;
const LEAST_MS = 1_000;

/**
 * `/livez`: the process answers. `/healthz`: the loops run on schedule and the targets answer; the reasons are only for
 * those who may read.
 *
 * @param startedAt when this process began to watch; undefined where others do
 */
export function addHealthRoutes(app: OpenAPIHono<ApiEnv>, reading: Reading, startedAt: Date | undefined): void {
  const health = seldom(async () => {
    const { stores, clusters, intervals, now } = reading;
    const snapshots = await Promise.all(clusters.map((cluster) => stores.snapshots.all(cluster)));
    return healthOf(clusters, snapshots.flat(), intervals, startedAt, now());
  });
  app.get('/livez', (context) => context.json({ status: 'ok' }, 200));
  app.get('/healthz', async (context) => {
    const { ok, reasons, warnings } = await health();
    const status = ok ? 'ok' : 'not ok';
    return context.json(context.get('role') ? { status, reasons, warnings } : { status }, ok ? 200 : 503);
  });
}

/** Anybody may ask for health, as often as it likes: it is read once for all who ask at a time, and kept for a while. */
function seldom(read: () => Promise<Health>): () => Promise<Health> {
  let known: { readonly health: Promise<Health>; until: number } | undefined;
  return () => {
    if (known && performance.now() < known.until) return known.health;
    const from = performance.now();
    const health = read();
    const current = { health, until: Number.POSITIVE_INFINITY };
    known = current;
    const ended = (keep: boolean) => {
      const now = performance.now();
      current.until = keep ? now + Math.max(LEAST_MS, (now - from) / SHARE) : 0;
    };
    health.then(
      () => ended(true),
      () => ended(false),
    );
    return health;
  };
}
