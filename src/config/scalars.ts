import * as z from 'zod';
import { parameterFault, parseDsn } from './dsn.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `15s`, `10m` or `1h`, in milliseconds. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN) : undefined;
}

/** A duration between two bounds, given as text and kept as milliseconds. */
export function duration(least: string, most: string) {
  const [low, high] = [durationMs(least) ?? 0, durationMs(most) ?? 0];
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? `must be a duration with a unit: write ${input}s for ${input} seconds`
          : 'must be a duration such as 15s, 10m or 1h',
    })
    .regex(/^\d+(ms|s|m|h|d)$/, 'must be a duration such as 15s, 10m or 1h')
    .refine((text) => (durationMs(text) ?? -1) >= low && (durationMs(text) ?? -1) <= high, {
      error: `must be between ${least} and ${most}`,
    })
    .transform((text) => durationMs(text) ?? 0);
}

/** A name that labels metrics, table keys and alarm names: no spaces, no separators of those. */
export const clusterName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1 to 63 letters, digits, dots, hyphens or underscores')
  .describe('Name of the server in metrics, alerts and links: the label `cluster`.');

/** A connection string. What it says is never shown: it may hold a password. */
export const dsn = z
  .string()
  .superRefine((text, context) => {
    const fault = dsnFault(text);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  })
  .describe('postgres://user:password@host:port/database. Loopback uses no TLS, any other host verify-full.');

function dsnFault(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return 'must begin with postgres:// or postgresql://';
  try {
    const { host, port } = parseDsn(text);
    if (!host) return 'must name a host';
    if (port && !(Number(port) > 0 && Number(port) < 65_536)) return 'must have a port between 1 and 65535';
    return parameterFault(text);
  } catch {
    return 'is not a URL: a password with special characters must be percent-encoded';
  }
}

/** A check over several keys runs even where one of them is wrong, so that all problems come at once: it meets anything there. */
export const evenIfWrong = {
  when: ({ value }: { readonly value: unknown }) => typeof value === 'object' && value !== null,
} as const;

/** Names that stand more than once. */
export function repeated(names: readonly unknown[]): string[] {
  const texts = names.filter((name) => typeof name === 'string');
  return [...new Set(texts.filter((name, i) => texts.indexOf(name) < i))];
}

/** `host:port` to listen on. */
export const bindAddress = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be host:port, such as 127.0.0.1:8181')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65_536, { error: 'must have a port below 65536' });

export const webUrl = z.url({ protocol: /^https?$/, error: 'must be an https:// URL' });
export const mailUrl = z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' });

export function whole(least: number, most: number) {
  return z.number().int().min(least).max(most);
}
