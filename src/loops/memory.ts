import * as z from 'zod';

const moment = z.object({ at: z.number(), startedAt: z.number(), role: z.enum(['primary', 'standby']) });

/** Rows of collectors that compare passes, each with the moment at which it was last read, by place. */
export const rememberedSchema = z.record(
  z.string(),
  z.object({ moment, rows: z.array(z.record(z.string(), z.unknown())) }),
);
export type Remembered = z.output<typeof rememberedSchema>;

/** What a loop remembers of a target from one pass to the next; kept in the table for a cold start. */
export const memorySchema = z.object({
  /** The last pass that answered. */
  before: z
    .object({
      moment,
      counters: z.array(
        z.object({
          metric: z.string(),
          labels: z.record(z.string(), z.string()),
          value: z.number(),
          epoch: z.number().optional(),
        }),
      ),
    })
    .optional(),
  remembered: rememberedSchema,
  /** How collectors have fared lately; those that are well are not in it. */
  health: z.record(z.string(), z.object({ failures: z.number(), resting: z.number(), reason: z.string().optional() })),
  /** Failures since watching began. */
  errors: z.number(),
  /** The database at which the turn through all of them goes on, where there was no time for it. */
  resumeAt: z.string().optional(),
});

export type Memory = z.output<typeof memorySchema>;

export const emptyMemory: Memory = { remembered: {}, health: {}, errors: 0 };
