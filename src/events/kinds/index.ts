import type { EventKind } from '../kind.ts';
import * as availability from './availability.ts';
import * as extensions from './extensions.ts';
import * as invalidIndexes from './invalid-indexes.ts';
import * as partitions from './partitions.ts';
import * as relations from './relations.ts';
import * as replicated from './replicated.ts';
import * as replication from './replication.ts';
import * as roleSettings from './role-settings.ts';
import * as roles from './roles.ts';
import * as server from './server.ts';
import * as settings from './settings.ts';
import * as statements from './statements.ts';
import * as statistics from './statistics.ts';
import * as storage from './storage.ts';
import * as vacuum from './vacuum.ts';

/** All kinds of events that comparing two passes gives: everything that these files export. */
export const eventKinds: readonly EventKind[] = [
  availability,
  settings,
  server,
  replication,
  relations,
  invalidIndexes,
  partitions,
  storage,
  extensions,
  roles,
  roleSettings,
  replicated,
  statements,
  statistics,
  vacuum,
].flatMap((kinds) => Object.values<EventKind>(kinds));
