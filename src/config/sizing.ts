import type { Loop } from './loop.ts';

/** What a loop's Lambda gets; `npm run bench:lambda` measures what it needs. */
export interface Sizing {
  readonly memoryMb: number;
  /** A run that has not ended by then is cut off; below a minute where it comes every minute. */
  readonly timeoutSeconds: number;
}

/** Up to so many targets a loop does with the least memory, and with it the least share of a CPU, that there is. */
const FEW_TARGETS = 5;
const SOME_TARGETS = 10;

/** A whole CPU of a Lambda comes with so much memory. */
export const MB_PER_CPU = 1_769;

/** CPU milliseconds, of a whole CPU, that reading one target takes the process. */
const PASS_CPU_MS = 6;

export function sizingOf(loop: Loop, targets: number): Sizing {
  switch (loop) {
    case 'hot':
      return { memoryMb: targets <= FEW_TARGETS ? 128 : targets <= SOME_TARGETS ? 256 : 512, timeoutSeconds: 58 };
    case 'workload':
      return { memoryMb: targets <= SOME_TARGETS ? 256 : 512, timeoutSeconds: 55 };
    case 'storage':
      return { memoryMb: 256, timeoutSeconds: 120 };
    case 'hourly':
      return { memoryMb: 256, timeoutSeconds: 300 };
  }
}

/**
 * Milliseconds from the start of one target's pass to that of the next: on a share of a CPU answers would wait for the
 * process while their time is taken, and a healthy server would look slow.
 */
export function staggerMs(memoryMb: number): number {
  return Math.ceil((PASS_CPU_MS * MB_PER_CPU) / memoryMb);
}

/** Whole minutes between two invocations of a loop: shorter intervals are passes inside of one. */
export function minutesBetween(intervalMs: number): number {
  return Math.max(1, Math.round(intervalMs / 60_000));
}

/**
 * Options of Node for so much memory: V8 would let garbage grow until half of the machine is full, and the platform ends
 * a process that takes more than it has.
 */
export function nodeOptions(memoryMb: number): string {
  return `--max-old-space-size=${Math.floor(memoryMb * 0.6)} --max-semi-space-size=2`;
}
