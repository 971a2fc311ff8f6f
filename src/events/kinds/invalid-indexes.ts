import { invalidIndexes } from '../../collectors/invalid-indexes.ts';
import { comparable, defineEventKind, difference } from '../kind.ts';

/** An index that no query may use, as a failed CREATE INDEX CONCURRENTLY leaves it; one that is being built is none. */
export const indexInvalid = defineEventKind({
  name: 'index_invalid',
  loop: 'storage',
  title: 'Index invalid',
  severity: 'warning',
  reads: [invalidIndexes],
  many: (count) => `${count} indexes became invalid`,
  compare: (comparison) =>
    comparable(comparison, invalidIndexes).flatMap((place) =>
      difference(place, ({ index }) => index).come.map(({ index, relation, is_maintained }) => ({
        db: place.db,
        object: index,
        from: 'valid or absent',
        to: 'invalid',
        text: `Index ${index} on ${relation} is invalid: no query uses it${is_maintained ? ', and every write pays for it' : ''}.`,
      })),
    ),
});
