import { createHash } from 'node:crypto';

/** A loop's clock: ticks at whole multiples of the interval, never two at once; a tick missed is left out. */
export interface Schedule {
  stop(): Promise<void>;
}

/**
 * Runs the work after `firstMs` and then at every multiple of the interval, `offsetMs` later, so that minutes hold the
 * same passes everywhere.
 *
 * @param onError gets what the work throws; the schedule continues
 */
export function schedule(
  intervalMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
  offsetMs = 0,
  firstMs = 0,
): Schedule {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const next = () => {
    if (stopped) return;
    timer = setTimeout(tick, untilNext(Date.now(), intervalMs, offsetMs));
  };
  const tick = () => {
    running = work().catch(onError).finally(next);
  };
  if (firstMs > 0) timer = setTimeout(tick, firstMs);
  else tick();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Milliseconds from `now` to the next multiple of the interval plus the offset. */
export function untilNext(now: number, intervalMs: number, offsetMs: number): number {
  const since = (now - offsetMs) % intervalMs;
  return intervalMs - (since < 0 ? since + intervalMs : since);
}

/** A place within the interval that is always the same for this name: not all start at the full minute. */
export function offsetOf(name: string, intervalMs: number): number {
  return createHash('sha256').update(name).digest().readUInt32BE() % intervalMs;
}
