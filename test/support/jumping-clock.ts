import type { Clock } from '../../src/lambda/clock.ts';

/** A clock that a test sets, and that a sleep moves on at once. */
export class JumpingClock implements Clock {
  /** Epoch milliseconds. */
  time: number;

  constructor(time: number) {
    this.time = time;
  }

  now = (): Date => new Date(this.time);

  sleep = async (ms: number): Promise<void> => {
    this.time += ms;
  };
}
