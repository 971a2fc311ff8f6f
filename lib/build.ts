import { bundle, LAMBDAS, type LambdaName } from './bundle.ts';
import { buildPage } from './page.ts';

/** Builds the page and every Lambda below a folder. @returns the folder of each */
export async function build(input: unknown, into: string): Promise<(name: LambdaName) => string> {
  buildPage();
  const folders = new Map(
    await Promise.all(LAMBDAS.map(async (name) => [name, await bundle(name, input, into)] as const)),
  );
  return (name) => folders.get(name) ?? '';
}
