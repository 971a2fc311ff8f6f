import * as z from 'zod';
import { LOOPS } from '../config/loop.ts';

const sample = z.object({ metric: z.string(), labels: z.record(z.string(), z.string()), value: z.number() });

/** A row of a list, whose columns whoever takes it checks: looking at each here would take as long as all else of a snapshot. */
export const rowSchema = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

/** How a collector fared in a pass. */
export const outcomeSchema = z.object({
  collector: z.string(),
  /** The database it was read in, where it is one of each database. */
  database: z.string().optional(),
  status: z.enum(['ok', 'skipped', 'failed']),
  /** Why it was skipped or failed, for people. */
  reason: z.string().optional(),
  /** What would let it run: a statement or a setting. */
  hint: z.string().optional(),
  /** Skipped because it has no place on this server (a standby's view on a primary): nothing is there to mend. */
  expected: z.boolean().optional(),
  /** Backing off after failures; the name is public. */
  degraded: z.boolean().optional(),
  /** When it was read, where its database was not scanned in this pass: RFC 3339. */
  readAt: z.string().optional(),
  rows: z.number().optional(),
  /** Objects that there are, where the snapshot keeps only the first of them. */
  total: z.number().optional(),
  ms: z.number().optional(),
});

/** A finding about the role or the server that stays until somebody mends it. */
export const findingSchema = z.object({
  aspect: z.string(),
  severity: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  hint: z.string().optional(),
});

/** What one pass of a loop saw of a target: everything that is shown, published and evaluated comes from here. */
export const snapshotSchema = z.object({
  cluster: z.string(),
  loop: z.enum(LOOPS),
  /** RFC 3339 by pgmon's clock; rates are computed from the server's. */
  takenAt: z.string(),
  up: z.boolean(),
  /** Why the target did not answer. */
  problem: z.object({ kind: z.string(), message: z.string(), hint: z.string() }).optional(),
  server: z
    .object({
      version: z.string(),
      major: z.number(),
      role: z.enum(['primary', 'standby']),
      startedAt: z.number(),
      database: z.string(),
      pooled: z.boolean(),
    })
    .optional(),
  /** Watched databases that the server has, where the pass looked. */
  databases: z.array(z.string()).optional(),
  durationMs: z.number(),
  outcomes: z.array(outcomeSchema),
  findings: z.array(findingSchema),
  /** Gauges and cumulative counters. */
  samples: z.array(sample),
  /** Counters per second, under the counter's name. */
  rates: z.array(sample),
  /** Series without a rate in this pass, with the reason. Snapshots that were stored under an earlier name have none. */
  noRates: z.record(z.string(), z.string()).default({}),
  /** Rows by collector, for tables and trees. */
  rows: z.record(z.string(), z.array(rowSchema)),
});

export type Snapshot = z.output<typeof snapshotSchema>;

/** The last pass, and of a target that did not answer in it the last one in which it did. */
export const latestSchema = snapshotSchema.extend({ lastGood: snapshotSchema.optional() });

/** Why the role is refused: by the connection itself, or in one of the other databases, which is not read then. */
export function refusalOf(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ aspect, severity }) => aspect === 'role' && severity === 'error');
}

export type LatestSnapshot = z.output<typeof latestSchema>;
export type Outcome = z.output<typeof outcomeSchema>;
export type Finding = z.output<typeof findingSchema>;
