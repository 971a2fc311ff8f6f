import { extensions } from '../../collectors/extensions.ts';
import { comparable, defineEventKind, difference } from '../kind.ts';

/** An extension was installed, removed or updated. */
export const extensionChanged = defineEventKind({
  name: 'extension_changed',
  loop: 'storage',
  title: 'Extension changed',
  reads: [extensions],
  many: (count) => `${count} extensions were installed, updated or removed`,
  compare: (comparison) =>
    comparable(comparison, extensions).flatMap((place) => {
      const { gone, come, both } = difference(place, ({ extension }) => extension);
      const { db } = place;
      return [
        ...come.map(({ extension, version }) => ({
          db,
          object: extension,
          to: version,
          text: `Extension ${extension} ${version} was installed.`,
        })),
        ...gone.map(({ extension, version }) => ({
          db,
          object: extension,
          from: version,
          text: `Extension ${extension} ${version} was removed.`,
        })),
        ...both
          .filter(([before, after]) => before.version !== after.version)
          .map(([{ version: from }, { extension, version: to }]) => ({
            db,
            object: extension,
            from,
            to,
            text: `Extension ${extension} was updated from ${from} to ${to}.`,
          })),
      ];
    }),
});

/** The server's packages offer another version than before: ALTER EXTENSION … UPDATE would install it. */
export const extensionUpdateOffered = defineEventKind({
  name: 'extension_update_offered',
  loop: 'storage',
  title: 'Extension update offered',
  severity: 'info',
  reads: [extensions],
  many: (count) => `${count} extensions have an update`,
  compare: (comparison) =>
    comparable(comparison, extensions).flatMap((place) =>
      difference(place, ({ extension }) => extension).both.flatMap(([before, after]) => {
        const { extension, version, available } = after;
        const isNew = before.available !== null && available !== null && before.available !== available;
        if (!isNew || available === version) return [];
        const text = `Extension ${extension} ${version} can be updated to ${available}.`;
        return [{ db: place.db, object: extension, from: version, to: available, text }];
      }),
    ),
});
