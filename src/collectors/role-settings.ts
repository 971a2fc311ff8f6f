import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/**
 * What `ALTER ROLE … SET` and `ALTER DATABASE … SET` have set, without values that may hold a secret; from
 * `pg_db_role_setting`.
 */
export const roleSettings = defineCollector({
  name: 'role_settings',
  loop: 'storage',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 5_000,
  sql: sqlFiles('role_settings'),
  columns: {
    /** Empty where it is set for every role of the database. */
    role: state.key(),
    /** Empty where it is set in every database. */
    database: state.key(),
    name: state.key(),
    /** Its first 1,000 characters; null where it may hold a secret. */
    setting: state.text(),
    all_settings: state.number(),
  },
  total: (rows) => rows[0]?.all_settings ?? undefined,
});
