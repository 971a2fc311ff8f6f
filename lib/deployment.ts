import { existsSync, readFileSync } from 'node:fs';
import { effectiveRules } from '../src/alerts/effective.ts';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectorsOf } from '../src/collectors/index.ts';
import { deploymentProblems } from '../src/config/deployment.ts';
import { ConfigError, checkedConfig, configInput } from '../src/config/load.ts';
import type { Config } from '../src/config/schema.ts';
import { caText } from '../src/postgres/ca.ts';

export interface Deployment {
  readonly config: Config;
  /** The same as it was written, for the bundles: they check it again. */
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Reads the configuration of a deployment, overrides of the environment included.
 *
 * @throws ConfigError with everything that stands in the way, before anything is made
 */
export function readDeployment(file: string, env: Readonly<Record<string, string | undefined>>): Deployment {
  if (!existsSync(file))
    throw new ConfigError(file, ['does not exist: cp pgmon.example.yaml pgmon.yaml, and add your servers']);
  const input = withCaTexts(configInput(readFileSync(file, 'utf8'), file, env), file);
  const config = checkedConfig(input, file, env);
  const { faults } = effectiveRules(config.alerts, catalogOf(collectorsOf(config)));
  const problems = [
    ...deploymentProblems(config),
    ...faults.map(({ rule, reason }) => `alert rule ${rule}: ${reason}`),
  ];
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { config, input };
}

/** Files of certificate authorities are of this machine: their text travels along. */
function withCaTexts(input: Record<string, unknown>, source: string): Record<string, unknown> {
  const { targets } = input;
  if (!Array.isArray(targets)) return input;
  return {
    ...input,
    targets: targets.map((target: unknown, i) => withCaText(target, `${source}: targets[${i}].tls.ca`)),
  };
}

function withCaText(target: unknown, place: string): unknown {
  if (typeof target !== 'object' || target === null || !('tls' in target)) return target;
  const { tls } = target;
  if (typeof tls !== 'object' || tls === null || !('ca' in tls) || typeof tls.ca !== 'string') return target;
  try {
    return { ...target, tls: { ...tls, ca: caText(tls.ca) } };
  } catch (error) {
    throw new ConfigError(place, [error instanceof Error ? error.message : String(error)]);
  }
}
