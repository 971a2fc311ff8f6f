import { settings } from '../../collectors/settings.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

function settingPairs(comparison: Comparison) {
  return comparable(comparison, settings).flatMap((place) => difference(place, ({ name }) => name).both);
}

/**
 * A setting has another value for other sessions; what pgmon sets for its own is not among them, and what ALTER DATABASE sets
 * for the connected one is an event of its own kind.
 */
export const settingChanged = defineEventKind({
  name: 'setting_changed',
  loop: 'hourly',
  title: 'Setting changed',
  reads: [settings],
  many: (count) => `${count} settings were changed`,
  compare: (comparison) =>
    settingPairs(comparison).flatMap(([before, after]) => {
      const isRead = [before, after].every(({ scope }) => scope === 'server');
      // Of what the server works out by itself (shared_memory_size, in_hot_standby) nobody has changed anything.
      const isSet = before.is_changed || after.is_changed;
      const [from, to] = [before.setting, after.setting];
      if (!isRead || !isSet || from === to || from === null || to === null) return [];
      const unit = after.unit ? ` (${after.unit})` : '';
      const by = after.source ?? undefined;
      const text = `${after.name} was changed from ${from || "''"} to ${to || "''"}${unit}${by ? `, set by ${by}` : ''}.`;
      return [{ object: after.name, from, to, by, text }];
    }),
});

/** A setting was changed in the files, and the server needs a restart for it. */
export const settingPending = defineEventKind({
  name: 'setting_pending_restart',
  loop: 'hourly',
  title: 'Setting waits for a restart',
  reads: [settings],
  many: (count) => `${count} changed settings wait for a restart`,
  compare: (comparison) =>
    settingPairs(comparison).flatMap(([before, after]) => {
      if (before.pending_restart || !after.pending_restart) return [];
      const is =
        after.setting === null
          ? ''
          : `; it is ${after.setting || "''"}${after.unit ? ` (${after.unit})` : ''} until then`;
      return [
        {
          object: after.name,
          ...(after.setting === null ? {} : { from: after.setting }),
          text: `${after.name} was changed in the files and needs a restart${is}.`,
        },
      ];
    }),
});
