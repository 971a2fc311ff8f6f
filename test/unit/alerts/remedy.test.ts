import { describe, expect, test } from 'vitest';
import { connectionError, filled } from '../../../src/alerts/message-text.ts';
import { offenderOf, type Scene } from '../../../src/alerts/offender.ts';
import { remedyOf } from '../../../src/alerts/remedy.ts';
import type { SessionRow } from '../../../src/collectors/activity/session-row.ts';
import { labelValue } from '../../../src/metrics/sample.ts';
import { withPlace } from '../../../src/postgres/connect-problem.ts';
import { problemOf } from '../../../src/postgres/problem.ts';
import { sessionRow } from '../../support/session-row.ts';
import { ruleOf } from './support.ts';

const row = (more: Partial<SessionRow>) =>
  sessionRow({
    db: 'shop',
    state: 'idle in transaction',
    pid: 7,
    user_name: 'app',
    query: null,
    xact_age_seconds: 90,
    state_age_seconds: 60,
    ...more,
  });
const waiter = (pid: number, by: readonly number[], more: Partial<SessionRow> = {}) =>
  row({ pid, state: 'active', wait_event_type: 'Lock', lock_type: 'transactionid', blocked_by: by, ...more });
const sceneOf = (sessions: readonly SessionRow[], holders: Scene['holders'] = []): Scene => ({
  sessions,
  holders,
  showQueries: false,
  showUsers: false,
});

describe('what ends the root of a lock tree', () => {
  test.each<[string, SessionRow[], string, RegExp]>([
    [
      'idle in its transaction',
      [row({}), waiter(8, [7])],
      'SELECT pg_terminate_backend(7);',
      /^frees 1 session, rolls back 90 s of work$/,
    ],
    [
      'a running statement',
      [row({ state: 'active' }), waiter(8, [7]), waiter(9, [8])],
      'SELECT pg_cancel_backend(7);',
      /^frees 2 sessions/,
    ],
    ['not read by name', [waiter(8, [7])], 'SELECT pg_terminate_backend(7);', /^frees 1 session$/],
    [
      'one of two that is waited for',
      [row({}), row({ pid: 99, xact_age_seconds: 5 }), waiter(8, [7, 99])],
      'SELECT pg_terminate_backend(7);',
      /^frees nobody alone: who waits for it waits for others, too/,
    ],
    [
      'a prepared transaction',
      [row({ kind: 'prepared', pid: null, gid: "o'neil", state: 'prepared' }), waiter(8, [0])],
      "ROLLBACK PREPARED 'o''neil';",
      /^frees 1 session, rolls back what it prepared$/,
    ],
  ])('%s', (_, sessions, sql, effect) => {
    expect(offenderOf('blocker', {}, sceneOf(sessions))?.ends).toMatchObject({
      sql,
      effect: expect.stringMatching(effect),
    });
  });

  test('a prepared transaction is ended in its database', () => {
    const prepared = row({ kind: 'prepared', pid: null, gid: 'g', db: 'pay', state: 'prepared' });
    expect(offenderOf('blocker', {}, sceneOf([prepared, waiter(8, [0])]))?.ends?.db).toBe('pay');
  });

  test('of row locks the table is that of the tuple that the next one waits for, and no other', () => {
    const next = waiter(9, [8], { lock_type: 'tuple', lock_relation: 'accounts' });
    const named = offenderOf('blocker', {}, sceneOf([row({}), waiter(8, [7]), next]));
    expect(named).toMatchObject({ relation: 'accounts', blocked: 2, seconds: 60, transaction_seconds: 90 });
    // What waits further below may wait for another table.
    const further = waiter(10, [9], { lock_type: 'tuple', lock_relation: 'others' });
    const chain = [row({}), waiter(8, [7]), waiter(9, [8]), further];
    expect(offenderOf('blocker', {}, sceneOf(chain))?.relation).toBeUndefined();
  });
});

test.each([
  ['slot', "it's", { sql: "SELECT pg_drop_replication_slot('it''s');" }],
  ['prepared transaction', 'g', { sql: "ROLLBACK PREPARED 'g';", db: 'shop' }],
  ['backend', '42', { sql: 'SELECT pg_terminate_backend(42);' }],
  ['standby', 'b', undefined],
])('what ends a %s that holds the xmin horizon', (holder, name, ends) => {
  const scene = sceneOf([], [{ holder, name, held_in: 'shop', detail: 'x' }]);
  const found = offenderOf('xmin holder', { holder }, scene)?.ends;
  if (ends) expect(found).toMatchObject(ends);
  else expect(found).toBeUndefined();
});

describe('the statement of a rule', () => {
  const of = (rule: string, labels: Record<string, string>) => remedyOf(ruleOf(rule), labels, { value: 3 });

  test('has the names as they are quoted, and its database', () => {
    expect(of('dead_tuples', { db: 'shop', relation: 'public."Odd "" table"' })).toMatchObject({
      sql: 'VACUUM public."Odd "" table";',
      db: 'shop',
    });
    expect(of('slot_retains_wal', { slot: "a'b\\c" })?.sql).toBe("SELECT pg_drop_replication_slot(E'a''b\\\\c');");
  });

  test.each([
    ['that was cut', labelValue(`public.${'x'.repeat(300)}`)],
    ['with a line break', 'public."a\nb"'],
    ['that is missing', ''],
  ])('is none for a name %s', (_, relation) => {
    expect(of('dead_tuples', { db: 'shop', relation })).toBeUndefined();
  });
});

describe('words', () => {
  const rule = { unit: 'Count' } as const;
  test.each([
    [1, '1 index'],
    [2, '2 indexes'],
    [0, '0 indexes'],
    [1_500_000, '1.5 million indexes'],
  ])('%d', (value, text) => {
    expect(filled('{{value:index/indexes}}', rule, {}, { value })).toBe(text);
  });

  test('a label that looks like a brace is text', () => {
    expect(filled('{{relation}} {{value}}', rule, { relation: '{{value}}' }, { value: 5 })).toBe('{{value}} 5');
  });

  const endpoint = { host: 'db', port: 5432, database: 'my: db', tls: 'disable' } as const;
  test.each<[unknown, string]>([
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED db:5432'],
    [Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'ENOTFOUND db:5432'],
    [new Error('timeout expired'), 'no answer in time, db:5432'],
  ])('the error of a connection, as it was composed: %s', (error, text) => {
    const problem = withPlace(problemOf(error, true), { ...endpoint, database: 'shop' }, { user: 'pgmon' });
    expect(connectionError(problem.message)).toBe(text);
  });

  test('what is no error of a connection stays as it is', () => {
    expect(connectionError('something else')).toBe('something else');
  });
});
