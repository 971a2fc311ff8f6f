import * as z from 'zod';
import { collectorStatesSchema } from './collector-state.ts';
import type { ScannedDatabase } from './scan-due.ts';

/** What a loop knows of a target from one pass to the next; kept in the table for a cold start. */
export const loopStateSchema = z.object({
  /** By scope key: those of each database apart. */
  collectors: collectorStatesSchema,
  /** Collectors that failed lately, by scope key. A state stored under an earlier name of `passesLeft` gives one try at once. */
  health: z.record(
    z.string(),
    z.object({ failures: z.number(), passesLeft: z.number().default(0), reason: z.string().optional() }),
  ),
  /** Failures since watching began. */
  errors: z.number(),
  /** The database at which the scan of all of them continues, where there was no time for it. */
  resumeAt: z.string().optional(),
});

export type LoopState = Readonly<z.output<typeof loopStateSchema>> & {
  /** What was last read in other databases; in memory only, so that a new process scans them all once. */
  readonly scanned?: ReadonlyMap<string, ScannedDatabase>;
};

export const emptyState: LoopState = { collectors: {}, health: {}, errors: 0 };
