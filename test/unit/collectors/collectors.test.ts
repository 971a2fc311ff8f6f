import { describe, expect, test } from 'vitest';
import { catalogOf } from '../../../src/collectors/catalog.ts';
import { defineCollector } from '../../../src/collectors/collector.ts';
import { counter, gauge, label, resetAt, rowSchema } from '../../../src/collectors/columns.ts';
import { collectors } from '../../../src/collectors/index.ts';
import { columnSamples, sharedReason } from '../../../src/collectors/samples.ts';
import { compareVersions, sqlFor, versionsOf } from '../../../src/collectors/sql.ts';

const file = (version: string) => ({ version, text: `-- ${version}`, file: `${version}.sql` });
const define = (name: string, help: string) =>
  defineCollector({
    name,
    loop: 'hot',
    scope: 'instance',
    role: 'any',
    timeoutMs: 1,
    maxRows: 10,
    sql: [file('12')],
    columns: {
      db: label(),
      size: gauge('x_bytes', 'Bytes', help),
      reads: counter('x_reads_total', 'Count', 'Reads.'),
      since: resetAt(),
    },
  });

describe('statements', () => {
  test.each([
    ['12', '12'],
    ['13', '12'],
    ['14', '14'],
    ['18', '17'],
    ['11', undefined],
  ])('for %s', (version, chosen) => {
    expect(sqlFor([file('12'), file('14'), file('17')], version)?.version).toBe(chosen);
  });

  test('versions are ordered by number', () => {
    expect(['1.10', '1.9', '1.8'].toSorted(compareVersions)).toEqual(['1.8', '1.9', '1.10']);
    expect(compareVersions('14', '14.0')).toBe(0);
  });

  test('of one file: a version for each that its lines name, marks taken out, what is not marked in all', () => {
    const source = ['SELECT a,', '       NULL AS b --@ <14', '       b --@ >=14', '  FROM c', ' WHERE d --@ >=13 <15'];
    expect(versionsOf('12', source.join('\n'))).toEqual([
      { version: '12', text: 'SELECT a,\n       NULL AS b\n  FROM c' },
      { version: '14', text: 'SELECT a,\n       b\n  FROM c\n WHERE d' },
      { version: '13', text: 'SELECT a,\n       NULL AS b\n  FROM c\n WHERE d' },
      { version: '15', text: 'SELECT a,\n       b\n  FROM c' },
    ]);
    expect(versionsOf('1.7', '-- as it is')).toEqual([{ version: '1.7', text: '-- as it is' }]);
  });

  test.each(collectors.flatMap(({ name, sql }) => sql.map((entry) => [name, entry] as const)))(
    '%s: a statement that is sent has no mark of a version left in it',
    (_name, { text }) => expect(text).not.toContain('--@'),
  );

  test.each(collectors.flatMap(({ name, sql }) => sql.map((entry) => [name, entry] as const)))(
    '%s is qualified and limited where it lists',
    (_name, { text }) => {
      expect(text.replace(/--.*/g, '')).not.toMatch(/\bFROM\s+pg_(?!catalog\.)\w+/i);
      expect(text.startsWith('--')).toBe(true);
    },
  );
});

describe('samples', () => {
  test('[A7] NULL gives none, of two with one key the first stays and both are counted, the reset goes along', () => {
    const rows = [
      { db: 'a', size: 1, reads: 5, since: 100 },
      { db: 'a', size: 2, reads: 6, since: 100 },
      { db: 'b', size: null, reads: null, since: null },
    ];
    expect(columnSamples(define('one', 'Size.').columns, rows)).toEqual({
      gauges: [{ metric: 'x_bytes', labels: { db: 'a' }, value: 1 }],
      counters: [{ metric: 'x_reads_total', labels: { db: 'a' }, value: 5, epoch: 100 }],
      shared: new Map([
        ['x_bytes{db="a"}', 2],
        ['x_reads_total{db="a"}', 2],
      ]),
    });
    expect(sharedReason(columnSamples(define('one', 'Size.').columns, rows).shared)).toBe(
      '2 rows share the series x_bytes{db="a"}: only the first counts, and likewise for 1 more series',
    );
    expect(sharedReason(new Map())).toBeUndefined();
  });

  test('[B4] a value that is not finite is no sample', () => {
    const rows = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((size, i) => ({
      db: `${i}`,
      size,
      reads: size,
      since: null,
    }));
    expect(columnSamples(define('one', 'Size.').columns, rows)).toEqual({
      gauges: [],
      counters: [],
      shared: new Map(),
    });
  });

  test('[A7] tables that differ in a line break alone are two series', () => {
    const rows = ['line\nbreak', 'line break'].map((db) => ({ db, size: 1, reads: null, since: null }));
    const { gauges, shared } = columnSamples(define('one', 'Size.').columns, rows);
    expect(gauges.map(({ labels }) => labels['db'])).toEqual(['line\nbreak', 'line break']);
    expect(shared.size).toBe(0);
  });

  test('a row with a column too many, a wrong type or a NaN is refused', () => {
    const row = rowSchema(define('one', 'Size.').columns);
    const good = { db: 'a', size: 1, reads: 5, since: null };
    expect(row.safeParse(good).success).toBe(true);
    for (const bad of [
      { ...good, more: 1 },
      { ...good, size: '1' },
      { ...good, size: Number.NaN },
      { ...good, db: null },
    ]) {
      expect(row.safeParse(bad).success).toBe(false);
    }
  });
});

describe('catalog', () => {
  test('two declarations of one metric must say the same', () => {
    expect(() => catalogOf([define('one', 'Size.'), define('two', 'Something else.')])).toThrow(
      'x_bytes is declared by one and, differently, by two',
    );
    expect(catalogOf([define('one', 'Size.'), define('two', 'Size.')]).get('x_bytes')?.collector).toBe('one');
  });

  test("counters end in _total, and of the others only the specification's own", () => {
    for (const { name, type } of catalogOf(collectors).values()) {
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter' || type === 'untyped']);
    }
  });

  /** Section 5 of the specification, each name with the labels that it asks for beside cluster. */
  test.each([
    ['pg_connections', 'db'],
    ['pg_max_connections', ''],
    ['pg_tps', 'db'],
    ['pg_qps', 'db'],
    ['pg_query_latency_seconds_mean', 'db'],
    ['pg_query_latency_seconds_p95', 'db'],
    ['pg_stmt_calls_total', 'db queryid'],
    ['pg_stmt_time_seconds_total', 'db queryid'],
    ['pg_stmt_shared_blks_read_total', 'db queryid'],
    ['pg_blocked_sessions_total', ''],
    ['pg_longest_blocked_seconds', ''],
    ['pg_autovacuum_jobs', 'phase'],
    ['pg_table_last_autovacuum_seconds', 'db relation'],
    ['pg_table_last_autoanalyze_seconds', 'db relation'],
    ['pg_table_dead_tuples', 'db relation'],
    ['pg_table_pct_dead', 'db relation'],
    ['pg_relation_size_bytes', 'db relation relkind'],
    ['pg_index_size_bytes', 'db index'],
    ['pg_index_scans_total', 'db index'],
    ['pg_wal_bytes_written_total', ''],
    ['pg_checkpoints_timed_total', ''],
    ['pg_checkpoints_requested_total', ''],
    ['pg_temp_bytes_total', 'db'],
    ['pg_replication_lag_seconds', 'replica'],
    ['pg_replication_lag_bytes', 'replica'],
    ['pg_wraparound_tx_age', 'db'],
    ['pgmon_scrape_duration_seconds', 'loop'],
    ['pgmon_last_scrape_success', 'loop'],
    ['pgmon_errors_total', 'loop'],
  ])('%s of the specification has the labels %s', (name, labels) => {
    expect(catalogOf(collectors).get(name)?.labels).toEqual(
      expect.arrayContaining(labels.split(' ').filter((label) => label)),
    );
  });

  test('no label can hold a raw statement, a user or a pid', () => {
    const labels = new Set([...catalogOf(collectors).values()].flatMap((metric) => metric.labels));
    for (const forbidden of ['query', 'user', 'user_name', 'usename', 'pid']) expect(labels).not.toContain(forbidden);
  });

  test('one database outside costs about 25 metrics at most, seven are essential, all of the hot loop', () => {
    const published = [...catalogOf(collectors).values()].filter(({ cloudwatch }) => cloudwatch);
    const essential = published.filter(({ cloudwatch }) => cloudwatch?.essential);
    expect(published.length).toBeLessThanOrEqual(25);
    // One of another loop would be a call a minute more for each shard, which costs as much as a metric and a half.
    expect([essential.length, ...new Set(essential.map(({ loop }) => loop))]).toEqual([7, 'hot']);
  });
});
