import { useMemo } from 'react';
import { useRoute } from './route.ts';
import { type Shown, shownTime, type TimeParams, textOf } from './shown-time.ts';

export { instantOf, RANGES } from './shown-time.ts';

/** What was shown before somebody zoomed in: a double click returns to it. */
let beforeZoom: TimeParams = {};

/** The time that the page shows, from its address, and how to change it. Back undoes each change. */
export interface Time extends Shown {
  /** What calls of the API get: all of it, the range alone, or the moment alone. */
  readonly params: { readonly from: string; readonly to: string; readonly at: string | undefined };
  readonly range: { readonly from: string; readonly to: string };
  readonly moment: { readonly at: string | undefined };
  readonly setRange: (from: string, to: string) => void;
  /** A range within the shown one: {@link Time.unzoom} returns from it. */
  readonly zoom: (from: Date, to: Date) => void;
  readonly unzoom: () => void;
  readonly setMoment: (at: string | Date) => void;
  /** Back to now, over as long a range as before. */
  readonly reset: () => void;
}

export function useTime(): Time {
  const { params, go } = useRoute();
  const { from, to, at } = params;
  return useMemo(() => {
    const shown = shownTime({ from, to, at });
    const relative = from?.startsWith('-') ? from : undefined;
    const change = (next: TimeParams) => go({ from: next.from, to: next.to, at: next.at });
    return {
      ...shown,
      params: { from: shown.from, to: shown.to, at: shown.at },
      range: { from: shown.from, to: shown.to },
      moment: { at: shown.at },
      setRange: (start, end) => change({ from: start, to: end === 'now' ? undefined : end }),
      zoom: (start, end) => {
        if (relative !== undefined || from === undefined) beforeZoom = { from, to, at };
        change({ from: isoSecond(start), to: isoSecond(end), at });
      },
      unzoom: () => {
        if (from === undefined || relative !== undefined) return;
        change(beforeZoom);
        beforeZoom = {};
      },
      setMoment: (moment) =>
        change({ from: relative, to: undefined, at: typeof moment === 'string' ? moment : isoSecond(moment) }),
      reset: () => change({ from: relative ?? beforeZoom.from }),
    };
  }, [from, to, at, go]);
}

function isoSecond(time: Date): string {
  return textOf({ ms: Math.round(time.getTime() / 1_000) * 1_000 });
}
