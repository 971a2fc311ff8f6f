import { z } from 'zod';
import { whole } from './scalars.ts';

const share = z.number().min(0).max(1);

/** Thresholds of the alert rules, by the specification's keys. */
export const alertsSchema = z
  .strictObject({
    connections_warn: share.default(0.8).describe('Share of max_connections in use.'),
    long_txn_warn_s: whole(1, 604_800).default(300).describe('Age of the oldest transaction.'),
    long_txn_crit_s: whole(1, 604_800).default(1_800),
    repl_warn_s: whole(1, 604_800).default(30).describe('Replication lag in seconds.'),
    repl_crit_s: whole(1, 604_800).default(300),
  })
  .prefault({});
