import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Superusers, and roles with another right that reaches beyond data; from `pg_roles` and `pg_auth_members`. */
export const powerfulRoles = defineCollector({
  name: 'powerful_roles',
  loop: 'storage',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 5_000,
  sql: sqlFiles('powerful_roles'),
  columns: {
    role: state.key(),
    /** Attributes (`superuser`, `createrole`, …) and predefined roles, by name. */
    powers: state.texts(),
    all_roles: state.number(),
  },
  total: (rows) => rows[0]?.all_roles ?? undefined,
});
