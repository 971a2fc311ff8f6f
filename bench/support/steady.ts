import { setTimeout as sleep } from 'node:timers/promises';

export interface Answered {
  /** Milliseconds from when it was due until all of it was there, the least first. */
  readonly ms: readonly number[];
  /** Paths of answers that were not 2xx. */
  readonly failed: readonly string[];
}

/**
 * Asks for these addresses one after the other, so many a second, whether those before are answered or not: a server that keeps
 * all waiting is seen to, where a client that waits itself would ask less.
 */
export async function askSteadily(urls: readonly string[], perSecond: number): Promise<Answered> {
  const ms: number[] = [];
  const failed: string[] = [];
  const start = performance.now();
  const asked: Promise<void>[] = [];
  for (const [i, url] of urls.entries()) {
    const due = start + (i * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    asked.push(
      (async () => {
        const response = await fetch(url);
        await response.arrayBuffer();
        ms.push(performance.now() - due);
        if (!response.ok) failed.push(url);
      })(),
    );
  }
  await Promise.all(asked);
  return { ms: ms.toSorted((a, b) => a - b), failed };
}

/** @param sorted the least first */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
