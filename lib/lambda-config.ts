import { isRecord } from '../src/config/environment.ts';
import { isOutside } from '../src/config/notifiers.ts';
import type { Deployment } from './deployment.ts';
import type { LambdaName } from './lambdas.ts';

/** What of the configuration lies beside a Lambda's code, as it was written: what the Lambda needs, and no more. */
export interface LambdaConfig {
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of all targets of the deployment, for the Lambdas that need to know them; none has their addresses, too. */
  readonly clusters?: readonly string[];
}

/**
 * A Lambda's part of the configuration. The loops know their own targets and the channels that they send to, the
 * notifier its channels and nothing of any target, API and widgets the names of targets, the authorizer who may read.
 *
 * @param served names of the targets that a loop serves; all of them without a word
 * @param knowsAll whether a loop knows the names of the other targets, too: one of them ends the alerts of removed ones
 */
export function configFor(
  name: LambdaName,
  { config, input }: Deployment,
  served: readonly string[] = config.targets.map(({ cluster }) => cluster),
  knowsAll = name === 'hot',
): LambdaConfig {
  const http = record(input['http']);
  const clusters = config.targets.map(({ cluster }) => cluster);
  switch (name) {
    case 'authorizer':
      return { config: { http: pick(http, ['tokens', 'oidc']) } };
    case 'api':
    case 'widget':
      return {
        config: { ...pick(input, ['sample_intervals', 'alerts', 'canary']), http: pick(http, ['cors_origins']) },
        clusters,
      };
    case 'notifier':
      return { config: { notifiers: notifiersOf(config, input, true) } };
    default:
      return {
        config: {
          ...pick(input, ['sample_intervals', 'limits', 'alerts', 'security', 'timeouts', 'canary', 'cloudwatch']),
          notifiers: notifiersOf(config, input, false),
          targets: targetsIn(input).filter((_, i) => served.includes(clusters[i] ?? '')),
        },
        ...(knowsAll ? { clusters } : {}),
      };
  }
}

type Input = Deployment['input'];

function notifiersOf({ notifiers }: Deployment['config'], input: Input, outside: boolean): object {
  const written = record(input['notifiers']);
  const channels = list(written['channels']).filter((_, i) =>
    notifiers.channels.slice(i, i + 1).some((channel) => isOutside(channel) === outside),
  );
  return { ...pick(written, ['page_url', ...(outside ? [] : ['show_queries', 'show_users'])]), channels };
}

/** The targets in the order of the checked configuration, which puts the short form for one first. */
function targetsIn({ cluster = 'default', dsn, targets }: Input): unknown[] {
  return [...(dsn ? [{ cluster, dsn }] : []), ...list(targets)];
}

function pick(from: Input, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (key in from ? [[key, from[key]]] : [])));
}

function record(value: unknown): Input {
  return isRecord(value) ? value : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
