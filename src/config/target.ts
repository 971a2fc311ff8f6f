import * as z from 'zod';
import { clusterName, dsn, whole } from './scalars.ts';

const auth = z
  .union(
    [
      z.strictObject({
        secretArn: z
          .string()
          .regex(/^arn:aws[a-z-]*:secretsmanager:/, 'must be the ARN of a Secrets Manager secret')
          .describe('Secret in the shape that RDS makes (username, password, host, port), or {"dsn": "postgres://…"}.'),
      }),
      z.strictObject({
        iam: z.literal(true).describe('Log in with an RDS IAM token instead of a password.'),
        user: z.string().min(1).describe('The database user that has rds_iam.'),
        region: z.string().min(1).optional().describe('Region of the server, where it is not that of pgmon.'),
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
      .describe('PEM file of a CA to trust beside the public ones and Amazon RDS, or its text.'),
  })
  .describe('TLS of the connection.');

const databases = z
  .strictObject({
    include: z
      .array(z.string().min(1))
      .optional()
      .describe('Only these databases. Without it, all that may be connected to.'),
    exclude: z.array(z.string().min(1)).default([]).describe('None of these.'),
    max: whole(1, 1_000).default(20).describe('Most databases watched; what is left out is said.'),
  })
  .prefault({})
  .describe('Databases of the server whose tables, indexes and sequences are watched.');

const shape = {
  cluster: clusterName,
  dsn: dsn.optional(),
  host: z.string().min(1).optional().describe('Host name, where neither a DSN nor the secret has it.'),
  port: whole(1, 65_535).optional(),
  database: z.string().min(1).optional().describe('Database to connect to; postgres where nothing says otherwise.'),
  auth: auth.optional(),
  tls: tls.optional(),
  databases,
  group: z.string().min(1).optional().describe('Network of a deployment that reaches it: a key of aws.groups.'),
};

/** One server to watch. */
export const targetSchema = z.strictObject(shape).superRefine((target, context) => {
  if (!target.dsn && !target.auth) {
    context.addIssue({ code: 'custom', message: 'needs a dsn, or auth with secretArn or iam' });
  }
  if (target.auth && 'iam' in target.auth && !target.host && !target.dsn) {
    context.addIssue({ code: 'custom', path: ['host'], message: 'is needed with auth.iam' });
  }
});

export type TargetConfig = z.output<typeof targetSchema>;
