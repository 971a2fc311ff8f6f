import { useSyncExternalStore } from 'react';

/** A choice of the reader that holds for the whole page. */
export interface Setting<T extends string> {
  readonly use: () => T;
  readonly get: () => T;
  readonly set: (value: T) => void;
}

/**
 * A setting with its first value.
 *
 * @param values what it can be; the first one is where it begins
 * @param key where the browser keeps it; without one it ends with the page
 */
export function settingOf<const T extends string>(values: readonly [T, ...T[]], key?: string): Setting<T> {
  const stored = key === undefined ? null : localStorage.getItem(key);
  let value = values.find((one) => one === stored) ?? values[0];
  const readers = new Set<() => void>();
  const get = () => value;
  const subscribe = (changed: () => void) => {
    readers.add(changed);
    return () => readers.delete(changed);
  };
  return {
    use: () => useSyncExternalStore(subscribe, get),
    get,
    set: (next) => {
      value = next;
      if (key !== undefined) localStorage.setItem(key, next);
      for (const changed of readers) changed();
    },
  };
}
