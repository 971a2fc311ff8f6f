import { z } from '@hono/zod-openapi';
import type { ReaderRole } from '../config/http.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Verdict } from '../store/snapshots.ts';
import { countsOf, openAlerts } from './open-alerts.ts';
import { dataOf, metaOf, metaSchema, type Reading, type Seen, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';

const countsSchema = z.object({ critical: z.number(), warning: z.number(), info: z.number() });

const targetSchema = metaSchema.omit({ notes: true }).extend({
  up: z.boolean(),
  version: z.string().nullable(),
  role: z.enum(['primary', 'standby']).nullable(),
  databases: z.array(z.string()),
  open_alerts: countsSchema,
});
type Target = z.output<typeof targetSchema>;

export const targetsRoute = getRoute({
  path: '/targets',
  summary: 'All monitored targets.',
  query: z.object(timeQuery),
  answer: z.object({ targets: z.array(targetSchema) }),
});

/** All targets: now from the one list of them, whose page or two every view reads; of the past each from what is kept of it. */
export function addTargetRoutes(app: Api, reading: Reading): void {
  app.openapi(targetsRoute, async (context) => {
    const moment = momentOf(context.req.valid('query'), reading.now());
    const role = context.get('role');
    const targets = moment ? await targetsAt(reading, moment, role) : await targetsNow(reading, role);
    return context.json({ targets }, 200);
  });
}

async function targetsNow(reading: Reading, role: ReaderRole | undefined): Promise<Target[]> {
  const verdicts = Map.groupBy(await reading.stores.snapshots.verdicts(), ({ cluster }) => cluster);
  return reading.clusters.map((cluster) => {
    const own = verdicts.get(cluster) ?? [];
    const hot = own.find(({ loop }) => loop === 'hot');
    const workload = own.find(({ loop }) => loop === 'workload');
    const count = (severity: string) => own.reduce((sum, { summary }) => sum + (summary?.firing[severity] ?? 0), 0);
    const seen = seenOf(hot);
    return {
      ...shown(cluster, seen, workload?.summary?.databases ?? [], reading, role),
      version: hot?.summary?.version ?? null,
      role: hot?.summary?.role ?? null,
      open_alerts: { critical: count('critical'), warning: count('warning'), info: count('info') },
    };
  });
}

async function targetsAt(reading: Reading, moment: Date, reader: ReaderRole | undefined): Promise<Target[]> {
  const open = await openAlerts(reading, reading.clusters, moment);
  return await Promise.all(
    reading.clusters.map(async (cluster) => {
      const [hot, workload] = await Promise.all([
        snapshotAt(reading, cluster, 'hot', moment),
        snapshotAt(reading, cluster, 'workload', moment),
      ]);
      const databases = (dataOf(workload)?.rows['databases'] ?? []).map((row) => String(row['db']));
      const { version = null, role = null } = dataOf(hot)?.server ?? {};
      const open_alerts = countsOf(open.filter((alert) => alert.cluster === cluster));
      return { ...shown(cluster, hot, databases, reading, reader), version, role, open_alerts };
    }),
  );
}

function shown(
  cluster: string,
  seen: Seen,
  databases: readonly string[],
  reading: Reading,
  role: ReaderRole | undefined,
) {
  const { notes: _, ...meta } = metaOf(cluster, 'hot', seen, [], reading, role);
  return {
    ...meta,
    up: seen.snapshot?.up ?? false,
    databases: databases.filter((name) => !/^template[01]$/.test(name)).sort(),
  };
}

/** What the list of targets says of a pass, as if it were its snapshot. */
function seenOf(hot: Verdict | undefined): Seen {
  if (!hot) return { snapshot: undefined, moment: undefined };
  const { takenAt, summary, problem, cluster, loop } = hot;
  const nothing = { durationMs: 0, outcomes: [], findings: [], samples: [], rates: [], noRates: {}, rows: {} };
  const up = summary?.goodAt === takenAt;
  const pass: Snapshot = { ...nothing, cluster, loop, takenAt, up };
  if (up) return { snapshot: pass, moment: undefined };
  const good = summary?.goodAt === undefined ? {} : { lastGood: { ...pass, up: true, takenAt: summary.goodAt } };
  const why = problem ? { problem: { kind: '', hint: '', ...problem } } : {};
  return { snapshot: { ...pass, ...why, ...good }, moment: undefined };
}
