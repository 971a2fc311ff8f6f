import { useCallback, useSyncExternalStore } from 'react';

/** The view and what it shows, all in the hash, so that a link carries everything. */
export interface Route {
  readonly view: string;
  readonly params: Readonly<Record<string, string>>;
}

function parsed(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const { range, ...params } = Object.fromEntries(new URLSearchParams(query));
  // Links that were sent before ranges could end earlier than now say range=6h.
  if (range !== undefined && !params['from']) params['from'] = `-${range}`;
  return { view: path || 'overview', params };
}

let known = { hash: '\0', route: parsed('') };

function current(): Route {
  if (known.hash !== window.location.hash) known = { hash: window.location.hash, route: parsed(window.location.hash) };
  return known.route;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

/** A link to a view with these parameters; undefined ones are left out. */
export function hrefOf(view: string, params: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(Object.entries(params).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const text = query.toString();
  return `#/${view}${text ? `?${text}` : ''}`;
}

/** The route, and how to change parts of it. */
export function useRoute(): Route & {
  go: (change: Readonly<Record<string, string | undefined>>, view?: string) => void;
  /** As go, but replaces the entry in the browser's history: Back does not return here. */
  stay: (change: Readonly<Record<string, string | undefined>>) => void;
} {
  const route = useSyncExternalStore(subscribe, current);
  const go = useCallback((change: Readonly<Record<string, string | undefined>>, view?: string) => {
    const now = current();
    window.location.hash = hrefOf(view ?? now.view, { ...now.params, ...change });
  }, []);
  const stay = useCallback((change: Readonly<Record<string, string | undefined>>) => {
    const now = current();
    window.location.replace(hrefOf(now.view, { ...now.params, ...change }));
  }, []);
  return { ...route, go, stay };
}

/** Parameters that stay when the view changes. */
export function lasting({
  cluster,
  db,
  from,
  to,
  at,
}: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { cluster, db, from, to, at };
}
