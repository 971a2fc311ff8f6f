import * as z from 'zod';
import { clusterName, dsn, evenIfWrong, whole } from './scalars.ts';

const auth = z
  .union(
    [
      z.strictObject({
        secretArn: z
          .string()
          .regex(/^arn:aws[a-z-]*:secretsmanager:/, 'must be the ARN of a Secrets Manager secret')
          .describe(
            'Secret in the form that RDS creates (username, password, host, port), or {"dsn": "postgres://…"}.',
          ),
      }),
      z.strictObject({
        iam: z.literal(true).describe('Log in with an RDS IAM token instead of a password.'),
        user: z.string().min(1).describe('The database user with rds_iam.'),
        region: z.string().min(1).optional().describe('Region of the server, if different from that of pgmon.'),
      }),
    ],
    { error: 'must be either { secretArn: "arn:aws:secretsmanager:…" } or { iam: true, user: "…" }' },
  )
  .describe('How a deployed pgmon logs in: never with a password in this file.');

const tls = z
  .strictObject({
    mode: z
      .enum(['verify-full', 'verify-ca', 'disable'])
      .optional()
      .describe('verify-full unless the host is loopback or the DSN says otherwise.'),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file or text of a CA to trust in addition to the public ones and Amazon RDS.'),
  })
  .describe('TLS settings of the connection.');

const databases = z
  .strictObject({
    include: z
      .array(z.string().min(1))
      .optional()
      .describe('Only these databases; by default, all that the role may connect to.'),
    exclude: z.array(z.string().min(1)).default([]).describe('Skip these databases.'),
    max: whole(1, 1_000).default(20).describe('Cap on monitored databases; a finding names those left out.'),
  })
  .prefault({})
  .describe('Databases whose tables, indexes and sequences are monitored.');

const shape = {
  cluster: clusterName,
  dsn: dsn.optional(),
  host: z.string().min(1).optional().describe('Host name, if neither a DSN nor the secret has it.'),
  port: whole(1, 65_535).optional(),
  database: z.string().min(1).optional().describe('Database to connect to; postgres by default.'),
  auth: auth.optional(),
  tls: tls.optional(),
  databases,
  group: z.string().min(1).optional().describe('Network that reaches the server in a deployment: a key of aws.groups.'),
};

/** One server to watch. */
export const targetSchema = z.strictObject(shape).superRefine((target, context) => {
  if (!target.dsn && !target.auth) {
    context.addIssue({ code: 'custom', message: 'needs a dsn, or auth with secretArn or iam' });
  }
  if (target.auth && 'iam' in target.auth && !target.host && !target.dsn) {
    context.addIssue({ code: 'custom', path: ['host'], message: 'is required with auth.iam' });
  }
}, evenIfWrong);

export type TargetConfig = z.output<typeof targetSchema>;
