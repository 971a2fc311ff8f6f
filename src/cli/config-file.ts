import { existsSync, readFileSync } from 'node:fs';
import { ConfigError, parseConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
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
      throw new CommandFailure(EXIT.usage, `${file} cannot be read: name a configuration file with --config`);
    }
  }
  try {
    return parseConfig(yaml, file ?? 'the configuration', process.env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(EXIT.usage, error.message);
    throw error;
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
