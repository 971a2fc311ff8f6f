import type pg from 'pg';
import { LOOPS, type Loop } from '../../src/config/loop.ts';
import { type Measured, measureLoop } from './measure.ts';

/** Passes of each loop in an hour at its default rate, and how many are measured. */
export const PASSES: Readonly<Record<Loop, { anHour: number; counted: number; warmUp: number }>> = {
  hot: { anHour: 240, counted: 100, warmUp: 10 },
  workload: { anHour: 60, counted: 40, warmUp: 6 },
  storage: { anHour: 6, counted: 8, warmUp: 6 },
  hourly: { anHour: 1, counted: 4, warmUp: 2 },
};

export interface LoopsOfAnHour {
  readonly measured: ReadonlyMap<Loop, Measured>;
  /** CPU milliseconds of pgmon's backends: passes, and one new connection a loop. */
  readonly cpuMs: number;
  /** Mean of what making a connection takes beside its first pass. */
  readonly connectMs: number;
  readonly tempFiles: number;
}

/** What all four loops cost the server in an hour, from passes that are measured one after the other. */
export async function loopsOfAnHour(port: number, admin: pg.Client): Promise<LoopsOfAnHour> {
  const measured = new Map<Loop, Measured>();
  for (const loop of LOOPS) measured.set(loop, await measureLoop(loop, port, admin, PASSES[loop]));
  let [cpuMs, connecting, tempFiles] = [0, 0, 0];
  for (const [loop, { cpu, firstMs, tempFiles: files }] of measured) {
    const mean = cpu.reduce((sum, ms) => sum + ms, 0) / cpu.length;
    const extra = Math.max(0, firstMs - mean);
    cpuMs += mean * PASSES[loop].anHour + extra;
    connecting += extra;
    tempFiles += files;
  }
  return { measured, cpuMs, connectMs: connecting / measured.size, tempFiles };
}
