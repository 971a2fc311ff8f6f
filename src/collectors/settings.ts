import { defineCollector } from './collector.ts';
import { type RowOf, state } from './columns.ts';
import { few } from './few.ts';
import { sqlFiles } from './sql.ts';
import type { LimitedVisibility } from './transform.ts';

const columns = {
  name: state.key(),
  /** NULL where it may hold a secret, or where a value of our own role or connection hides it. */
  setting: state.text(),
  unit: state.text(),
  category: state.text(),
  /** NULL where our own session hides it. */
  source: state.text(),
  /**
   * `server`; `database` where ALTER DATABASE set it for the connected one; `role` and `connection` where what is set
   * for pgmon's own role or connection hides the server's value.
   */
  scope: state.key(),
  is_changed: state.flag(),
  pending_restart: state.truth(),
};

/** All settings as other sessions get them, without values that may hold a secret; from `pg_settings`. */
export const settings = defineCollector({
  name: 'settings',
  loop: 'hourly',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 2_000,
  sql: sqlFiles('settings'),
  columns,
  metrics: {
    pg_settings_pending_restart: {
      type: 'gauge',
      unit: 'Count',
      help: 'Settings that were changed in the files and need a restart.',
      labels: [],
    },
  },
  transform: ({ rows }) => ({
    rows,
    samples: [
      {
        metric: 'pg_settings_pending_restart',
        labels: {},
        value: rows.filter(({ pending_restart }) => pending_restart).length,
      },
    ],
    limited: hiddenByRole(rows),
  }),
});

function hiddenByRole(rows: readonly RowOf<typeof columns>[]): LimitedVisibility | undefined {
  const hidden = rows.filter(({ scope }) => scope === 'role').map(({ name }) => name);
  if (hidden.length === 0) return undefined;
  return {
    reason: `${hidden.length} server settings are hidden by settings of pgmon's own role: ${few(hidden)}`,
    hint: 'ALTER ROLE … RESET these settings for the role that pgmon logs in as; pgmon sets what it needs by itself.',
  };
}
