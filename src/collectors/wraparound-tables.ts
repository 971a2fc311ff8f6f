import { defineCollector } from './collector.ts';
import { gauge, label } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Tables that hold the oldest transactions and multixacts, their TOAST included; from `pg_class`. */
export const wraparoundTables = defineCollector({
  name: 'wraparound_tables',
  loop: 'hourly',
  scope: 'database',
  role: 'any',
  restsWhileUnused: true,
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('wraparound_tables'),
  values: ({ topRelations }) => [Math.min(topRelations, 20)],
  columns: {
    relation: label({ detail: true }),
    tx_age: gauge('pg_table_tx_age', 'Count', 'Age of the oldest unfrozen transaction ID of the table.'),
    mxid_age: gauge('pg_table_mxid_age', 'Count', 'Age of the oldest multixact ID of the table.'),
  },
});
