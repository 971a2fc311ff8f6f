import * as z from 'zod';
import type { RelationNames } from '../collectors/activity/relation-names.ts';
import { relations } from '../collectors/relations/relations.ts';
import { relationStateSchema, unpacked } from '../collectors/relations/state.ts';
import type { Reading } from './reading.ts';

/** 30,000 relations take 2 MB: read once in a while, and only where a name is missing. */
const KEPT_MS = 10 * 60_000;

/** What goes before the name of a database in the key of its state. */
const OF_DATABASE = `${relations.name} in `;

const statesSchema = z.record(z.string(), z.looseObject({ value: z.unknown() }));

/**
 * Names of all tables, views and indexes of all databases, by database and OID: of the state in which `relations` keeps them
 * from pass to pass. The largest tables have names in the snapshot.
 */
export class CatalogNames {
  readonly #reading: Reading;
  readonly #known = new Map<string, { readonly until: number; readonly names: RelationNames }>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  async of(cluster: string): Promise<RelationNames> {
    const now = this.#reading.now().getTime();
    const known = this.#known.get(cluster);
    if (known && known.until > now) return known.names;
    const states = await this.#reading.stores.loopStates.get(cluster, 'storage', 'bulk', statesSchema);
    const names = new Map(
      Object.entries(states ?? {}).flatMap(([key, { value }]) => {
        if (!key.startsWith(OF_DATABASE)) return [];
        const db = key.slice(OF_DATABASE.length);
        const list = relationStateSchema.safeParse(value).data?.list ?? [];
        return list.map(unpacked).map((one) => [`${db} ${one.oid}`, one.name] as const);
      }),
    );
    this.#known.set(cluster, { until: now + KEPT_MS, names });
    return names;
  }
}
