import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** All settings as the server runs with them, without values that may hold a secret; from `pg_settings`. */
export const settings = defineCollector({
  name: 'settings',
  loop: 'hourly',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 1_000,
  sql: sqlFiles('settings'),
  columns: {
    name: state.key(),
    /** NULL where it may hold a secret. */
    setting: state.text(),
    unit: state.text(),
    category: state.text(),
    source: state.text(),
    is_changed: state.flag(),
    pending_restart: state.truth(),
  },
  metrics: {
    pg_settings_pending_restart: {
      type: 'gauge',
      unit: 'Count',
      help: 'Settings that were changed in the files and hold only after a restart.',
      labels: [],
    },
  },
  derive: ({ rows }) => [
    {
      metric: 'pg_settings_pending_restart',
      labels: {},
      value: rows.filter(({ pending_restart }) => pending_restart).length,
    },
  ],
});
