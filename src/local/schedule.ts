/** A loop's clock: ticks at whole multiples of the interval, never two at once; a tick missed is left out. */
export interface Schedule {
  stop(): Promise<void>;
}

/**
 * Runs the work at once and then at every multiple of the interval, so that minutes hold the same passes everywhere.
 *
 * @param onError gets what the work throws; the schedule goes on
 */
export function schedule(intervalMs: number, work: () => Promise<void>, onError: (error: unknown) => void): Schedule {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const next = () => {
    if (stopped) return;
    timer = setTimeout(tick, intervalMs - (Date.now() % intervalMs));
  };
  const tick = () => {
    running = work().catch(onError).finally(next);
  };
  tick();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
