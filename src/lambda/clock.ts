import { setTimeout as delay } from 'node:timers/promises';

/** Time, so that a test can let an hour pass in a second. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms) => {
    await delay(ms);
  },
};
