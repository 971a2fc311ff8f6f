import { settings } from '../../collectors/settings.ts';
import { comparable, defineEventKind, difference } from '../kind.ts';

/** A setting has another value for other sessions; what pgmon sets for its own is not among them. */
export const settingChanged = defineEventKind({
  name: 'setting_changed',
  loop: 'hourly',
  title: 'Setting changed',
  reads: [settings],
  many: (count) => `${count} settings were changed`,
  compare: (comparison) =>
    comparable(comparison, settings).flatMap((place) =>
      difference(place, ({ name }) => name).both.flatMap(([before, after]) => {
        const isRead = [before, after].every(({ scope }) => scope === 'server' || scope === 'database');
        if (!isRead || before.setting === after.setting || before.setting === null || after.setting === null) return [];
        const unit = after.unit ? ` (${after.unit})` : '';
        const [from, to] = [before.setting, after.setting];
        return [
          {
            object: after.name,
            from,
            to,
            ...(after.source ? { by: after.source } : {}),
            text: `${after.name} was changed from ${from || "''"} to ${to || "''"}${unit}${after.source ? `, set by ${after.source}` : ''}.`,
          },
        ];
      }),
    ),
});
