import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle, LAMBDAS, type LambdaName } from './bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds the page and every Lambda below a folder. @returns the folder of each */
export async function build(input: unknown, into: string): Promise<(name: LambdaName) => string> {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const folders = new Map(
    await Promise.all(LAMBDAS.map(async (name) => [name, await bundle(name, input, into)] as const)),
  );
  return (name) => folders.get(name) ?? '';
}
