import type pg from 'pg';

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
