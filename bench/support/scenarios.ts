import pg from 'pg';
import { crowd, queue } from './crowd.ts';

/** A server in a state that monitors find hard, beside its two databases. */
export interface Scenario {
  readonly name: string;
  /** CPU seconds of the server an hour that pgmon may take; none where the goals are about something else. */
  readonly goal?: number;
  /** The same up to 14, where each statement that reads statistics reads the server's file of them. */
  readonly goalUpTo14?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Databases in all. */
  readonly databases: number;
  build(admin: pg.Client, dsnOf: (database: string) => string): Promise<unknown>;
}

const CROWDED = { max_connections: '260' };

export const scenarios: Readonly<Record<string, Scenario>> = {
  A: { name: 'A quiet', goal: 0.6, databases: 2, build: async () => undefined },
  B: {
    name: 'B 200 sessions, 50 of them in a tree of locks',
    goal: 1.0,
    settings: CROWDED,
    databases: 2,
    build: (_, dsnOf) => crowd(dsnOf('postgres'), 200, 50),
  },
  C: {
    name: 'C 5,000 statements of 3 kB',
    goal: 1.6,
    databases: 2,
    build: (admin) => manyStatements(admin, 5_000),
  },
  D: {
    name: 'D 10,000 tables, 20,000 indexes',
    goal: 4.0,
    goalUpTo14: 7.0,
    databases: 2,
    build: (admin) => manyTables(admin, 10_000),
  },
  databases: {
    name: '50 databases of 200 tables',
    goal: 4.0,
    databases: 50,
    build: (_, dsnOf) => manyDatabases(dsnOf, 49, 200),
  },
  queue: {
    name: 'queue: 500 sessions wait for one row',
    // Each waiter would look for a deadlock once, which in a queue costs the square.
    settings: { max_connections: '560', deadlock_timeout: '600s' },
    databases: 2,
    build: (_, dsnOf) => queue(dsnOf('postgres'), 500),
  },
};

/** So many statements of 3 kB, each another one to the server. */
export async function manyStatements(admin: pg.Client, count: number): Promise<void> {
  const side = Math.ceil(Math.sqrt(count));
  const columns = Array.from({ length: side }, (_, i) => `c${i} int`);
  await admin.query(`CREATE TABLE wide (${columns.join(', ')})`);
  const padding = 'x'.repeat(2_900);
  for (let i = 0; i < count; i++) {
    const [a, b] = [Math.floor(i / side), i % side];
    await admin.query(`SELECT count(c${a}), /* ${padding} */ max(c${b}) FROM wide`);
  }
}

/** So many tables of one row, with two indexes each, all analyzed. */
export async function manyTables(admin: pg.Client, count: number): Promise<void> {
  const batch = 250;
  for (let i = 0; i < count; i += batch) {
    await admin.query(`DO $$ BEGIN
      FOR n IN ${i}..${Math.min(count, i + batch) - 1} LOOP
        EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY, a int, b text)', n);
        EXECUTE format('CREATE INDEX t_%s_a ON t_%s (a)', n, n);
        EXECUTE format('INSERT INTO t_%s VALUES (1, 1, ''one'')', n);
      END LOOP;
    END $$`);
  }
  await admin.query('VACUUM ANALYZE');
}

/** So many databases, each with as many tables: the first is filled, the others are copies of it. */
async function manyDatabases(dsnOf: (database: string) => string, count: number, tables: number): Promise<void> {
  const [first, admin] = [new pg.Client(dsnOf('db1')), new pg.Client(dsnOf('postgres'))];
  await first.connect();
  await manyTables(first, tables);
  await first.end();
  await admin.connect();
  for (let i = 2; i <= count; i++) {
    await admin.query(`DROP DATABASE IF EXISTS db${i}`);
    await admin.query(`CREATE DATABASE db${i} TEMPLATE db1`);
  }
  await admin.end();
}
