import * as z from 'zod';
import { MissingSecret, type SecretRef, secretRef } from '../../config/secret.ts';
import { type Channel, SendError } from '../channel.ts';
import type { Message } from '../message.ts';

type Keys = Readonly<Record<string, z.ZodType>>;

/** Names of what is no channel of the list. */
const RESERVED = ['history', 'topic', 'events', 'slack', 'email'];

/** Keys of the configuration that every channel has. */
export const commonKeys = {
  name: z
    .string()
    .min(1)
    .max(60)
    .refine((name) => !RESERVED.includes(name), { error: `must not be one of ${RESERVED.join(', ')}` })
    .optional()
    .describe('Name in the log. By default, its kind and a short hash of its address.'),
  min_severity: z.enum(['info', 'warning', 'critical']).default('info').describe('Minimum severity to send.'),
  clusters: z.array(z.string().min(1)).optional().describe('Only alerts of these targets; all by default.'),
};

/** What every channel's configuration has, once it is checked. */
export type CommonConfig = z.output<z.ZodObject<typeof commonKeys>>;

/** A key that may hold its text, or say where it is: `{ env }` or `{ secretArn }`. */
type OrRef<T extends z.ZodType> =
  T extends z.ZodOptional<infer U extends z.ZodType>
    ? z.ZodOptional<z.ZodUnion<[U, typeof secretRef]>>
    : z.ZodUnion<[T, typeof secretRef]>;

type SchemaOf<K extends string, P extends Keys, S extends Keys> = z.ZodObject<
  { type: z.ZodLiteral<K> } & { [Key in keyof S]: OrRef<S[Key]> } & P & typeof commonKeys,
  z.core.$strict
>;

/** What `send` gets: keys as they are configured, secrets as their texts. */
type Settings<P extends Keys, S extends Keys> = { readonly [Key in keyof P]: z.output<P[Key]> } & {
  readonly [Key in keyof S]: z.output<S[Key]>;
};

/** Where a deployment is. */
export interface AwsPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** What a Lambda must be allowed to do for a channel. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resource: string;
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A kind of channel: everything about it, in one file. */
export interface ChannelSpec<K extends string, P extends Keys, S extends Keys, C> {
  /** `type` in the configuration. */
  readonly kind: K;
  /** Who gets the messages, for the reference. */
  readonly help: string;
  /** Keys that are no secret. */
  readonly schema: P;
  /** Keys that are: their text, `{ env }` or `{ secretArn }`, read again for each message. Never shown. */
  readonly secrets: S;
  /** For the reference; a test sends by it. */
  readonly example: object;
  /** Who gets the messages: a channel without a name is called after it, so it must not change between versions. */
  readonly address: (config: z.output<SchemaOf<K, P, S>>) => unknown;
  /**
   * For a service of AWS: what the Lambdas of the loops must be allowed to do, which then send to it themselves. Without
   * it the notifier sends, which is outside of any VPC.
   */
  readonly grants?: (config: z.output<SchemaOf<K, P, S>>, place: AwsPlace) => readonly Grant[];
  /** What is made with the first message and kept, such as a client that takes tens of megabytes: import it in here. */
  readonly client?: () => Promise<C>;
  /**
   * Sends one message. The receiver must be able to tell one that comes twice, by `transition.id`.
   *
   * @returns what the receiver answered; whatever it throws means that the receiver did not take the message
   */
  readonly send: (message: Message, settings: Settings<P, S>, client: C) => Promise<string>;
}

/** Where secrets of channels are that are not in the file. */
export interface SecretPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a secret of Secrets Manager; asked for at each message, so that a rotated one is picked up. */
  readonly secret: (arn: string) => Promise<string>;
}

/** A kind of channel whose keys are no longer known by type: what the list holds. */
export interface ChannelKind {
  readonly kind: string;
  readonly help: string;
  readonly secretKeys: readonly string[];
  readonly example: object;
  readonly isOutside: boolean;
  address(config: CommonConfig): unknown;
  grants(config: CommonConfig, place: AwsPlace): readonly Grant[];
  /** @throws MissingSecret where the environment lacks one */
  open(name: string, config: CommonConfig, places: SecretPlaces): Channel;
}

/** A kind of channel. Configuration, secrets, reference, grants and the test command follow from it. */
export function defineChannel<K extends string, P extends Keys, S extends Keys, C = undefined>(
  spec: ChannelSpec<K, P, S, C>,
) {
  const secretKeys = Object.keys(spec.secrets);
  const refs = Object.fromEntries(Object.entries(spec.secrets).map(([key, schema]) => [key, orRef(schema)]));
  const shape = { type: z.literal(spec.kind), ...refs, ...spec.schema, ...commonKeys };
  type Config = z.output<SchemaOf<K, P, S>>;
  return {
    kind: spec.kind,
    help: spec.help,
    example: { type: spec.kind, ...spec.example },
    secretKeys,
    // Object.fromEntries forgets which key goes with which schema; SchemaOf says it again.
    schema: z.strictObject(shape) as unknown as SchemaOf<K, P, S>,
    isOutside: spec.grants === undefined,
    address: (config: Config) => spec.address(config),
    grants: (config: Config, place: AwsPlace) => spec.grants?.(config, place) ?? [],
    open: (name: string, config: Config & CommonConfig, places: SecretPlaces): Channel => {
      const texts = Object.entries(config)
        .filter(([key, value]) => secretKeys.includes(key) && value !== undefined)
        .map(([key, value]) => [key, textOf(value as string | SecretRef, name, places)] as const);
      let client: Promise<C> | undefined;
      return {
        name,
        minSeverity: config.min_severity,
        clusters: config.clusters,
        send: async (message) => {
          try {
            const read = await Promise.all(texts.map(async ([key, text]) => [key, await text()] as const));
            client ??= spec.client?.();
            // Every secret is a text by now.
            const settings = { ...config, ...Object.fromEntries(read) } as unknown as Settings<P, S>;
            return await spec.send(message, settings, (await client) as C);
          } catch (error) {
            throw sendError(error);
          }
        },
      };
    },
  };
}

function orRef(schema: z.ZodType): z.ZodType {
  const described = schema.description ?? '';
  if (schema instanceof z.ZodOptional)
    return z
      .union([schema.unwrap() as z.ZodType, secretRef])
      .optional()
      .describe(described);
  return z.union([schema, secretRef]).describe(described);
}

/** The text of a secret of a channel, wherever it is. @throws MissingSecret where the environment lacks it */
export function textOf(value: string | SecretRef, name: string, { env, secret }: SecretPlaces): () => Promise<string> {
  if (typeof value === 'string') return async () => value;
  if ('secretArn' in value) return async () => (await secret(value.secretArn)).trim();
  const text = env[value.env];
  if (!text) throw new MissingSecret(`notifiers.channels, ${name}: the environment variable ${value.env} is not set`);
  return async () => text;
}

/** Errors of AWS say by their name what happened; that of others is "Error". */
function sendError(error: unknown): SendError {
  if (error instanceof SendError) return error;
  if (!(error instanceof Error)) return new SendError('failed');
  return new SendError(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`);
}
