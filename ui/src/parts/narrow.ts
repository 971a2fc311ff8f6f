import { useSyncExternalStore } from 'react';

/** As wide as a phone: the same limit as in the style. */
const query = () => window.matchMedia('(max-width: 760px)');

/** Whether the page is narrow, where some controls move into the menu of the head. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const found = query();
      found.addEventListener('change', changed);
      return () => found.removeEventListener('change', changed);
    },
    () => query().matches,
  );
}
