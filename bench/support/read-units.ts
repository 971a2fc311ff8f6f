import { itemBytes } from '../../src/store/limits.ts';
import type { Attributes, Table } from '../../src/store/table.ts';

/** Counts the read units that DynamoDB would charge: half of one for every 4 KB of a read, a whole one where it is consistent. */
export class ReadUnits {
  units = 0;

  /** The table, whose reads are counted here. */
  counting(table: Table): Table {
    const read = (items: readonly Attributes[], consistent: boolean | undefined) => {
      const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
      this.units += (Math.max(1, Math.ceil(bytes / 4_096)) * (consistent ? 2 : 1)) / 2;
    };
    return {
      get: async (key, options) => {
        const item = await table.get(key, options);
        read(item ? [item] : [], options?.consistent);
        return item;
      },
      query: async (pk, options) => {
        const items = await table.query(pk, options);
        read(items, options?.consistent);
        return items;
      },
      put: (key, attributes) => table.put(key, attributes),
      putAll: (entries) => table.putAll(entries),
      putIf: (key, attributes, when) => table.putIf(key, attributes, when),
      set: (key, attributes) => table.set(key, attributes),
      setIf: (key, attributes, when) => table.setIf(key, attributes, when),
      remove: (key, names) => table.remove(key, names),
      delete: (key) => table.delete(key),
    };
  }
}

function sizeOf({ pk, sk, ...attributes }: Attributes): number {
  return itemBytes({ pk: String(pk), sk: String(sk) }, attributes);
}
