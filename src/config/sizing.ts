import type { Loop } from './loop.ts';

/** What a loop's Lambda gets; `npm run bench:lambda` measures what it needs. */
export interface Sizing {
  readonly memoryMb: number;
  /** A run that has not ended by then is cut off; below a minute where it comes every minute. */
  readonly timeoutSeconds: number;
}

/** Up to so many targets the hot loop does with the least memory, and with it the least share of a CPU, that there is. */
const FEW_TARGETS = 5;

/** Memory is also CPU on Lambda: 1,769 MB are one whole. */
export function sizingOf(loop: Loop, targets: number): Sizing {
  switch (loop) {
    case 'hot':
      return { memoryMb: targets <= FEW_TARGETS ? 128 : 256, timeoutSeconds: 58 };
    case 'workload':
      return { memoryMb: 256, timeoutSeconds: 55 };
    case 'storage':
      return { memoryMb: 256, timeoutSeconds: 120 };
    case 'hourly':
      return { memoryMb: 256, timeoutSeconds: 300 };
  }
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
