import type { Event } from './event.ts';

/** The view of the page that shows most of a kind of event, by the beginning of the kind's name. */
const VIEWS: readonly (readonly [beginning: RegExp, view: string])[] = [
  [/^(vacuum|analyze)/, 'autovacuum'],
  [/^(replica|slot|role_changed|subscription|publication)/, 'replication'],
  [/^partition/, 'partitions'],
  [/^(table|index|relation|database_(created|dropped))/, 'storage'],
  [/^(statement|plan)/, 'queries'],
  [/^connection/, 'activity'],
];

/** A link to a view of the page at a moment: the hash of its address. */
export function pageLink(view: string, params: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(params).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));
  return `#/${view}?${new URLSearchParams(given)}`;
}

/** Where the page shows what an event is about, as of its time. */
export function linkOf({ kind, cluster, db, at, object }: Event): string {
  const view = VIEWS.find(([beginning]) => beginning.test(kind))?.[1];
  // Of a statement's page.
  const queryid = view === 'queries' && /^-?\d+$/.test(object ?? '') ? object : undefined;
  return pageLink(view ?? 'changed', { cluster, db, at, queryid });
}
