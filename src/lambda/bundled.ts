import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { type Config, configSchema } from '../config/schema.ts';

/** Names of the files beside the bundle: its Lambda's part of the configuration, and the names of all targets. */
export const CONFIG_FILE = 'config.json';
export const CLUSTERS_FILE = 'clusters.json';

/** The part of the configuration that travels beside the bundle, checked again: what was deployed is what runs. */
export function bundledConfig(): Config {
  return configSchema.parse(JSON.parse(readFileSync(new URL(`./${CONFIG_FILE}`, import.meta.url), 'utf8')));
}

/** Names of all targets of the deployment; undefined for a Lambda that need not know them. */
export function bundledClusters(): readonly string[] | undefined {
  const file = new URL(`./${CLUSTERS_FILE}`, import.meta.url);
  return existsSync(file) ? z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}
