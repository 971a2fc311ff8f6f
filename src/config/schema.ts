import * as z from 'zod';
import { alertsSchema } from './alerts.ts';
import { awsSchema } from './aws.ts';
import { httpSchema } from './http.ts';
import { notifiersSchema } from './notifiers.ts';
import { clusterName, dsn, duration, evenIfWrong, repeated, whole } from './scalars.ts';
import { type TargetConfig, targetSchema } from './target.ts';

const sampleIntervals = z
  .strictObject({
    hot_path: duration('5s', '60s').prefault('15s').describe('Sessions, locks, vacuum progress, temp files, canary.'),
    workload: duration('30s', '10m').prefault('60s').describe('Statements, transactions, WAL, replication.'),
    storage: duration('1m', '6h').prefault('10m').describe('Sizes, dead rows, indexes, partitions.'),
    hourly: duration('10m', '24h').prefault('1h').describe('Bloat, wraparound, stale statistics, sequences, settings.'),
  })
  .prefault({})
  .describe('Interval of each loop.');

const limits = z
  .strictObject({
    top_relations: whole(1, 500).default(50).describe('Tables with individual metrics.'),
    top_indexes: whole(1, 500).default(50).describe('Indexes with individual metrics.'),
    top_queries: whole(1, 500).default(50).describe('Statements with individual metrics.'),
  })
  .prefault({})
  .describe('Top N of each kind; caps the number of series for databases of any size.');

const security = z
  .strictObject({
    read_only_enforce: z.boolean().default(true).describe('Refuse a role that can write. false: only warn, visibly.'),
    redact_sql_text: z.boolean().default(true).describe('Replace literals in statement texts before they are stored.'),
  })
  .prefault({});

const timeouts = z
  .strictObject({
    connect_timeout_ms: whole(100, 30_000).default(3_000).describe('Limit for connecting and logging in.'),
    statement_timeout_ms: whole(100, 60_000)
      .default(3_000)
      .describe('Set on the server; shorter if a loop has less time.'),
    lock_timeout_ms: whole(10, 10_000)
      .default(1_000)
      .describe('Longest time that a statement of pgmon waits for a lock.'),
  })
  .prefault({})
  .refine((value) => value.lock_timeout_ms <= value.statement_timeout_ms, {
    path: ['lock_timeout_ms'],
    ...evenIfWrong,
    error: 'must not be longer than statement_timeout_ms',
  });

const canary = z
  .strictObject({
    statement: z
      .string()
      .min(1)
      .optional()
      .describe('A read-only statement that every hot pass runs under EXPLAIN (ANALYZE, BUFFERS), to time real work.'),
  })
  .prefault({})
  .describe('Every hot pass times SELECT 1 and, optionally, a statement of yours.');

const cloudwatch = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Publish from the local form, too. A deployment always publishes.'),
    namespace: z
      .string()
      .regex(/^(?!AWS\/)[A-Za-z0-9._/#:-]{1,255}$/, 'must be a CloudWatch namespace, not one that begins with AWS/')
      .default('pgmon'),
    metrics: z
      .enum(['essential', 'default', 'telling'])
      .default('default')
      .transform((metrics) => (metrics === 'telling' ? 'essential' : metrics))
      .describe(
        'essential: the seven that matter most. default: about 25 per server. CloudWatch bills by metric. telling: the former name of essential.',
      ),
  })
  .prefault({});

const store = z
  .strictObject({
    path: z.string().min(1).default('.pgmon').describe('Folder for history and state in the local form.'),
  })
  .prefault({});

/** The whole configuration file (specification, section 8). */
export const configSchema = z
  .strictObject({
    cluster: clusterName.optional(),
    dsn: dsn.optional(),
    targets: z
      .array(targetSchema)
      .max(1_000)
      .default([])
      .describe('Servers to monitor; cluster and dsn are the short form for one.'),
    sample_intervals: sampleIntervals,
    limits,
    alerts: alertsSchema,
    notifiers: notifiersSchema,
    http: httpSchema,
    security,
    timeouts,
    canary,
    cloudwatch,
    store,
    aws: awsSchema.describe('The deployment on AWS.'),
    log_level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .superRefine((config, context) => {
    if (config.cluster && !config.dsn) {
      context.addIssue({ code: 'custom', path: ['dsn'], message: 'is required with cluster; or use targets' });
    }
    const targets: readonly (Partial<TargetConfig> | undefined)[] = Array.isArray(config.targets) ? config.targets : [];
    const names = [...(config.dsn ? [config.cluster ?? 'default'] : []), ...targets.map((target) => target?.cluster)];
    for (const name of repeated(names)) {
      const message = `has two targets named ${name}: names must be unique`;
      context.addIssue({ code: 'custom', path: ['targets'], message });
    }
  }, evenIfWrong)
  .transform(({ cluster, dsn: single, targets, ...rest }) => ({
    ...rest,
    targets: single ? [targetSchema.parse({ cluster: cluster ?? 'default', dsn: single }), ...targets] : targets,
  }));

/** The validated configuration: short forms resolved, defaults filled in, durations in milliseconds. */
export type Config = z.output<typeof configSchema>;
