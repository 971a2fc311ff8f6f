import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ReaderRole } from '../config/http.ts';
import type { ApiEnv } from './auth.ts';
import { findingsFor } from './finding.ts';
import { type Health, healthOf, type Pass } from './health.ts';
import { problemFor } from './hide-places.ts';
import type { Reading } from './reading.ts';

/** Reading may take this share of the time: health of a thousand targets is read less often than that of one. */
const SHARE = 1 / 10;
const LEAST_MS = 1_000;

/**
 * `/livez`: the process answers. `/healthz`: the loops run on schedule and the targets answer; the reasons are only for
 * those who may read, and so is the reading of all that was seen: the verdict needs a line of each target.
 *
 * @param startedAt when this process began to watch; undefined where others do
 * @param storeProblem why nothing can be kept now
 */
export function addHealthRoutes(
  app: OpenAPIHono<ApiEnv>,
  reading: Reading,
  startedAt: Date | undefined,
  storeProblem: () => string | undefined = () => undefined,
): void {
  const { stores, clusters, intervals, now } = reading;
  const evaluated = (passes: readonly Pass[]) => healthOf(clusters, passes, intervals, startedAt, now());
  const verdict = seldom(async () => evaluated(await stores.snapshots.verdicts()));
  const reasons = seldom(async () => {
    const snapshots = await Promise.all(clusters.map((cluster) => stores.snapshots.all(cluster)));
    // Of no single target: what is unreadable among them is said by whoever reads them, and here that is this process.
    await Promise.all([stores.silences.active(now()), stores.acknowledgements.all(now())]);
    const unreadable = stores.unreadable.warnings();
    const of = (role: ReaderRole): Health => {
      const health = evaluated(
        snapshots.flat().map(({ problem, ...one }) => ({
          ...one,
          findings: findingsFor(role, one.findings),
          problem: problem && { message: problemFor(role, problem) ?? '' },
        })),
      );
      const said = health.warnings.join('\n');
      return { ...health, warnings: [...health.warnings, ...unreadable.filter((one) => !said.includes(one))] };
    };
    return { viewer: of('viewer'), operator: of('operator') };
  });
  app.get('/livez', (context) => context.json({ status: 'ok' }, 200));
  app.get('/healthz', async (context) => {
    const role = context.get('role');
    const seen = role ? (await reasons())[role === 'viewer' ? 'viewer' : 'operator'] : await verdict();
    // What is seen is not kept: that loops look late in the table says nothing then.
    const problem = storeProblem();
    const health: Health = problem === undefined ? seen : { ...seen, ok: false, reasons: [problem] };
    const status = health.ok ? 'ok' : 'not ok';
    const body = role ? { status, reasons: health.reasons, warnings: health.warnings } : { status };
    return context.json(body, health.ok ? 200 : 503);
  });
}

/** Anybody may ask for health, as often as it likes: it is read once for all who ask at a time, and kept for a while. */
function seldom<T>(read: () => Promise<T>): () => Promise<T> {
  let known: { readonly health: Promise<T>; until: number } | undefined;
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
