import * as z from 'zod';
import { defineCollector } from '../collector.ts';
import { type RowOf, state } from '../columns.ts';
import { sqlFiles } from '../sql.ts';
import type { Detail, LimitedVisibility } from '../transform.ts';
import { changesBetween, relationChangeSchema } from './changes.ts';
import { packed, type RelationState, relationStateSchema, unpacked } from './state.ts';

/** Above it what comes and goes is not watched: the list alone would be megabytes. */
const MOST = 50_000;

/** Where the server cannot say cheaply that something was dropped or renamed (before 15), the list is read this often. */
const RELIST_SECONDS = 3_500;

const columns = { catalog_writes: state.number(), newest_oid: state.count() };
type Row = RowOf<typeof columns>;

const listSchema = z.array(
  z.object({
    digest: z.string().nullable(),
    oid: z.string().nullable(),
    relkind: z.string().nullable(),
    is_partition: z.boolean().nullable(),
    parent: z.string().nullable(),
    relation: z.string().nullable(),
  }),
);

/**
 * Tables, views and indexes that came, went or have another name since the pass before; from `pg_class`. Its rows are the
 * changes alone: in most passes there are none, and the list is read only if the catalog was written to. On a primary: a
 * standby has the same relations, and counts no writes.
 */
export const relations = defineCollector({
  name: 'relations',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'primary',
  timeoutMs: 1_000,
  maxRows: 1,
  sql: sqlFiles('relations'),
  columns,
  snapshotRow: relationChangeSchema,
  state: {
    schema: relationStateSchema,
    large: true,
    isSame: (stored, now) => stored.list === now.list && stored.digest === now.digest,
  },
  details: {
    name: 'relation_list',
    sql: sqlFiles('relation_list'),
    wanted: ({ rows: [row], previous, now }) => (row && isDue(row, previous, now) ? [previous?.digest ?? ''] : []),
  },
  transform: ({ rows: [row], previous, details, now }) => {
    const [detail] = details.values();
    if (!row || !detail) return { rows: [], state: previous, limited: previous && unwatched(previous) };
    if (!detail.ok) return { rows: [], state: previous, limited: { reason: `no list of relations: ${detail.reason}` } };
    const { digest, list } = listOf(detail);
    const seen = { catalogWrites: row.catalog_writes, newestOid: row.newest_oid, digest, listedAt: now };
    if (previous && digest === previous.digest) {
      const state = { ...seen, list: previous.list };
      return { rows: [], state, limited: unwatched(state) };
    }
    if (list.length > MOST) return { rows: [], state: seen, limited: unwatched(seen) };
    const rows = previous?.list ? changesBetween(previous.list.map(unpacked), list) : [];
    return { rows, state: { ...seen, list: list.map(packed) } };
  },
});

function unwatched({ list }: RelationState): LimitedVisibility | undefined {
  if (list) return undefined;
  return {
    reason: `more than ${MOST.toLocaleString('en-US')} tables, views and indexes: which of them come and go is not watched`,
  };
}

function isDue({ catalog_writes, newest_oid }: Row, previous: RelationState | undefined, now: number): boolean {
  if (!previous || previous.catalogWrites !== catalog_writes || previous.newestOid !== newest_oid) return true;
  return catalog_writes === null && now - previous.listedAt >= RELIST_SECONDS;
}

function listOf({ rows }: Extract<Detail, { ok: true }>) {
  const [head, ...rest] = listSchema.parse(rows);
  return {
    digest: head?.digest ?? '',
    list: rest.map(({ oid, relkind, is_partition, parent, relation }) => ({
      oid: oid ?? '',
      relkind: relkind ?? '',
      isPartition: is_partition ?? false,
      parent: parent ?? '',
      name: relation ?? '',
    })),
  };
}
