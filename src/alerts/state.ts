import * as z from 'zod';
import { baselineSchema } from './baseline.ts';
import { SEVERITIES } from './rule.ts';
import { windowSchema } from './window.ts';

/** One severity of an alert: since when its condition holds, whether for long enough, since when it is clear again. */
const severityStateSchema = z.object({
  severity: z.enum(SEVERITIES),
  since: z.number(),
  firing: z.boolean(),
  clearSince: z.number().optional(),
});

/** What is wrong in a few words: in front of how long it has been so, and after it; without `rest` it has no duration. */
const headlineSchema = z.object({ what: z.string(), rest: z.string().optional() });
export type Headline = z.output<typeof headlineSchema>;

/**
 * What is known of one alert, that is of one rule for one set of labels. Times in epoch seconds. It is pending or
 * firing by its severities; without any it has ended, and its receivers are still to be notified of that.
 */
export const alertSchema = z.object({
  rule: z.string(),
  labels: z.record(z.string(), z.string()),
  severities: z.array(severityStateSchema),
  /** The pass in which the condition was first seen. */
  since: z.number(),
  /** When the condition itself began, where its value is its age: before it was first seen. */
  began: z.number().optional(),
  /** The first pass without it, after the last with it. */
  clearSince: z.number().optional(),
  /** Of the last pass in which the condition held, like everything that a message says of it. */
  value: z.number().optional(),
  threshold: z.number().optional(),
  usual: z.number().optional(),
  comparedWith: z.string().optional(),
  problem: z.string().optional(),
  /** What was said of it then: by now its rule may say something else. */
  message: z.string().optional(),
  headline: headlineSchema.optional(),
  /** What its rule asked then. */
  expression: z.string().optional(),
  /** When it was last evaluated on data. */
  evaluatedAt: z.number(),
  noDataReported: z.boolean().optional(),
  /** What may be known of it outside, and since when: of the news of it, those that were not suppressed. */
  notified: z.object({ severity: z.enum(SEVERITIES), at: z.number() }).optional(),
});
export type SeverityState = z.output<typeof severityStateSchema>;
export type Alert = z.output<typeof alertSchema>;

/** Alerts of one target and loop, by fingerprint. */
export type Alerts = Readonly<Record<string, Alert>>;

/** What rules need to know of the past. */
export interface RuleHistory {
  readonly window: z.output<typeof windowSchema>;
  readonly baselines: Readonly<Record<string, z.output<typeof baselineSchema>>>;
}
export const ruleHistorySchema = z.object({ window: windowSchema, baselines: z.record(z.string(), baselineSchema) });

export const emptyRuleHistory: RuleHistory = { window: {}, baselines: {} };
