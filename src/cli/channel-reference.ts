import * as z from 'zod';
import { channelKinds } from '../notify/channels/index.ts';

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

const COMMON = ['type', 'name', 'min_severity', 'clusters'];

/** Every kind of channel with its keys and an example. */
export function channelReference(): string {
  return [
    '# Channels',
    '',
    'Written by `npm run generate` from `src/notify/channels/`. A channel is an entry of `notifiers.channels`;',
    '`pgmon alerts test` sends a marked test through each and prints what it answered.',
    '',
    'All have `min_severity` (info, warning, critical: nothing below it is sent there), `clusters` (only alerts of these targets)',
    'and `name`. A channel without a `name` is called after its kind and a hash of its address, so the order of the list does not',
    'matter; give it a `name` where the address changes and what waits for it is still to be sent.',
    '',
    'A **secret** is its text, `{ env: "NAME" }` in the local form, or `{ secretArn: "arn:aws:secretsmanager:…" }`, which is the',
    'only form that a deployment takes. It is read again for each message, so a rotated one is picked up.',
    '',
    ...channelKinds.flatMap(({ kind, help, schema, secretKeys, example, isOutside }) => {
      const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      const keys = Object.entries(properties as Record<string, Property>).filter(([key]) => !COMMON.includes(key));
      return [
        `## ${kind}`,
        '',
        `${help} ${isOutside ? 'In a deployment the notifier sends.' : 'In a deployment the loops send, with a grant for it.'}`,
        '',
        '```yaml',
        `- ${inline(example)}`,
        '```',
        '',
        '| key | default | meaning |',
        '| --- | --- | --- |',
        ...keys.map(
          ([key, property]) =>
            `| \`${key}\` | ${property.default ?? '–'} | ${secretKeys.includes(key) ? '**Secret.** ' : ''}${meaning(property)} |`,
        ),
        '',
      ];
    }),
  ].join('\n');
}

function meaning({ description, enum: choices }: Property): string {
  return description ?? choices?.join(', ') ?? '';
}

/** A value as YAML on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${inline(inner)}`);
    return `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' && /[^\w.@-]/.test(value) ? JSON.stringify(value) : String(value);
}
