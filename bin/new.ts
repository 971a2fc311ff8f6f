import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { catalogRules } from '../src/alerts/rules/index.ts';
import { LOOPS } from '../src/config/loop.ts';
import { type Files, newChannel, newCollector, newRule, RULE_TOPICS } from './scaffold.ts';

// `npm run new`: files of a new part, with a test that fails until they are filled in.
const read = (path: string) => readFileSync(path, 'utf8');

function write(files: Files, changed: readonly string[], test: string): void {
  for (const path of Object.keys(files))
    if (existsSync(path) && !changed.includes(path)) throw new Error(`${path} is there already`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const code = Object.keys(files).filter((path) => path.endsWith('.ts'));
  execFileSync('npx', ['biome', 'check', '--write', ...code], { stdio: ['ignore', 'ignore', 'inherit'] });
  const lines = Object.keys(files).map((path) => `  ${changed.includes(path) ? 'changed' : 'made   '} ${path}`);
  process.stdout.write(
    `${lines.join('\n')}\n\nFill in what says FILL IN, until these pass:\n  npx vitest run --project unit test/unit/cli/scaffold.test.ts\n  ${test}\nThen: npm run generate && npm run format && npm run check && npm run test:unit\n`,
  );
}

const name = (what: string) =>
  new Argument('<name>', what).argParser((text: string) => {
    if (/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text)) return text;
    throw new Error(`${text} is no name: small letters, digits and underscores, such as lock_waits`);
  });

const program = new Command('npm run new --').description('The files of a new part.');
program
  .command('collector')
  .addArgument(name('of the collector, snake_case'))
  .addOption(new Option('--loop <loop>').choices(LOOPS).default('storage'))
  .action((collector: string, { loop }: { loop: (typeof LOOPS)[number] }) =>
    write(
      newCollector(collector, loop, read),
      ['src/collectors/index.ts'],
      `npx vitest run --project integration test/integration/collectors/${collector.replaceAll('_', '-')}.test.ts`,
    ),
  );
program
  .command('rule')
  .addArgument(name('id of the rule, snake_case'))
  .addOption(new Option('--in <file>', 'of src/alerts/rules').choices(RULE_TOPICS).default('workload'))
  .action((id: string, { in: topic }: { in: (typeof RULE_TOPICS)[number] }) => {
    if (catalogRules.some((rule) => rule.id === id)) throw new Error(`there is a rule ${id} already`);
    const files = newRule(id, topic, read);
    write(files, Object.keys(files), 'npx vitest run --project unit test/unit/alerts/rules.test.ts');
  });
program
  .command('channel')
  .addArgument(name('type in the configuration'))
  .action((kind: string) =>
    write(newChannel(kind, read), ['src/notify/channels/index.ts'], 'npx vitest run --project unit test/unit/notify'),
  );

try {
  program.parse();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
