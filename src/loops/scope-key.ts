import type { Collector } from '../collectors/collector.ts';

/** Under which name a collector's health and state are known: those of each database apart. */
export function scopeKey({ name }: Pick<Collector, 'name'>, database: string | undefined): string {
  return database === undefined ? name : `${name} in ${database}`;
}

/** The collector's name in a scope key: no collector's name has a space. */
export function collectorNameOf(key: string): string {
  return key.split(' ', 1)[0] ?? key;
}

/** The database that a collector's rows are of, read over a session to `connected`. */
export function databaseOf({ scope }: Pick<Collector, 'scope'>, connected: string): string | undefined {
  return scope === 'database' ? connected : undefined;
}
