import * as z from 'zod';
import { baselineSchema } from './baseline.ts';
import { SEVERITIES } from './rule.ts';
import { windowSchema } from './window.ts';

/** One severity of an alert: since when its condition holds, whether it has held for long enough, since when no more. */
const levelSchema = z.object({
  severity: z.enum(SEVERITIES),
  from: z.number(),
  active: z.boolean(),
  gone: z.number().optional(),
});

/** What is known of one alert, that is of one rule for one set of labels. Times in epoch seconds. */
export const alertSchema = z.object({
  rule: z.string(),
  labels: z.record(z.string(), z.string()),
  levels: z.array(levelSchema),
  /** When it began to fire; undefined while it is pending. */
  firedAt: z.number().optional(),
  value: z.number().optional(),
  threshold: z.number().optional(),
  /** When it was last judged on data. */
  seen: z.number(),
  noDataTold: z.boolean().optional(),
  /** The severity that receivers were last told, and when; undefined while they know nothing of it. */
  told: z.enum(SEVERITIES).optional(),
  toldAt: z.number().optional(),
});
export type Level = z.output<typeof levelSchema>;
export type Alert = z.output<typeof alertSchema>;

/** Alerts of one target and loop, by fingerprint. */
export const alertsSchema = z.record(z.string(), alertSchema);
export type Alerts = z.output<typeof alertsSchema>;

/** What rules need to know of the past. */
export const alertMemorySchema = z.object({ window: windowSchema, baselines: z.record(z.string(), baselineSchema) });
export type AlertMemory = z.output<typeof alertMemorySchema>;

export const emptyAlertMemory: AlertMemory = { window: {}, baselines: {} };
