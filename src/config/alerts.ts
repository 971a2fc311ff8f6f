import * as z from 'zod';
import { maintenanceWindow } from './maintenance.ts';
import { duration, evenIfWrong, repeated, whole } from './scalars.ts';

const share = z.number().min(0).max(1);
const threshold = z.number();

const override = z
  .strictObject({
    enabled: z.boolean().optional(),
    info: threshold.optional(),
    warning: threshold.optional(),
    critical: threshold.optional(),
    for: duration('0s', '7d').optional().describe('How long the condition has to hold before the rule fires.'),
  })
  .describe('Changes one rule of the catalog; omitted keys keep their values.');

const custom = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and underscores, beginning with a letter')
      .describe('Id of the rule.'),
    title: z.string().min(1).optional(),
    metric: z.string().min(1).describe('A metric, or a PromQL expression over metrics of one loop.'),
    comparison: z.enum(['>', '<', '>=', '<=', '==', '!=']).default('>'),
    threshold: threshold.optional(),
    severity: z.enum(['info', 'warning', 'critical']).default('warning'),
    for: duration('0s', '7d').prefault('0s'),
    message: z.string().min(1).optional().describe('The message, with {{value}} and labels in double braces.'),
    action: z.string().min(1).optional().describe('What to do about it.'),
    enabled: z.boolean().default(true),
  })
  .describe('A custom rule.');

/** Thresholds of the alert rules by the specification's keys, changes of single rules, own rules, quiet times. */
export const alertsSchema = z
  .strictObject({
    connections_warn: share.default(0.8).describe('Share of max_connections in use.'),
    long_txn_warn_s: whole(1, 604_800).default(300).describe('Age of the oldest transaction.'),
    long_txn_crit_s: whole(1, 604_800).default(1_800),
    repl_warn_s: whole(1, 604_800).default(30).describe('Replication lag in seconds.'),
    repl_crit_s: whole(1, 604_800).default(300),
    repeat: duration('5m', '7d')
      .prefault('1h')
      .describe('Interval at which a critical alert that still fires is repeated.'),
    rules: z
      .record(z.string(), override)
      .default({})
      .describe('Overrides by rule id; pgmon alerts list prints all rules.'),
    custom: z.array(custom).default([]).describe('Custom rules.'),
    maintenance: z.array(maintenanceWindow).default([]).describe('Times without notifications.'),
  })
  .prefault({})
  .superRefine((alerts, context) => {
    const custom: readonly ({ readonly name?: unknown } | undefined)[] = Array.isArray(alerts.custom)
      ? alerts.custom
      : [];
    for (const name of repeated(custom.map((rule) => rule?.name))) {
      const message = `has two rules named ${name}: names must be unique`;
      context.addIssue({ code: 'custom', path: ['custom'], message });
    }
    for (const [warn, crit] of [
      ['long_txn_warn_s', 'long_txn_crit_s'],
      ['repl_warn_s', 'repl_crit_s'],
    ] as const) {
      if (alerts[warn] > alerts[crit])
        context.addIssue({ code: 'custom', path: [crit], message: `must not be below ${warn}` });
    }
  }, evenIfWrong);

export type AlertsConfig = z.output<typeof alertsSchema>;
