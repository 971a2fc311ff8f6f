import type { Sample } from '../metrics/sample.ts';
import { labelValue } from '../metrics/sample.ts';
import { defineCollector } from './collector.ts';
import { type RowOf, rowsSchema, state } from './columns.ts';
import { few } from './few.ts';
import { withLastKnown } from './last-known.ts';
import { sqlFiles } from './sql.ts';
import type { LimitedVisibility } from './transform.ts';

const columns = { relation: state.key(), size_bytes: state.number(), bloat_bytes: state.number() };

const metrics = {
  pg_table_bloat_bytes: {
    type: 'gauge',
    unit: 'Bytes',
    help: 'Bloat of the table: space that its rows do not need; method says whether it was estimated or measured.',
    labels: ['relation', 'method'],
    detail: true,
  },
  pg_bloat_bytes: {
    type: 'gauge',
    unit: 'Bytes',
    help: 'Bloat of all tables in the top list whose bloat is known, by method.',
    labels: ['method'],
  },
} as const;

function samples(
  rows: readonly { relation: string; bloat_bytes: number | null }[],
  method: 'estimated' | 'measured',
): Sample[] {
  const known = rows.flatMap(({ relation, bloat_bytes }) => (bloat_bytes === null ? [] : [{ relation, bloat_bytes }]));
  if (known.length === 0) return [];
  return [
    ...known.map(({ relation, bloat_bytes }) => ({
      metric: 'pg_table_bloat_bytes',
      labels: { relation: labelValue(relation), method },
      value: bloat_bytes,
    })),
    { metric: 'pg_bloat_bytes', labels: { method }, value: known.reduce((sum, row) => sum + row.bloat_bytes, 0) },
  ];
}

/** Bloat of the largest tables estimated from the planner's statistics (`pg_stats`), where the role may read them. */
export const bloat = defineCollector({
  name: 'bloat',
  loop: 'hourly',
  scope: 'database',
  role: 'any',
  restsWhileUnused: true,
  timeoutMs: 3_000,
  maxRows: 500,
  sql: sqlFiles('bloat'),
  values: ({ topRelations }) => [topRelations],
  columns,
  metrics,
  transform: ({ rows }) => ({ rows, samples: samples(rows, 'estimated'), limited: withoutStatistics(rows) }),
});

const measuredColumns = {
  ...columns,
  /** Epoch seconds; NULL before the first time. */
  measured_at: state.number(),
  is_too_large: state.truth(),
};

/**
 * Bloat of the largest tables as `pgstattuple_approx` finds it, where the extension pgstattuple is installed: it needs no
 * SELECT on them. Tables take turns; between two of its own a table keeps what was measured, with the time of it.
 */
export const bloatMeasured = defineCollector({
  name: 'bloat_measured',
  loop: 'hourly',
  scope: 'database',
  role: 'any',
  restsWhileUnused: true,
  needs: { extension: { name: 'pgstattuple', version: '1.4', optional: true } },
  timeoutMs: 3_000,
  maxRows: 500,
  sql: sqlFiles('bloat_measured'),
  sqlBy: 'extension',
  values: ({ topRelations }) => [topRelations],
  columns: measuredColumns,
  metrics,
  state: { schema: rowsSchema(measuredColumns) },
  transform: ({ rows: read, previous = [] }) => {
    const rows = withLastKnown(read, previous, ({ relation }) => relation, ['bloat_bytes']).sort(
      (a, b) => (b.bloat_bytes ?? -1) - (a.bloat_bytes ?? -1),
    );
    return { rows, samples: samples(rows, 'measured'), state: rows, limited: tooLarge(read) };
  },
});

function withoutStatistics(rows: readonly RowOf<typeof columns>[]): LimitedVisibility | undefined {
  const hidden = rows.filter(({ bloat_bytes }) => bloat_bytes === null).length;
  if (hidden === 0) return undefined;
  return {
    reason: `no estimate for ${hidden} of ${rows.length} tables: their column statistics are unreadable, or they were never analyzed`,
    hint: 'GRANT SELECT on these tables, or from 14 GRANT pg_read_all_data, to the role; or, without any grant, CREATE EXTENSION pgstattuple;',
  };
}

function tooLarge(rows: readonly RowOf<typeof measuredColumns>[]): LimitedVisibility | undefined {
  const large = rows.filter(({ is_too_large }) => is_too_large).map(({ relation }) => relation);
  if (large.length === 0) return undefined;
  return {
    reason: `${large.length} of ${rows.length} tables would need more than 256 MB of reads and were not measured: ${few(large)}`,
    hint: 'VACUUM them: pages marked all-visible need no read. Or GRANT SELECT on these tables, for an estimate.',
  };
}
