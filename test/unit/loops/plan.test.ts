import { expect, test } from 'vitest';
import { type CollectorSpec, defineCollector } from '../../../src/collectors/collector.ts';
import { planCollector } from '../../../src/loops/plan.ts';
import type { ServerInfo } from '../../../src/postgres/server-info.ts';

const server: ServerInfo = {
  versionNum: 140_005,
  major: 14,
  version: '14.5',
  role: 'primary',
  database: 'postgres',
  user: 'pgmon',
  startedAt: 1,
  extensions: { pg_stat_statements: { version: '1.9', schema: '"My ext"' } },
  pooled: false,
};
const limits = { topRelations: 1, topIndexes: 2, topQueries: 3 };
const file = (version: string) => ({ version, text: `SELECT ${version} FROM @extschema@.x`, file: '' });
const plan = (spec: Partial<CollectorSpec<Record<never, never>>>) =>
  planCollector(
    defineCollector({
      name: 'c',
      loop: 'hot',
      scope: 'instance',
      role: 'any',
      timeoutMs: 1,
      maxRows: 1,
      sql: [file('12'), file('15')],
      columns: {},
      ...spec,
    }),
    server,
    limits,
  );

test('the statement is marked, named by its version and takes its values from the limits', () => {
  expect(plan({ values: ({ topQueries }) => [topQueries] })).toMatchObject({
    statement: { name: 'pgmon_c_12', text: '/* pgmon:c */ SELECT 12 FROM pg_catalog.x', values: [3] },
  });
});

test("an extension's statement goes by its version and schema", () => {
  const sql = [file('1.8'), file('1.10')];
  expect(plan({ sql, sqlBy: 'extension', needs: { extension: { name: 'pg_stat_statements' } } })).toMatchObject({
    statement: { name: 'pgmon_c_1.8', text: '/* pgmon:c */ SELECT 1.8 FROM "My ext".x' },
  });
});

test.each([
  ['a standby only', { role: 'standby' as const }, 'only on a standby', undefined],
  ['a newer major', { needs: { major: 16 } }, 'needs PostgreSQL 16, this is 14', undefined],
  [
    'an extension that is missing',
    { needs: { extension: { name: 'hypopg' } } },
    'needs the extension hypopg in database postgres',
    'CREATE EXTENSION hypopg;',
  ],
  [
    'an extension too old',
    { needs: { extension: { name: 'pg_stat_statements', version: '1.10' } } },
    'needs pg_stat_statements 1.10, version 1.9 is installed',
    'ALTER EXTENSION pg_stat_statements UPDATE;',
  ],
  ['no statement old enough', { sql: [file('15')] }, 'has no statement for PostgreSQL 14', undefined],
])('skipped: %s', (_name, spec, skipped, hint) => {
  expect(plan(spec)).toMatchObject({ skipped, ...(hint ? { hint } : {}) });
});
