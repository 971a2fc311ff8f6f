import type { EventKind } from '../kind.ts';
import { restart } from './restart.ts';
import { settingChanged } from './settings.ts';

/** All kinds of events that comparing two passes gives. */
export const eventKinds: readonly EventKind[] = [restart, settingChanged];
