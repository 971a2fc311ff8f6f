import { useMemo } from 'react';
import { useRoute } from './route.ts';
import {
  instantOf,
  pointOf,
  type Shown,
  shownTime,
  type TimeParams,
  textOf,
  timeFaults,
  withMoment,
} from './shown-time.ts';

export { instantOf, MOST_SECONDS, RANGES } from './shown-time.ts';

/** A narrower range has no two passes of the hot loop. */
const LEAST_ZOOM_MS = 60_000;

/** What was shown before somebody zoomed in: a double click returns to it. */
let beforeZoom: TimeParams = {};

/** The time that the page shows, from its address, and how to change it. Back undoes each change. */
export interface Time extends Shown {
  /** What calls of the API get: all of it, the range alone, or the moment alone. */
  readonly params: { readonly from: string; readonly to: string; readonly at: string | undefined };
  readonly range: { readonly from: string; readonly to: string };
  readonly moment: { readonly at: string | undefined };
  /** What of the address is not shown, and what is instead. */
  readonly faults: readonly string[];
  readonly setRange: (from: string, to: string) => void;
  /** A range within the shown one: {@link Time.unzoom} returns from it. */
  readonly zoom: (from: Date, to: Date) => void;
  readonly unzoom: () => void;
  /** The range of the same length just before the shown one, or after it, at most up to now. */
  readonly earlier: () => void;
  readonly later: () => void;
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
      faults: timeFaults({ from, to, at }),
      setRange: (start, end) => change({ from: tidy(start), to: end === 'now' ? undefined : tidy(end) }),
      zoom: (start, end) => {
        if (relative !== undefined || from === undefined) beforeZoom = { from, to, at };
        const widen = Math.max(0, LEAST_ZOOM_MS - (end.getTime() - start.getTime())) / 2;
        change({
          from: isoSecond(new Date(start.getTime() - widen)),
          to: isoSecond(new Date(Math.min(end.getTime() + widen, Date.now()))),
          at,
        });
      },
      unzoom: () => {
        if (from === undefined || relative !== undefined) return;
        change(beforeZoom);
        beforeZoom = {};
      },
      earlier: () => change(shifted(shown, -1, relative)),
      later: () => change(shifted(shown, 1, relative)),
      setMoment: (moment) =>
        change(withMoment({ from, to }, typeof moment === 'string' ? moment : textOf({ ms: moment.getTime() }))),
      reset: () => change({ from: relative ?? beforeZoom.from }),
    };
  }, [from, to, at, go]);
}

/** A range of the same length on the other side of an end of this one. What would end after now is the range up to now. */
function shifted({ from, to }: Shown, direction: 1 | -1, relative: string | undefined): TimeParams {
  const now = new Date();
  const [start, end] = [instantOf(from, now) ?? now, instantOf(to, now) ?? now];
  const length = end.getTime() - start.getTime();
  const moved = (time: Date) => new Date(time.getTime() + direction * length);
  if (moved(end) < now) return { from: isoSecond(moved(start)), to: isoSecond(moved(end)) };
  return { from: relative ?? `-${Math.round(length / 1_000)}s` };
}

/** A time as short as it can be said. */
function tidy(text: string): string {
  const point = pointOf(text);
  return point ? textOf(point) : text;
}

function isoSecond(time: Date): string {
  return textOf({ ms: Math.round(time.getTime() / 1_000) * 1_000 });
}
