import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { configSchema } from '../src/config/schema.ts';
import { CLUSTERS_FILE, CONFIG_FILE } from '../src/lambda/bundled.ts';
import { configFor, type LambdaConfig } from './lambda-config.ts';
import type { LambdaName } from './lambdas.ts';
import { ensurePage } from './page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

// Some libraries are CommonJS and ask for Node's own modules by require, which an ES module does not have.
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What lies beside a bundle: statements where collectors are named, the page where it is served. */
const BESIDE: Readonly<Record<LambdaName, readonly [from: string, to: string][]>> = {
  hot: [['sql', 'sql']],
  workload: [['sql', 'sql']],
  storage: [['sql', 'sql']],
  hourly: [['sql', 'sql']],
  api: [
    ['sql', 'sql'],
    ['ui/dist', 'page'],
  ],
  authorizer: [],
  notifier: [['sql', 'sql']],
  widget: [['sql', 'sql']],
};

// Messages of faults in forty languages, of which one is used.
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ path }) => ({ path, namespace: 'no-locales' }));
    onLoad({ filter: /.*/, namespace: 'no-locales' }, () => ({ contents: 'export {};' }));
  },
};

/**
 * Builds a Lambda into a folder of its own: minified ES modules with all that it imports, its part of the configuration,
 * and the files that it reads. A loop serves all targets.
 *
 * @param input the configuration as `configSchema` takes it
 * @returns the folder
 */
export async function bundle(
  name: LambdaName,
  input: Readonly<Record<string, unknown>>,
  into: string,
): Promise<string> {
  if (name === 'api') ensurePage();
  const folder = join(into, name);
  await compile(name, folder);
  writeConfig(folder, configFor(name, { config: configSchema.parse(input), input }));
  return folder;
}

/** Lays its part of the configuration beside a Lambda's code. */
export function writeConfig(folder: string, { config, clusters }: LambdaConfig): void {
  writeFileSync(join(folder, CONFIG_FILE), JSON.stringify(config));
  if (clusters) writeFileSync(join(folder, CLUSTERS_FILE), JSON.stringify(clusters));
}

/** Builds the code of a Lambda, with the files that it reads and no configuration. */
export async function compile(name: LambdaName, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'lambdas', name, 'handler.ts')],
    outdir: folder,
    entryNames: 'index',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported when it is needed, such as the clients of channels, lies beside it and costs a start nothing.
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': join(ROOT, 'lib/lambda-credentials.ts') },
    banner: { js: REQUIRE },
    legalComments: 'none',
    plugins: [withoutLocales],
    logLevel: 'warning',
  });
  for (const [from, to] of BESIDE[name]) cpSync(join(ROOT, from), join(folder, to), { recursive: true });
}
