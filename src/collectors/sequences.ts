import { defineCollector } from './collector.ts';
import { gauge, label, type RowOf, state } from './columns.ts';
import { sqlFiles } from './sql.ts';
import type { LimitedVisibility } from './transform.ts';

const columns = {
  sequence: label({ detail: true }),
  column_name: state.text(),
  used_ratio: gauge(
    'pg_sequence_used_ratio',
    'None',
    'Used share of the values, 0 to 1; absent if the role may not read the sequence.',
  ),
  values_left: state.number(),
  all_sequences: state.number(),
  near_end: state.number(),
  unreadable: state.number(),
  /** Schemas of the sequences that the role may not read, quoted, with commas between. */
  unreadable_schemas: state.text(),
  /** The role that pgmon logs in as, quoted. */
  role_name: state.text(),
};

/** Sequences against the end of their type, or of the smallest column that they feed; from `pg_sequence`. */
export const sequences = defineCollector({
  name: 'sequences',
  loop: 'hourly',
  scope: 'database',
  role: 'any',
  restsWhileUnused: true,
  timeoutMs: 2_500,
  maxRows: 500,
  sql: sqlFiles('sequences'),
  values: ({ topRelations }) => [topRelations],
  columns,
  metrics: {
    pg_sequences_near_end: {
      type: 'gauge',
      unit: 'Count',
      help: 'Sequences that have used over 80 % of their values, those outside the list included.',
      labels: [],
    },
    pg_sequences_unreadable: {
      type: 'gauge',
      unit: 'Count',
      help: 'Sequences that the role may not read.',
      labels: [],
    },
  },
  total: (rows) => rows[0]?.all_sequences ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [
      { metric: 'pg_sequences_near_end', labels: {}, value: rows[0]?.near_end ?? 0 },
      { metric: 'pg_sequences_unreadable', labels: {}, value: rows[0]?.unreadable ?? 0 },
    ],
    limited: unreadable(rows),
  }),
});

function unreadable(rows: readonly RowOf<typeof columns>[]): LimitedVisibility | undefined {
  const [first] = rows;
  if (!first?.unreadable) return undefined;
  const { unreadable, all_sequences, unreadable_schemas: schemas, role_name: role } = first;
  return {
    reason: `${unreadable} of ${all_sequences} sequences are unreadable: nothing warns before they run out`,
    hint: `GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schemas} TO ${role}; new ones need ALTER DEFAULT PRIVILEGES. From 14 GRANT pg_read_all_data TO ${role}; covers both, and lets it read every row of every table.`,
  };
}
