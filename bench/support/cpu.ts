import { readFileSync } from 'node:fs';

/** CPU time of a process in milliseconds, to the nanosecond; from /proc, so on Linux only. */
export function cpuMs(pid: number): number {
  const [running] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return Number(running) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
