import { z } from 'zod';

const row = z.record(z.string(), z.unknown());

/** What a loop remembers of a target from one pass to the next; kept in the table for a cold start. */
export const memorySchema = z.object({
  /** The last pass that answered. */
  before: z
    .object({
      moment: z.object({ at: z.number(), startedAt: z.number(), role: z.enum(['primary', 'standby']) }),
      counters: z.array(
        z.object({
          metric: z.string(),
          labels: z.record(z.string(), z.string()),
          value: z.number(),
          epoch: z.number().optional(),
        }),
      ),
      /** Rows of the collectors that derive from two passes. */
      rows: z.record(z.string(), z.array(row)),
    })
    .optional(),
  /** How collectors have fared lately; those that are well are not in it. */
  health: z.record(z.string(), z.object({ failures: z.number(), resting: z.number() })),
  /** Failures since watching began. */
  errors: z.number(),
});

export type Memory = z.output<typeof memorySchema>;

export const emptyMemory: Memory = { health: {}, errors: 0 };
