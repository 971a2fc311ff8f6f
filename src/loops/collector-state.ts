import * as z from 'zod';

const moment = z.object({ at: z.number(), startedAt: z.number(), role: z.enum(['primary', 'standby']) });

const counter = z.object({
  metric: z.string(),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
  epoch: z.number().optional(),
});

/** What a collector left when it last answered: its counters, what its transform handed on, and when. */
export const collectorStateSchema = z.object({ moment, counters: z.array(counter), value: z.unknown().optional() });
export type CollectorState = Readonly<z.output<typeof collectorStateSchema>>;

export const collectorStatesSchema = z.record(z.string(), collectorStateSchema);

/** Those of a loop, by scope key: those of each database apart. */
export type CollectorStates = Readonly<Record<string, CollectorState>>;
