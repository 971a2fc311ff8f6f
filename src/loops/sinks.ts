import { activity } from '../collectors/activity/activity.ts';
import { loadOf } from '../collectors/activity/load.ts';
import type { Catalog } from '../collectors/catalog.ts';
import type { Row, TypedCollector } from '../collectors/collector.ts';
import type { Columns } from '../collectors/columns.ts';
import type { Loop } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Sample } from '../metrics/sample.ts';
import type { ActivityStore } from '../store/activity.ts';
import { type HistoryStore, historyPoint } from '../store/history.ts';
import type { PastSnapshot, PastStore } from '../store/past.ts';
import { pointBlock, type SeriesStore } from '../store/series.ts';
import type { SnapshotStore } from '../store/snapshots.ts';
import { lastMinutes, type StatementPeriodStore } from '../store/statement-periods.ts';
import type { TopKind, TopStore } from '../store/top.ts';
import type { Pass } from './pass-output.ts';

/** One thing that is done with what passes saw of a target; one that fails leaves the others untouched. */
export interface Sink {
  readonly what: string;
  write(target: TargetConfig, passes: readonly Pass[], now: Date): Promise<void>;
  /** Another process has continued meanwhile: what this one has in memory is old. */
  forget?(): void;
}

/** The latest snapshot, from which API, page and `/metrics` read. */
export function latestSink(snapshots: SnapshotStore): Sink {
  return {
    what: 'snapshot',
    write: async (_, passes) => {
      const latest = passes.at(-1);
      if (latest) await snapshots.put(latest.snapshot);
    },
  };
}

/** A point of every pass for the charts: gauges, and counters as rates; nothing of one object among many. */
export function historySink(loop: Loop, history: HistoryStore, catalog: Catalog): Sink {
  const charted = (name: string) => {
    const metric = catalog.get(name);
    if (!metric || metric.detail) return 'none';
    return metric.type === 'counter' ? 'rate' : 'gauge';
  };
  return {
    what: 'history',
    write: async ({ cluster }, passes) => {
      const points = passes.map(({ snapshot }) => historyPoint(snapshot, charted));
      await history.append(cluster, loop, points);
    },
  };
}

/** Rows of a collector as they were, for what happened at a moment; passes that saw none leave nothing. */
export function topSink<Out extends Row>(
  kind: TopKind,
  collector: TypedCollector<Columns, Out>,
  top: TopStore,
  isWanted: (row: Out) => boolean,
): Sink {
  return {
    what: `top ${kind}`,
    write: async ({ cluster }, passes) => {
      const tops = passes.map(({ snapshot, rows }) => ({
        at: snapshot.takenAt,
        rows: rows.of(collector).filter(isWanted),
      }));
      const seen = tops.filter(({ rows }) => rows.length > 0);
      if (seen.length > 0) await top.append(cluster, kind, seen);
    },
  };
}

/** What statements did in the last five minutes that are over, from their passes. */
export function statementMinutesSink(periods: StatementPeriodStore, top: TopStore): Sink {
  let done = new Map<string, number>();
  return {
    what: 'minutes of statements',
    write: async ({ cluster }, _, now) => {
      const due = lastMinutes(now);
      if (done.get(cluster) === due) return;
      await periods.sumMinutes(cluster, top, now);
      done.set(cluster, due);
    },
    forget: () => {
      done = new Map();
    },
  };
}

/** Hot passes as they were, those that the target did not answer with the time of the last one that it did. */
export function passSink(past: PastStore, snapshots: SnapshotStore): Sink {
  let answered = new Map<string, string>();
  const lastGoodAt = async (cluster: string) => {
    const latest = await snapshots.get(cluster, 'hot');
    return latest?.up ? latest.takenAt : latest?.lastGood?.takenAt;
  };
  return {
    what: 'past',
    write: async ({ cluster }, passes) => {
      const kept: PastSnapshot[] = [];
      for (const { snapshot } of passes) {
        const { up, takenAt } = snapshot;
        if (up) answered.set(cluster, takenAt);
        const good = up ? undefined : (answered.get(cluster) ?? (await lastGoodAt(cluster)));
        // The points of the charts have the samples.
        const pass = { ...snapshot, samples: [], rates: [], noRates: {} };
        kept.push(good !== undefined && good < takenAt ? { ...pass, lastGoodAt: good } : pass);
      }
      await past.append(cluster, kept);
    },
    forget: () => {
      answered = new Map();
    },
  };
}

/** Who was active in every pass, by wait, statement, application, user and database. A pass that did not see it leaves a gap. */
export function activitySink(store: ActivityStore): Sink {
  return {
    what: 'activity',
    write: async ({ cluster }, passes) => {
      const loads = passes.flatMap(({ snapshot, rows }) => {
        const isRead = snapshot.outcomes.some(
          ({ collector, status }) => collector === activity.name && status === 'ok',
        );
        const load = isRead ? loadOf(snapshot.takenAt, rows.of(activity)) : undefined;
        return load ? [load] : [];
      });
      if (loads.length > 0) await store.append(cluster, loads);
    },
  };
}

/**
 * Lists as they were in every hour, with the samples that the charts have, as the points of slow loops are far apart.
 * Statements have snapshots of their own.
 */
export function listSink(past: PastStore, catalog: Catalog): Sink {
  let kept = new Map<string, string>();
  return {
    what: 'past',
    write: async ({ cluster }, passes) => {
      for (const { snapshot } of passes) {
        const hour = snapshot.takenAt.slice(0, 13);
        if (!snapshot.up || kept.get(cluster) === hour) continue;
        const isCharted = ({ metric }: Sample) => catalog.get(metric)?.detail === undefined;
        const { statements: _, ...rows } = snapshot.rows;
        const samples = snapshot.samples.filter(isCharted);
        await past.putLists({ ...snapshot, samples, rates: snapshot.rates.filter(isCharted), noRates: {}, rows });
        kept.set(cluster, hour);
      }
    },
    forget: () => {
      kept = new Map();
    },
  };
}

/** Hours and days that are over, rolled up from who was active in their passes. */
export function activityRollupSink(store: ActivityStore): Sink {
  return { what: 'roll-ups of activity', write: async ({ cluster }, _, now) => await store.rollUp(cluster, now) };
}

/** Points of the last ten minutes that are over, as charts read them. */
export function blockSink(series: SeriesStore): Sink {
  let done = new Map<string, number>();
  return {
    what: 'blocks of points',
    write: async ({ cluster }, _, now) => {
      const due = pointBlock(now);
      if (done.get(cluster) === due) return;
      await series.blockPoints(cluster, now);
      done.set(cluster, due);
    },
    forget: () => {
      done = new Map();
    },
  };
}

/** Hours that are over, rolled up from their points, and days from their hours. */
export function rollupSink(series: SeriesStore): Sink {
  return { what: 'roll-ups', write: async ({ cluster }, _, now) => await series.rollUp(cluster, now) };
}
