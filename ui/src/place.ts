import { useCallback, useSyncExternalStore } from 'react';

/** Where the reader is: the view and what it shows, all in the hash, so that a link says everything. */
export interface Place {
  readonly view: string;
  readonly params: Readonly<Record<string, string>>;
}

function parsed(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { view: path || 'overview', params: Object.fromEntries(new URLSearchParams(query)) };
}

let known = { hash: '\0', place: parsed('') };

function current(): Place {
  if (known.hash !== window.location.hash) known = { hash: window.location.hash, place: parsed(window.location.hash) };
  return known.place;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

/** A link to a view with these parameters; what is undefined goes. */
export function hrefOf(view: string, params: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(Object.entries(params).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const text = query.toString();
  return `#/${view}${text ? `?${text}` : ''}`;
}

/** The place, and how to change parts of it. */
export function usePlace(): Place & {
  go: (change: Readonly<Record<string, string | undefined>>, view?: string) => void;
  /** As go, in place of this entry of the browser's history: back does not lead here again. */
  stay: (change: Readonly<Record<string, string | undefined>>) => void;
} {
  const place = useSyncExternalStore(subscribe, current);
  const go = useCallback((change: Readonly<Record<string, string | undefined>>, view?: string) => {
    const now = current();
    window.location.hash = hrefOf(view ?? now.view, { ...now.params, ...change });
  }, []);
  const stay = useCallback((change: Readonly<Record<string, string | undefined>>) => {
    const now = current();
    window.location.replace(hrefOf(now.view, { ...now.params, ...change }));
  }, []);
  return { ...place, go, stay };
}

/** Parameters that stay when the view changes. */
export function lasting({
  cluster,
  db,
  range,
  at,
}: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { cluster, db, range, at };
}
