import { readFileSync } from 'node:fs';
import { type Config, configSchema } from '../config/schema.ts';

/** Name of the file beside the bundle that holds the configuration as it was deployed. */
export const CONFIG_FILE = 'config.json';

/** The configuration that travels beside the bundle, checked again: what was deployed is what runs. */
export function bundledConfig(): Config {
  return configSchema.parse(JSON.parse(readFileSync(new URL(`./${CONFIG_FILE}`, import.meta.url), 'utf8')));
}
