import * as z from 'zod';

/** The environment of a loop's Lambda, shared by the construct that sets it and the handler that reads it. */
export const loopEnvironment = z.object({
  PGMON_TABLE: z.string().min(1),
  PGMON_TOPIC_ARN: z.string().startsWith('arn:'),
  /** Whose targets are those of the configuration beside it. */
  PGMON_SHARD: z.string().min(1),
});
export type LoopEnvironment = z.output<typeof loopEnvironment>;

/** Of the API's and the widgets' Lambda. */
export const readerEnvironment = z.object({ PGMON_TABLE: z.string().min(1) });
export type ReaderEnvironment = z.output<typeof readerEnvironment>;

/** Of the API's: ARNs of the signing secrets of Slack apps, separated by commas. */
export const apiEnvironment = readerEnvironment.extend({ PGMON_SLACK_SECRETS: z.string().optional() });
export type ApiEnvironment = z.output<typeof apiEnvironment>;

/** Of the authorizer. */
export const authorizerEnvironment = z.object({ PGMON_TOKENS_ARN: z.string().startsWith('arn:').optional() });
export type AuthorizerEnvironment = z.output<typeof authorizerEnvironment>;

/** Of the notifier. */
export const notifierEnvironment = z.object({ PGMON_TABLE: z.string().min(1) });
export type NotifierEnvironment = z.output<typeof notifierEnvironment>;
