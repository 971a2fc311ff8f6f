import type { Rule } from '../rule.ts';
import { availabilityRules } from './availability.ts';
import { replicationRules } from './replication.ts';
import { sessionRules } from './sessions.ts';
import { storageRules } from './storage.ts';
import { workloadRules } from './workload.ts';

/** Every rule of the catalog. */
export const catalogRules: readonly Rule[] = [
  ...availabilityRules,
  ...sessionRules,
  ...workloadRules,
  ...replicationRules,
  ...storageRules,
];
