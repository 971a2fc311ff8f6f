import { existsSync, readFileSync } from 'node:fs';
import { effectiveRules } from '../alerts/effective.ts';
import { Secrets } from '../aws/secrets.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { type AlertsConfig, alertsSchema } from '../config/alerts.ts';
import { dsnTls } from '../config/dsn.ts';
import { isRecord } from '../config/environment.ts';
import { isOpenToAll } from '../config/http.ts';
import { ConfigError, checkedConfig, configInput } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { MissingSecret } from '../config/secret.ts';
import { type TargetConfig, targetSchema } from '../config/target.ts';
import type { Channel } from '../notify/channel.ts';
import type { SecretPlaces } from '../notify/channels/define.ts';
import { channelsOf, slackSecrets } from '../notify/channels.ts';
import { caText } from '../postgres/ca.ts';
import { CommandFailure, EXIT } from './exit.ts';

const DEFAULT_FILE = 'pgmon.yaml';

/** Reads `--config`, or `pgmon.yaml` where it lies here, and lays the environment over it. */
export function readConfig(path: string | undefined): Config {
  const file = path ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  let yaml = '';
  if (file) {
    try {
      yaml = readFileSync(file, 'utf8');
    } catch {
      throw new CommandFailure(EXIT.usage, `${file} is unreadable: name a configuration file with --config`);
    }
  }
  try {
    return checked(yaml, file ?? 'the configuration');
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(EXIT.usage, error.message);
    throw error;
  }
}

/** @throws ConfigError with all problems: of the text, of rules that cannot run, and of files that it names */
function checked(yaml: string, source: string): Config {
  const input = configInput(yaml, source, process.env);
  try {
    const config = checkedConfig(input, source, process.env);
    const faults = [...ruleFaults(config.alerts, config.canary), ...certificateFaults(config.targets)];
    if (faults.length > 0) throw new ConfigError(source, faults);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // Of a file with other problems, what is whole is checked all the same.
    const alerts = alertsSchema.safeParse(input['alerts']);
    const targets = Array.isArray(input['targets']) ? input['targets'] : [];
    const whole = targets.flatMap((target) => targetSchema.safeParse(target).data ?? []);
    const more = [...(alerts.success ? ruleFaults(alerts.data, canaryOf(input)) : []), ...certificateFaults(whole)];
    throw new ConfigError(source, [...new Set([...error.problems, ...more])]);
  }
}

/** The configuration, where a command needs at least one target. */
export function readTargets(path: string | undefined): Config {
  const config = readConfig(path);
  if (config.targets.length === 0) {
    throw new CommandFailure(
      EXIT.usage,
      'no target: set PGMON_DSN=postgres://user:password@host/database, or name a file with --config',
    );
  }
  return config;
}

/**
 * Refuses what `serve` would: an address open to others without a login, a channel without its secret.
 *
 * @throws CommandFailure that names it
 */
export function readyToServe(config: Config): readonly Channel[] {
  const channels = readChannels(config);
  if (!isOpenToAll(config.http)) return channels;
  throw new CommandFailure(
    EXIT.usage,
    `http.bind is ${config.http.bind}, open to others without a login: add http.tokens (pgmon token create) or http.oidc, or bind to 127.0.0.1`,
  );
}

/** A rule that cannot run is refused before anything does. */
function ruleFaults(alerts: AlertsConfig, canary: Config['canary']): string[] {
  return effectiveRules(alerts, catalogOf(collectorsOf({ canary }))).faults.map(
    ({ rule, reason }) => `alert rule ${rule}: ${reason}`,
  );
}

/** The canary of a configuration that has other problems: its statement has metrics of its own. */
function canaryOf({ canary }: Readonly<Record<string, unknown>>): Config['canary'] {
  const statement = isRecord(canary) ? canary['statement'] : undefined;
  return typeof statement === 'string' ? { statement } : {};
}

/** An unreadable CA file is a fault of the configuration, not of the server. */
function certificateFaults(targets: readonly TargetConfig[]): string[] {
  return targets.flatMap(({ cluster, dsn, tls }) => {
    const ca = tls?.ca ?? (dsn && dsnTls(dsn).rootCert);
    try {
      if (ca) caText(ca);
      return [];
    } catch (error) {
      return [`${cluster}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** The channels of a configuration. */
export function readChannels(config: Config): readonly Channel[] {
  return withSecrets((places) => channelsOf(config.notifiers, places));
}

/** The signing secrets of Slack apps. @throws CommandFailure where the environment lacks one */
export function readSlackSecrets(config: Config): readonly (() => Promise<string>)[] {
  return withSecrets((places) => slackSecrets(config.notifiers, places));
}

function withSecrets<T>(work: (places: SecretPlaces) => T): T {
  const secrets = new Secrets();
  try {
    return work({ env: process.env, secret: (arn) => secrets.read(arn) });
  } catch (error) {
    if (error instanceof MissingSecret) throw new CommandFailure(EXIT.usage, error.message);
    throw error;
  }
}
