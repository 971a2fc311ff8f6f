/** Files of a new part, by path: those that are changed, and those that are made. */
export type Files = Readonly<Record<string, string>>;

/** What is still to be written: `scaffold.test.ts` fails while one is left. */
export const FILL_IN = 'FILL IN';

/** Where a new rule may stand, one file each. */
export const RULE_TOPICS = ['availability', 'sessions', 'workload', 'replication', 'storage'] as const;

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const kebab = (name: string) => name.replaceAll('_', '-');

/** Text with a piece before the first end that comes after a beginning. */
function insert(text: string, after: string, before: string, piece: string): string {
  const from = text.indexOf(after);
  const at = text.indexOf(before, from + after.length);
  if (from === -1 || at === -1) throw new Error(`found no place: ${JSON.stringify(before)} after ${after}`);
  return `${text.slice(0, at)}${piece}${text.slice(at)}`;
}

const LOOPS = ['hot', 'workload', 'storage', 'hourly'] as const;

/** A collector of every database, with one table a row. @param read the text of a file of the repository */
export function newCollector(name: string, loop: (typeof LOOPS)[number], read: (path: string) => string): Files {
  const index = 'src/collectors/index.ts';
  const next = LOOPS[LOOPS.indexOf(loop) + 1];
  const listed = insert(read(index), `  // ${loop}\n`, next ? `  // ${next}\n` : '];', `  ${camel(name)},\n`);
  return {
    [index]: `import { ${camel(name)} } from './${kebab(name)}.ts';\n${listed}`,
    [`sql/${name}/12.sql`]: `-- ${FILL_IN}: what this reads, from which view, and what it leaves out.
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)   AS relation,
       c.relnatts::float8                                                              AS value
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
 ORDER BY value DESC, relation
 LIMIT $1
`,
    [`src/collectors/${kebab(name)}.ts`]: `import { defineCollector } from './collector.ts';
import { gauge, label } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** ${FILL_IN}: what it gives, from which view. */
export const ${camel(name)} = defineCollector({
  name: '${name}',
  loop: '${loop}',
  scope: 'database',
  role: 'any',
  timeoutMs: 500,
  maxRows: 500,
  sql: sqlFiles('${name}'),
  values: ({ topRelations }) => [topRelations],
  columns: {
    relation: label({ detail: true }),
    value: gauge('pg_${name}', 'Count', '${FILL_IN}: what one sample says.'),
  },
});
`,
    [`test/integration/collectors/${kebab(name)}.test.ts`]: `import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ${camel(name)} } from '../../../src/collectors/${kebab(name)}.ts';
import { rowsOf, TestLoop } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: '${loop}', collectors: [${camel(name)}] });
  });
  afterAll(() => loop?.close());

  test('${FILL_IN}: what it shows', async () => {
    await server().sql('CREATE TABLE public.of_three (a int, b int, c int)');
    const snapshot = await loop.snapshot();
    expect(rowsOf(snapshot, '${name}')).toEqual(['${FILL_IN}: what this test made, as the server says it']);
  });
});
`,
  };
}

/** A rule with its runbook page and its world in the tests. */
export function newRule(id: string, topic: (typeof RULE_TOPICS)[number], read: (path: string) => string): Files {
  const rules = `src/alerts/rules/${topic}.ts`;
  const runbook = `src/alerts/runbook/${topic}.ts`;
  const test = 'test/unit/alerts/worlds.ts';
  return {
    [rules]: insert(
      read(rules),
      'readonly Rule[] = [',
      '\n];',
      `
  {
    id: '${id}',
    title: '${FILL_IN}: two or three words',
    expression: 'pg_up',
    comparison: '>',
    thresholds: { warning: 1 },
    forSeconds: 300,
    unit: 'Count',
    message: '${FILL_IN}: what is wrong, with {{value}}',
    headline: '${FILL_IN}: the same in a few words, {{value}}{{for}}',
    action: '${FILL_IN}: what to do first.',
    panel: 'overview',
    enabled: true,
  },`,
    ),
    [runbook]: insert(
      read(runbook),
      ': Runbook = {',
      '\n};',
      `
  ${id}: {
    meaning: '${FILL_IN}: what holds, and what it does to whom.',
    investigate: '${FILL_IN}: where to look, and statements to run.',
    resolve: '${FILL_IN}: what ends it, the gentlest first.',
    quieter: '${FILL_IN}: which key makes it quieter, and when that is right.',
  },`,
    ),
    [test]: insert(
      read(test),
      'export const worlds',
      '\n};',
      `
  ${id}: { world: one('${FILL_IN}: metric and labels, or samples in which the expression has the value'), step: 15 },`,
    ),
  };
}

/** A kind of channel that posts JSON. */
export function newChannel(kind: string, read: (path: string) => string): Files {
  const index = 'src/notify/channels/index.ts';
  const listed = insert(read(index), 'export const channelKinds = [', '] as const', `, ${camel(kind)}`);
  return {
    [index]: `import { ${camel(kind)} } from './${kebab(kind)}.ts';\n${listed}`,
    [`src/notify/channels/${kebab(kind)}.ts`]: `import { webUrl } from '../../config/scalars.ts';
import { postJson } from '../http.ts';
import type { Message } from '../message.ts';
import { defineChannel } from './define.ts';

/** ${FILL_IN}: whose interface this is, with a link to its reference. */
export const ${camel(kind)} = defineChannel({
  kind: '${kebab(kind)}',
  help: '${FILL_IN}: who gets the messages.',
  secrets: { url: webUrl.describe('${FILL_IN}: where to get it.') },
  schema: {},
  example: { url: 'https://${kebab(kind)}.example.com/…' },
  address: ({ url }) => url,
  send: (message, { url }) => postJson(url, JSON.stringify(bodyOf(message))),
});

/** The receiver can tell a message that comes twice by its id. */
function bodyOf({ transition, subject, lines, link }: Message): object {
  return { id: transition.id, subject, lines, link };
}
`,
    [`test/unit/notify/channels/${kebab(kind)}.test.ts`]: `import { expect, test } from 'vitest';
import { sentBy } from '../../../support/channels.ts';

test('${FILL_IN}: what the receiver gets', async () => {
  const [firing] = await sentBy((url) => ({ type: '${kebab(kind)}', url }));
  expect(JSON.parse(firing?.body ?? '')).toEqual('${FILL_IN}: the body as the reference of the receiver has it');
});
`,
  };
}
