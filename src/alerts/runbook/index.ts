import { availabilityPages } from './availability.ts';
import type { Runbook } from './page.ts';
import { replicationPages } from './replication.ts';
import { sessionPages } from './sessions.ts';
import { storagePages } from './storage.ts';
import { workloadPages } from './workload.ts';

/** The page of every rule of the catalog. */
export const runbook: Runbook = {
  ...availabilityPages,
  ...sessionPages,
  ...workloadPages,
  ...replicationPages,
  ...storagePages,
};
