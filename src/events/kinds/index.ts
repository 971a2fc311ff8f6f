import type { EventKind } from '../kind.ts';
import { extensionChanged, extensionUpdateOffered } from './extensions.ts';
import { indexInvalid } from './invalid-indexes.ts';
import {
  indexCreated,
  indexDropped,
  indexRebuilt,
  relationCreated,
  relationDropped,
  relationRenamed,
  relationReplaced,
} from './relations.ts';
import { publicationChanged, subscriptionChanged } from './replicated.ts';
import { restart } from './restart.ts';
import { roleRightsChanged, superuserGained, superuserLost } from './roles.ts';
import { settingChanged } from './settings.ts';

/** All kinds of events that comparing two passes gives. */
export const eventKinds: readonly EventKind[] = [
  restart,
  settingChanged,
  relationCreated,
  relationDropped,
  relationRenamed,
  relationReplaced,
  indexCreated,
  indexDropped,
  indexRebuilt,
  indexInvalid,
  extensionChanged,
  extensionUpdateOffered,
  superuserGained,
  superuserLost,
  roleRightsChanged,
  publicationChanged,
  subscriptionChanged,
];
