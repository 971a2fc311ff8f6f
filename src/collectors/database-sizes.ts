import * as z from 'zod';
import { labelValue, type Sample } from '../metrics/sample.ts';
import { defineCollector } from './collector.ts';
import { gauge, label, type RowOf, rowsSchema, state } from './columns.ts';
import { few } from './few.ts';
import { sqlFiles } from './sql.ts';
import type { Detail, LimitedVisibility, NoRateSample } from './transform.ts';

const columns = {
  db: label(),
  oid: state.key(),
  /** Rows inserted, updated and deleted; NULL where nothing counts them. */
  written: state.text(),
  /** Somebody is at work whose rows are not counted yet. */
  is_busy: state.truth(),
  size_bytes: gauge('pg_database_size_bytes', 'Bytes', 'Size of the database on disk.', {
    cloudwatch: { by: 'cluster', fold: 'sum' },
  }),
  /** Epoch seconds; older than the pass where nothing was written since, or there was no time to measure it again. */
  measured_at: state.number(),
  /** Epoch seconds of the last try, where it brought no size. */
  tried_at: state.number(),
  all_databases: state.number(),
};
type Row = RowOf<typeof columns>;

const detailSchema = z.object({ size_bytes: z.number().nullable(), measured_at: z.number() });

/** What took too long is tried again after so many seconds: each try costs the server up to the statement timeout. */
const RETRY_SECONDS = 3_300;

/** Of those in which nothing was written so many are measured all the same, a sixth a pass: VACUUM writes no rows. */
const AGAIN = 1 / 6;

/**
 * Size of every database, and how it grew; from `pg_database_size`. A database is measured when rows were written in it or
 * somebody is at work there, and every sixth pass otherwise. What could not be measured keeps its last known size, with the
 * time of its measurement.
 */
export const databaseSizes = defineCollector({
  name: 'database_sizes',
  loop: 'storage',
  scope: 'instance',
  role: 'any',
  timeoutMs: 2_500,
  maxRows: 500,
  sql: sqlFiles('database_sizes'),
  columns,
  metrics: {
    pg_database_growth_bytes: {
      type: 'gauge',
      unit: 'Bytes',
      help: 'Growth of the database since the previous pass; negative if it shrank.',
      labels: ['db'],
    },
  },
  state: { schema: rowsSchema(columns) },
  total: (rows) => rows[0]?.all_databases ?? undefined,
  details: {
    name: 'database_size',
    sql: sqlFiles('database_size'),
    wanted: ({ rows, previous = [], now }) => wanted(rows, previous, now).map(({ oid }) => oid),
  },
  transform: ({ rows: read, previous = [], interval, now, details }) => {
    const known = new Map(previous.map((row) => [row.oid, row]));
    const asked = new Set(wanted(read, previous, now).map(({ oid }) => oid));
    const rows = read
      .map((row) => completed(row, known.get(row.oid), details.get(row.oid), now))
      .sort((a, b) => (b.size_bytes ?? -1) - (a.size_bytes ?? -1));
    const samples = rows.map(({ db, oid, size_bytes, measured_at }): Sample | NoRateSample => {
      const [metric, labels] = ['pg_database_growth_bytes', { db: labelValue(db) }];
      if ('noRate' in interval) return { metric, labels, noRate: interval.noRate };
      const before = known.get(oid);
      if (!before || before.size_bytes === null || size_bytes === null) return { metric, labels, noRate: 'first-run' };
      if (asked.has(oid) && before.measured_at === measured_at) return { metric, labels, noRate: 'gap' };
      return { metric, labels, value: size_bytes - before.size_bytes };
    });
    return { rows, samples, state: rows, limited: unmeasured(rows, asked, details) };
  },
});

/** The databases to measure: first those without a size, then those measured longest ago, then those that took too long. */
function wanted(rows: readonly Row[], previous: readonly Row[], now: number): Row[] {
  const known = new Map(previous.map((row) => [row.oid, row]));
  const age = ({ oid }: Row) => known.get(oid)?.measured_at ?? 0;
  const due = rows
    .filter(({ oid }) => now - (known.get(oid)?.tried_at ?? 0) >= RETRY_SECONDS)
    .sort((a, b) => Number(tried(a)) - Number(tried(b)) || age(a) - age(b));
  function tried({ oid }: Row): boolean {
    return (known.get(oid)?.tried_at ?? null) !== null;
  }
  const isSame = (row: Row) => {
    const before = known.get(row.oid);
    const isKnown = before?.measured_at != null && row.written !== null && before.written === row.written;
    return isKnown && !row.is_busy && !before.is_busy;
  };
  const again = new Set(due.filter(isSame).slice(0, Math.ceil(rows.length * AGAIN)));
  return due.filter((row) => !isSame(row) || again.has(row));
}

/** A row with its size of now, or with what was last known. */
function completed(row: Row, before: Row | undefined, detail: Detail | undefined, now: number): Row {
  if (!detail?.ok) {
    // It stands as it was when it was measured: what came since is still to be measured.
    return {
      ...row,
      written: before?.written ?? null,
      is_busy: row.is_busy || (before?.is_busy ?? true),
      size_bytes: before?.size_bytes ?? null,
      measured_at: before?.measured_at ?? null,
      tried_at: detail ? now : (before?.tried_at ?? null),
    };
  }
  return { ...row, ...detailSchema.parse(detail.rows[0]), tried_at: null };
}

function unmeasured(
  rows: readonly Row[],
  asked: ReadonlySet<string>,
  details: ReadonlyMap<string, Detail>,
): LimitedVisibility | undefined {
  const failed = rows.filter(({ tried_at }) => tried_at !== null);
  const late = rows.filter(({ oid }) => asked.has(oid) && !details.has(oid)).map(({ db }) => db);
  const reasons = [
    ...(failed.length > 0
      ? [
          `${failed.length} of ${rows.length} databases have no current size: ${few(failed.map((row) => why(row, details)))}`,
        ]
      : []),
    ...(late.length > 0 ? [`no time to measure ${late.length} of ${rows.length} databases: ${few(late)}`] : []),
  ];
  if (reasons.length === 0) return undefined;
  return {
    reason: reasons.join('; '),
    hint: 'Each keeps its last known size, with its time in measured_at. Measurements that took too long are retried every hour.',
  };
}

function why({ db, oid, tried_at }: Row, details: ReadonlyMap<string, Detail>): string {
  const detail = details.get(oid);
  if (detail && !detail.ok) return `${db} (${detail.reason})`;
  return `${db} (tried at ${new Date((tried_at ?? 0) * 1_000).toISOString().slice(11, 16)} UTC)`;
}
