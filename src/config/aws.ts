import * as z from 'zod';
import { whole } from './scalars.ts';

const subnet = z.string().regex(/^subnet-[0-9a-f]+$/, 'must be the id of a subnet, such as subnet-0a1b2c3d');
const securityGroup = z.string().regex(/^sg-[0-9a-f]+$/, 'must be the id of a security group, such as sg-0a1b2c3d');
const routeTable = z.string().regex(/^rtb-[0-9a-f]+$/, 'must be the id of a route table, such as rtb-0a1b2c3d');

/** What the loops call: where a network has no way to it, an endpoint is one. */
export const ENDPOINTS = ['dynamodb', 'monitoring', 'sns', 'secretsmanager', 'events'] as const;
export type EndpointName = (typeof ENDPOINTS)[number];

const network = z
  .strictObject({
    vpc_id: z.string().regex(/^vpc-[0-9a-f]+$/, 'must be the id of a VPC, such as vpc-0a1b2c3d'),
    subnet_ids: z.array(subnet).min(1).describe('Subnets that can reach the servers.'),
    security_group_ids: z.array(securityGroup).min(1).describe('Security groups that the servers accept.'),
    endpoints: z
      .array(z.enum(ENDPOINTS))
      .default([])
      .describe('VPC endpoints to create if there is neither NAT nor an endpoint yet.'),
    route_table_ids: z
      .array(routeTable)
      .default([])
      .describe('Route tables of the subnets, required by the dynamodb endpoint.'),
  })
  .refine(({ endpoints, route_table_ids }) => !endpoints.includes('dynamodb') || route_table_ids.length > 0, {
    path: ['route_table_ids'],
    error: 'is required by the dynamodb endpoint, which is a route',
  })
  .describe('The network that reaches the servers. Without one, the Lambdas run outside a VPC.');
export type NetworkConfig = z.output<typeof network>;

/** Days that CloudWatch Logs offers. */
const RETENTION = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

/** What only the deployment needs; the local form leaves it alone. */
export const awsSchema = z
  .strictObject({
    stack: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,50}$/, 'must be letters, digits and hyphens, beginning with a letter')
      .default('pgmon')
      .describe('Name of the stack; two deployments in one account and region need different names.'),
    emails: z
      .array(z.email())
      .default([])
      .describe('Addresses that get alerts by email, after confirming the subscription.'),
    shard_size: whole(1, 50).default(25).describe('Targets per Lambda.'),
    network: network.optional(),
    groups: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens'), network)
      .default({})
      .describe('More networks by name; a target selects one with group.'),
    log_retention_days: z
      .literal([...RETENTION])
      .default(30)
      .describe('Days to keep logs.'),
    retain_table: z.boolean().default(true).describe('Keep the table with all history when the stack is destroyed.'),
    table_name: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{3,255}$/, 'must be the name of a table in DynamoDB')
      .optional()
      .describe(
        'A table that is there already, such as the one that a destroyed stack left: used in place of a new one.',
      ),
    reserved_concurrency: z
      .boolean()
      .default(false)
      .describe('Reserve as many runs at a time as each Lambda needs, out of the limit of the account.'),
    dashboard: z.boolean().default(true).describe('Create a CloudWatch dashboard with widgets, $3 a month.'),
    topic_key: z
      .enum(['own', 'none'])
      .default('own')
      .describe('own: encrypt alerts with a dedicated KMS key, $1 a month. none: default encryption of SNS.'),
    api_rate_limit: whole(1, 10_000).default(50).describe('Requests per second that the API accepts.'),
    domain: z
      .strictObject({
        name: z.string().regex(/^[a-z0-9.-]+\.[a-z]{2,}$/, 'must be a domain name'),
        certificate_arn: z.string().regex(/^arn:aws[a-z-]*:acm:/, 'must be the ARN of a certificate in ACM'),
      })
      .optional()
      .describe('Custom domain for the page and the API; point it at the output DomainTarget.'),
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}).describe('Tags on all resources.'),
    runbook_url: z
      .union([z.literal(''), z.url()])
      .default('')
      .describe('URL of your copy of docs/runbook.md: alarms link to its pages.'),
  })
  .prefault({});
export type AwsConfig = z.output<typeof awsSchema>;
