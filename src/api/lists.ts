import { z } from '@hono/zod-openapi';
import { activity } from '../collectors/activity/activity.ts';
import { bloat, bloatMeasured } from '../collectors/bloat.ts';
import type { Collector, Row, TypedCollector } from '../collectors/collector.ts';
import type { Columns } from '../collectors/columns.ts';
import { databaseSizes } from '../collectors/database-sizes.ts';
import { duplicateIndexes } from '../collectors/duplicate-indexes.ts';
import { foreignKeys } from '../collectors/foreign-keys.ts';
import { indexUsage } from '../collectors/index-usage.ts';
import { invalidIndexes } from '../collectors/invalid-indexes.ts';
import { partitions } from '../collectors/partitions/partitions.ts';
import { primaryKeys } from '../collectors/primary-keys.ts';
import { replication } from '../collectors/replication.ts';
import { replicationSlots } from '../collectors/replication-slots.ts';
import { sequences } from '../collectors/sequences.ts';
import { settings } from '../collectors/settings.ts';
import { staleStatistics } from '../collectors/stale-statistics.ts';
import { standby } from '../collectors/standby.ts';
import { subscriptions } from '../collectors/subscriptions.ts';
import { tableSizes } from '../collectors/table-sizes.ts';
import { tables } from '../collectors/tables.ts';
import { unusedIndexes } from '../collectors/unused-indexes.ts';
import { vacuum } from '../collectors/vacuum.ts';
import { vacuumProgress } from '../collectors/vacuum-progress.ts';
import { wraparound } from '../collectors/wraparound.ts';
import { wraparoundTables } from '../collectors/wraparound-tables.ts';
import { xminHorizon } from '../collectors/xmin-horizon.ts';

/** One list of an endpoint: the rows of a collector, or some of them. */
export interface List<R extends Row = Row> {
  readonly collector: Collector;
  /** What its rows look like: the collector's own schema, with the database where it is read in each. */
  readonly item: z.ZodType<R>;
  readonly choose?: (row: Row) => boolean;
}

export interface ListEndpoint {
  readonly summary: string;
  /** By kind; the first is what comes without `kind`. */
  readonly lists: Readonly<Record<string, List>>;
}

const withDatabase = { db: z.string() };

/** What a row of a list has beside its collector's columns: its database, where the collector reads in each. */
type InDatabase = { readonly db?: string };

function listOf<C extends Columns, Out extends Row>(
  collector: TypedCollector<C, Out>,
  choose?: (row: Row) => boolean,
): List<Out & InDatabase> {
  const row: z.ZodType<Row> = collector.snapshotRow;
  const item = collector.scope === 'database' && row instanceof z.ZodObject ? row.extend(withDatabase) : row;
  return { collector, item: item as z.ZodType<Out & InDatabase>, choose };
}

/** Endpoints that are lists of what collectors read, by path: routes, descriptions and the page's types come from here. */
export const listEndpoints = {
  '/connections': {
    summary: 'Sessions counted by database, kind, state and wait, and the sessions that matter.',
    lists: {
      groups: listOf(activity, ({ kind }) => kind === 'group'),
      sessions: listOf(activity, ({ kind }) => kind === 'session'),
    },
  },
  '/autovacuum': {
    summary: 'Tables with the most dead rows and their last vacuum and analyze, running vacuums, stale statistics.',
    lists: {
      tables: listOf(vacuum),
      progress: listOf(vacuumProgress),
      rows: listOf(tables),
      stale: listOf(staleStatistics),
    },
  },
  '/storage': {
    summary: 'Largest tables with their growth, databases, bloat, missing keys, sequences.',
    lists: {
      tables: listOf(tableSizes),
      databases: listOf(databaseSizes),
      bloat: listOf(bloat),
      bloat_measured: listOf(bloatMeasured),
      foreign_keys: listOf(foreignKeys),
      primary_keys: listOf(primaryKeys),
      sequences: listOf(sequences),
    },
  },
  '/indexes': {
    summary: 'Largest indexes with their usage; unused, duplicate and invalid indexes.',
    lists: {
      largest: listOf(indexUsage),
      unused: listOf(unusedIndexes),
      duplicate: listOf(duplicateIndexes),
      invalid: listOf(invalidIndexes),
    },
  },
  '/partitions': {
    summary: 'Partitioned tables: what they cover, gaps, how far they reach ahead, the default partition.',
    lists: { tables: listOf(partitions) },
  },
  '/replication': {
    summary: 'Replicas as seen by the primary, slots, subscriptions, and this server as a standby.',
    lists: {
      replicas: listOf(replication),
      slots: listOf(replicationSlots),
      subscriptions: listOf(subscriptions),
      standby: listOf(standby),
    },
  },
  '/wraparound': {
    summary: 'Transaction ID age of databases and tables, and what holds the xmin horizon back.',
    lists: { databases: listOf(wraparound), tables: listOf(wraparoundTables), holders: listOf(xminHorizon) },
  },
  '/settings': {
    summary: 'Server settings, except those that may hold a secret.',
    lists: { all: listOf(settings), changed: listOf(settings, ({ is_changed }) => is_changed === true) },
  },
} satisfies Readonly<Record<string, ListEndpoint>>;

/** The rows of each list, by path and kind. */
export type ListRows = {
  [P in keyof typeof listEndpoints]: {
    [K in keyof (typeof listEndpoints)[P]['lists']]: (typeof listEndpoints)[P]['lists'][K] extends List<infer R>
      ? R
      : never;
  };
};
