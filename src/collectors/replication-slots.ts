import { defineCollector } from './collector.ts';
import { gauge, label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Replication slots and what each retains; from `pg_replication_slots`. */
export const replicationSlots = defineCollector({
  name: 'replication_slots',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 100,
  sql: sqlFiles('replication_slots'),
  columns: {
    slot: label(),
    slot_type: label(),
    db: label(),
    active: gauge('pg_replication_slot_active', 'None', '1 if the slot has a consumer, else 0.'),
    retained_bytes: gauge('pg_replication_slot_retained_bytes', 'Bytes', 'WAL that the slot retains.', {
      cloudwatch: { by: 'cluster', fold: 'max' },
    }),
    xmin_age: gauge(
      'pg_replication_slot_xmin_age',
      'Count',
      'Age of the oldest transaction whose rows the slot keeps from vacuum; absent if it keeps none.',
    ),
    catalog_xmin_age: gauge(
      'pg_replication_slot_catalog_xmin_age',
      'Count',
      'As pg_replication_slot_xmin_age, for catalogs.',
    ),
    wal_status: state.text(),
    lost: gauge(
      'pg_replication_slot_lost',
      'None',
      '1 if the slot has lost WAL that it needs and can never be used again, else 0; from 13.',
    ),
  },
});
