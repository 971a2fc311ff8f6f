import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Publications of logical replication, the sending side; from `pg_publication`. */
export const publications = defineCollector({
  name: 'publications',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 300,
  maxRows: 500,
  sql: sqlFiles('publications'),
  columns: { publication: state.key(), of_all_tables: state.truth() },
});
