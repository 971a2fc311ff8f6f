import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

const PGMON = new URL('../../../bin/pgmon.mjs', import.meta.url).pathname;

/** Writes the packages that a process imports to stderr when it exits. */
const SPY = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url)?.[1];
      if (name) packages.add(name);
      return found;
    },
  });
  process.on('exit', () => process.stderr.write(JSON.stringify([...packages])));
`)}`;

test.each([
  ['--help', /Usage: pgmon[\s\S]+serve/],
  ['--version', new RegExp(`^${manifest.version}\n$`)],
])('%s loads the command line and the tables, and no driver, schema or SDK', async (option, says) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', SPY, PGMON, option]);
  expect(stdout).toMatch(says);
  const packages: string[] = JSON.parse(stderr);
  expect(packages).toContain('commander');
  expect(
    packages.filter((name) => ['pg', 'zod', 'hono', 'pino', 'yaml'].includes(name) || name.startsWith('@')),
  ).toEqual([]);
});

test('a start behind the first one reads no TypeScript: what Node does that with takes 17 MB', async () => {
  const says = `data:text/javascript,${encodeURIComponent(
    "process.on('exit', () => process.stderr.write(JSON.stringify(process.moduleLoadList.filter((name) => /amaro/.test(name)))));",
  )}`;
  const start = async () =>
    JSON.parse((await promisify(execFile)(process.execPath, ['--import', says, PGMON, '--version'])).stderr);
  await start();
  expect(await start()).toEqual([]);
});
