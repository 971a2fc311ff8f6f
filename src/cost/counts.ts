import * as z from 'zod';
import { LOOPS } from '../config/loop.ts';
import counts from './counts.json' with { type: 'json' };

const ofLoop = z.object({
  /** Write and read units of the table that a target takes in an hour. */
  writeUnits: z.number(),
  readUnits: z.number(),
  /** CPU milliseconds of a run, at a whole CPU: what it takes by itself, and for each target. */
  cpuMs: z.number(),
  cpuMsPerTarget: z.number(),
  /** Metrics of a target in CloudWatch, by `cloudwatch.metrics`. */
  metrics: z.object({ default: z.number(), essential: z.number() }),
});

/** What an hour of the real handlers asks of AWS, as it was measured. */
const countsSchema = z.object({
  date: z.string(),
  source: z.string(),
  loops: z.record(z.enum(LOOPS), ofLoop),
  /** Gigabytes that a target's items take in the table after 400 days. */
  storedGbPerTarget: z.number(),
  /** What of these is for the past: passes, lists, series in columns, load, statements by the hour, events. */
  past: z.object({
    /** Write units of a target in an hour. */
    writeUnits: z.number(),
    storedGbPerTarget: z.number(),
  }),
  /** Bytes of log that a run writes. */
  logBytesPerRun: z.number(),
});
export type Counts = z.output<typeof countsSchema>;

export const measuredCounts: Counts = countsSchema.parse(counts);
