import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import { bundle } from '../../lib/bundle.ts';
import type { LambdaName } from '../../lib/lambdas.ts';

// Outside of the repository: a bundle has to find all that it needs in itself.
const folder = mkdtempSync(join(tmpdir(), 'pgmon-bundles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A Lambda as it is deployed: built, then imported from the built file under Node 24. */
export async function builtLambda<H>(
  name: LambdaName,
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>>,
): Promise<H> {
  const into = join(folder, String(count++));
  const built = await bundle(name, config, into);
  Object.assign(process.env, env);
  const module: { handler: H } = await import(/* @vite-ignore */ pathToFileURL(join(built, 'index.mjs')).href);
  return module.handler;
}
