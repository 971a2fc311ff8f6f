import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { healthOf } from '../../src/api/health.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Loop } from '../../src/config/loop.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { createLoop } from '../../src/loops/compose.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { AlertStore } from '../../src/store/alerts.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { pgmon } from '../support/command.ts';
import { HttpReceiver, MailReceiver } from '../support/receivers.ts';
import { useServer } from '../support/test-server.ts';

const noSecret = async (): Promise<string> => {
  throw new Error('no secret here');
};

/** Thresholds so low that a test can go beyond them; everything else is as it runs. */
const RULES = {
  blocking_locks: { warning: 0.1, critical: 1_000 },
  long_transaction: { warning: 0.1, critical: 1_000 },
  idle_in_transaction: { warning: 0.1, critical: 1_000 },
  // The tests run one loop at a time.
  loop_late: { enabled: false },
  temp_surge: { warning: 1_000, for: '1m' },
  wal_surge: { warning: 1_000, for: '1m' },
  slot_retains_wal: { warning: 1_000_000 },
  dead_tuples: { for: '0s' },
  wraparound: { warning: 1 },
};

describe('alerts of a real server, at real receivers', () => {
  const server = useServer(18, { wal_level: 'logical' });
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-alerting-'));
  const hook = new HttpReceiver();
  const mail = new MailReceiver();
  let local: Awaited<ReturnType<typeof openLocalTable>>;
  let stores: Stores;
  let yaml = '';
  /** The loops' clock; the server's own continues by itself. */
  let now = Date.parse('2026-03-02T03:00:00Z');
  const loops = new Map<Loop, ReturnType<typeof createLoop>>();

  beforeAll(async () => {
    local = await openLocalTable(folder, () => new Date(now));
    stores = storesIn(local.table);
    const [url, mailUrl] = [await hook.listen(), await mail.listen()];
    yaml = JSON.stringify({
      cluster: 'shop',
      dsn: server().postgres.dsn('pgmon'),
      alerts: { rules: RULES },
      notifiers: {
        page_url: 'https://pgmon.example.com/',
        show_queries: true,
        email_smtp: `${mailUrl}/?from=pgmon@example.com&to=oncall@example.com`,
        channels: [{ type: 'webhook', url }],
      },
      timeouts: { connect_timeout_ms: 500 },
    });
  });
  afterAll(async () => {
    for (const loop of loops.values()) await loop.close();
    hook.close();
    await mail.close();
    await local.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A pass, and where it was of another loop one of the hot loop behind it, which puts incidents together. */
  const pass = async (loop: Loop, seconds: number) => {
    await onePass(loop);
    if (loop !== 'hot' && (await stores.outbox.all('shop', loop)).entries.length > 0) await onePass('hot');
    now += seconds * 1_000;
  };
  const onePass = async (loop: Loop) => {
    const config = parseConfig(yaml, 'test', {});
    const runner =
      loops.get(loop) ??
      createLoop(loop, config, {
        credentials: credentialsFromDsn,
        stores,
        channels: channelsOf(config.notifiers, { env: {}, secret: noSecret }),
        log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
        now: () => new Date(now),
        idleLimitMs: Number.POSITIVE_INFINITY,
      });
    loops.set(loop, runner);
    const passes = await runner.pass(config.targets);
    expect(await runner.write(config.targets, passes)).toBe(0);
  };
  const notified = (rule: string) =>
    hook.json().flatMap((body) => (body['rule'] === rule ? [`${body['kind']} ${body['severity']}`] : []));
  const incidentOf = (body: unknown) => z.object({ incident: z.object({ alerts: z.number() }) }).parse(body).incident;
  const bodyOf = (rule: string) => hook.json().find((body) => body['rule'] === rule);
  /** Mails as they are read: long lines come in pieces that end in `=`. */
  const mailsAbout = (text: string) => mail.mails.filter((one) => one.text.replaceAll(/=\r?\n/g, '').includes(text));

  test('[B9] a reset of everything is one thing to hear of, with the number of counters', async () => {
    await server().sql('CREATE DATABASE second');
    await pass('workload', 60);
    await server().sql('SELECT 1');
    await pass('workload', 60);
    for (const database of ['postgres', 'second']) {
      const client = await server().open('test', 'postgres', database);
      await client.query('SELECT pg_stat_reset()');
      await client.end();
    }
    await server().sql(
      "SELECT pg_stat_reset_shared('io'), pg_stat_reset_shared('wal'), pg_stat_reset_shared('bgwriter')",
    );
    await pass('workload', 60);
    expect(notified('statistics_reset')).toEqual(['firing info']);
    const said = z.object({ value: z.number(), message: z.string() }).parse(bodyOf('statistics_reset'));
    // Those of two databases, I/O and WAL.
    expect(said.value).toBeGreaterThan(20);
    expect(said.message).toContain(`${said.value} counters restarted`);
    // It ends once nothing was reset for as long as any alert has to stay quiet.
    for (let i = 0; i < 10 && notified('statistics_reset').length < 2; i++) await pass('workload', 60);
    expect(notified('statistics_reset')).toEqual(['firing info', 'resolved info']);
    await server().sql('DROP DATABASE second WITH (FORCE)');
  });

  test('[B9] locks and transactions: one message a session, who, for how long, and the end', async () => {
    const tree = await server().lockTree();
    await server().until("SELECT 1 FROM pg_locks WHERE NOT granted AND waitstart < now() - interval '0.2 seconds'");
    await pass('hot', 15);
    expect(notified('blocking_locks')).toEqual(['firing warning']);
    expect(bodyOf('blocking_locks')).toMatchObject({
      cluster: 'shop',
      culprit: {
        pid: tree.root,
        state: 'idle in transaction',
        application: 'test',
        query: 'SELECT pg_backend_pid() AS pid',
      },
      link: expect.stringContaining('#/locks?cluster=shop'),
    });
    const offender = z.object({ blocks: z.array(z.number()) }).parse(bodyOf('blocking_locks')?.['culprit']);
    expect(offender.blocks.toSorted()).toEqual([tree.middle, tree.second, tree.leaf].toSorted());
    // The root is idle in a long transaction: the same session, of which the message about the locks says more.
    expect([...notified('idle_in_transaction'), ...notified('long_transaction')]).toEqual([]);
    expect(mailsAbout('Subject: shop: 3 sessions blocked for')).toHaveLength(1);
    expect(mailsAbout(`pid ${tree.root}, test, idle in transaction for`)).toHaveLength(1);
    expect(mailsAbout(`End it: SELECT pg_terminate_backend(${tree.root});`)).toHaveLength(1);
    // Another session that idles in its transaction and blocks nobody is news, after the first has gone.
    const idle = await server().open('forgotten');
    await idle.query('BEGIN');
    await idle.query('SELECT 1');
    await tree.release();
    await server().until(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'forgotten' AND now() - state_change > interval '0.2 seconds'",
    );
    // The alert about what idles never ended: its incident has another cause now.
    for (let i = 0; i < 20; i++) await pass('hot', 15);
    expect(notified('idle_in_transaction')).toEqual(['changed warning']);
    expect(bodyOf('idle_in_transaction')).toMatchObject({ culprit: { application: 'forgotten' } });
    await idle.end();
    for (let i = 0; i < 10; i++) await pass('hot', 15);
    expect(notified('blocking_locks')).toEqual(['firing warning']);
    expect(notified('idle_in_transaction')).toEqual(['changed warning', 'resolved warning']);
    expect(notified('long_transaction')).toEqual([]);
    expect(
      mailsAbout('Subject: shop: over after').filter(({ text }) => text.includes('idle_in_transaction')),
    ).toHaveLength(1);
  });

  test('a locked table is named, where the server names it', async () => {
    await server().sql('CREATE TABLE "odd.orders" (id int)');
    const holder = await server().open('deploy');
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE "odd.orders" IN ACCESS EXCLUSIVE MODE');
    const waiter = await server().open('web');
    const waiting = waiter.query('SELECT * FROM "odd.orders"');
    await server().until("SELECT 1 FROM pg_locks WHERE NOT granted AND waitstart < now() - interval '0.2 seconds'");
    const { length: before } = hook.json();
    await pass('hot', 15);
    const said = hook
      .json()
      .slice(before)
      .find(({ rule }) => rule === 'blocking_locks');
    expect(said?.['culprit']).toMatchObject({ application: 'deploy', relation: 'public."odd.orders"' });
    expect(mailsAbout('table public."odd.orders"')).toHaveLength(1);
    await holder.query('ROLLBACK');
    await waiting;
    for (let i = 0; i < 10; i++) await pass('hot', 15);
    expect(notified('blocking_locks').at(-1)).toBe('resolved warning');
    await Promise.all([holder.end(), waiter.end()]);
  });

  test('temp files: a surge over what was usual for an hour and more', async () => {
    const spill = async (rows: number) => {
      const client = await server().open('spiller');
      await client.query("SET work_mem = '64kB'");
      await client.query(
        'SELECT count(*) FROM (SELECT i FROM generate_series(1, $1::int) AS i ORDER BY i DESC OFFSET 0) AS s',
        [rows],
      );
      await client.end();
    };
    await spill(20_000);
    for (let i = 0; i < 75; i++) await pass('workload', 60);
    expect(notified('temp_surge')).toEqual([]);
    for (let i = 0; i < 4; i++) {
      await spill(400_000);
      await server().until('SELECT 1 FROM pg_stat_database WHERE temp_bytes > $1', [1_000_000 * (i + 1)]);
      await pass('workload', 60);
    }
    expect(notified('temp_surge')).toEqual(['firing warning']);
    expect(bodyOf('temp_surge')?.['compared_with']).toMatch(/^the last/);
  });

  test('WAL: a surge', async () => {
    for (let i = 0; i < 75; i++) await pass('workload', 60);
    expect(notified('wal_surge')).toEqual([]);
    await server().sql('CREATE TABLE written (t text)');
    for (let i = 0; i < 4; i++) {
      const client = await server().open('writer');
      await client.query('INSERT INTO written SELECT repeat(md5(i::text), 30) FROM generate_series(1, 3000) AS i');
      await client.end();
      await server().until(
        "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'writer')",
      );
      await pass('workload', 60);
    }
    expect(notified('wal_surge')).toEqual(['firing warning']);
  });

  test('a slot that nobody uses retains WAL', async () => {
    await server().sql("SELECT pg_create_physical_replication_slot('for_nobody', true)");
    await server().sql("INSERT INTO written SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
    for (let i = 0; i < 3; i++) await pass('workload', 60);
    expect(notified('slot_retains_wal')).toEqual(['firing warning']);
    expect(bodyOf('slot_retains_wal')?.['message']).toMatch(/^The slot for_nobody retains \d.* MB of WAL$/);
    await server().sql("SELECT pg_drop_replication_slot('for_nobody')");
    for (let i = 0; i < 4; i++) await pass('workload', 60);
    expect(notified('slot_retains_wal')).toEqual(['firing warning', 'resolved warning']);
  });

  test('dead rows', async () => {
    const client = await server().open('worker');
    await client.query('CREATE TABLE orders (i int) WITH (autovacuum_enabled = off)');
    await client.query('INSERT INTO orders SELECT generate_series(1, 250000)');
    await client.query('DELETE FROM orders WHERE i <= 120000');
    await client.end();
    await server().until("SELECT 1 FROM pg_stat_user_tables WHERE relname = 'orders' AND n_dead_tup >= 120000");
    await pass('storage', 600);
    expect(notified('dead_tuples')).toEqual(['firing warning']);
    expect(bodyOf('dead_tuples')?.['message']).toBe('48 % of the rows of public.orders in postgres are dead');
    await server().sql('VACUUM orders');
    await server().until("SELECT 1 FROM pg_stat_user_tables WHERE relname = 'orders' AND n_dead_tup = 0");
    for (let i = 0; i < 3; i++) await pass('storage', 600);
    expect(notified('dead_tuples')).toEqual(['firing warning', 'resolved warning']);
  });

  test('a sequence near its end, and wraparound at a lowered threshold', async () => {
    await server().sql('CREATE TABLE tickets (id serial PRIMARY KEY)');
    await server().sql("SELECT setval('tickets_id_seq', 2100000000)");
    await server().sql('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon');
    await pass('hourly', 3_600);
    expect(notified('sequence_near_end')).toEqual(['firing critical']);
    expect(bodyOf('sequence_near_end')?.['message']).toBe(
      'public.tickets_id_seq in postgres has used 97.8 % of its values',
    );
    expect(notified('wraparound')).toEqual(['firing warning']);
    expect(incidentOf(bodyOf('wraparound')).alerts).toBeGreaterThan(1);
  });

  test('an alert about a database ends with the database', async () => {
    await server().sql('CREATE DATABASE "soon gone"');
    const there = await server().open('test', 'postgres', 'soon gone');
    await there.query('CREATE TABLE t (i smallint GENERATED ALWAYS AS IDENTITY (START 32000))');
    await there.query('INSERT INTO t DEFAULT VALUES');
    await there.query('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon');
    await there.end();
    await pass('hourly', 3_600);
    // It belongs to the sequences that are near their end already, which are twice as many now.
    expect(notified('sequence_near_end')).toEqual(['firing critical', 'changed critical']);
    const isOpen = async () => {
      const { incidents } = await stores.incidents.open('shop');
      const members = incidents.flatMap(({ members: all }) => Object.values(all));
      return members
        .filter(({ rule, labels }) => rule === 'sequence_near_end' && labels?.['db'] === 'soon gone')
        .map(({ endedAt }) => endedAt === undefined);
    };
    expect(await isOpen()).toEqual([true]);
    await server().sql('DROP DATABASE "soon gone" WITH (FORCE)');
    for (let i = 0; i < 4; i++) await pass('hourly', 3_600);
    expect(await isOpen()).toEqual([false]);
  });

  test('a role that loses its sight has not seen the end of anything', async () => {
    const tree = await server().lockTree();
    await server().until("SELECT 1 FROM pg_locks WHERE NOT granted AND waitstart < now() - interval '0.2 seconds'");
    await pass('hot', 15);
    const { length: before } = notified('blocking_locks');
    expect(notified('blocking_locks').at(-1)).toBe('firing warning');
    await server().sql('REVOKE pg_monitor FROM pgmon');
    for (let i = 0; i < 30; i++) await pass('hot', 15);
    expect(
      notified('blocking_locks')
        .slice(before)
        .some((text) => text.startsWith('resolved')),
    ).toBe(false);
    await server().sql('GRANT pg_monitor TO pgmon');
    await tree.release();
    for (let i = 0; i < 10; i++) await pass('hot', 15);
    expect(notified('blocking_locks').at(-1)).toBe('resolved warning');
  });

  test('a silence by the command line keeps it from the receivers and not from the history', async () => {
    const heard = hook.received.length;
    await stores.silences.put({
      id: 'quiet',
      rule: 'blocking_locks',
      until: new Date(now + 3_600_000).toISOString(),
      createdAt: new Date(now).toISOString(),
    });
    const tree = await server().lockTree();
    await server().until("SELECT 1 FROM pg_locks WHERE NOT granted AND waitstart < now() - interval '0.2 seconds'");
    await pass('hot', 15);
    await tree.release();
    for (let i = 0; i < 10; i++) await pass('hot', 15);
    expect(
      hook
        .json()
        .slice(heard)
        .filter((body) => body['rule'] === 'blocking_locks'),
    ).toEqual([]);
    const kept = await stores.alertHistory.newest(500, { at: new Date(now) }, ({ rule }) => rule === 'blocking_locks');
    expect(kept.slice(0, 2).map(({ kind, suppressed }) => [kind, suppressed?.slice(0, 13)])).toEqual([
      ['resolved', 'silence quiet'],
      ['firing', 'silence quiet'],
    ]);
  });

  test('server down: one alert, whatever else was open, and back again', async () => {
    await server().stopClients();
    const heard = hook.received.length;
    await server().postgres.kill();
    for (let i = 0; i < 20; i++) await pass('hot', 15);
    const down = hook.json().slice(heard);
    expect(down.map(({ rule, kind, severity }) => `${rule} ${kind} ${severity}`)).toEqual([
      'server_down firing critical',
    ]);
    expect(down[0]?.['message']).toBe(
      `The server does not answer: 127.0.0.1:${server().postgres.port}/postgres: nothing listens there (ECONNREFUSED)`,
    );
    await server().postgres.start();
    for (let i = 0; i < 10; i++) await pass('hot', 15);
    expect(notified('server_down')).toEqual(['firing critical', 'resolved critical']);
  });
});

describe('the command line', () => {
  const server = useServer(18);
  const hook = new HttpReceiver();
  beforeAll(async () => {
    await hook.listen();
  });
  afterAll(() => hook.close());
  const run = (args: string[], config: object = {}) => {
    const folder = mkdtempSync(join(tmpdir(), 'pgmon-cli-'));
    const text = {
      cluster: 'shop',
      dsn: server().postgres.dsn('pgmon'),
      store: { path: folder },
      http: { bind: '127.0.0.1:9' },
      ...config,
    };
    const env = Object.fromEntries(
      Object.entries({
        PGMON_DSN: text.dsn,
        PGMON_CLUSTER: 'shop',
        PGMON_STORE_PATH: folder,
        PGMON_HTTP_BIND: '127.0.0.1:9',
      }),
    );
    return pgmon(args, env, folder).finally(() => rmSync(folder, { recursive: true, force: true }));
  };

  test('list names every rule with where it comes from', async () => {
    const { code, stdout } = await run(['alerts', 'list', '--json']);
    expect(code).toBe(0);
    const rules: { id: string; origin: string }[] = JSON.parse(stdout);
    expect(rules.length).toBeGreaterThanOrEqual(30);
    expect(rules.every(({ origin }) => origin === 'catalog')).toBe(true);
  });

  test('check is quiet with exit 0, and exit 1 where one fires', async () => {
    expect(await run(['alerts', 'check'])).toMatchObject({ code: 0, stdout: 'no alerts fire\n' });
    await server().sql('CREATE TABLE t (a int)');
    await server().sql('INSERT INTO t VALUES (1), (1)');
    await expect(server().sql('CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)')).rejects.toThrow();
    const fired = await run(['alerts', 'check']);
    expect(fired.code).toBe(1);
    expect(fired.stdout).toContain('invalid_index');
  });

  test('a table that throttles: what could not be kept is kept and sent at the next pass, once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pgmon-throttled-'));
    const local = await openLocalTable(folder);
    class Throttled extends AlertStore {
      refuse = 0;
      override async put(...args: Parameters<AlertStore['put']>): Promise<void> {
        if (this.refuse-- > 0) throw new Error('ProvisionedThroughputExceededException');
        await super.put(...args);
      }
    }
    const alerts = new Throttled(local.table);
    const heard = hook.received.length;
    const config = parseConfig(
      JSON.stringify({
        cluster: 'shop',
        dsn: server().postgres.dsn('pgmon'),
        alerts: { custom: [{ name: 'always', metric: 'pg_up', comparison: '>=', threshold: 1 }] },
        notifiers: { channels: [{ type: 'webhook', url: hook.url }] },
      }),
      'test',
      {},
    );
    const loop = createLoop('hot', config, {
      credentials: credentialsFromDsn,
      stores: { ...storesIn(local.table), alerts },
      channels: channelsOf(config.notifiers, { env: {}, secret: noSecret }),
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      now: () => new Date(),
      idleLimitMs: Number.POSITIVE_INFINITY,
    });
    alerts.refuse = 2;
    const failures: number[] = [];
    for (let i = 0; i < 4; i++) failures.push(await loop.write(config.targets, await loop.pass(config.targets)));
    expect(failures).toEqual([1, 1, 0, 0]);
    const sent = hook.json().slice(heard);
    expect(sent.map(({ rule, kind }) => `${rule} ${kind}`)).toEqual(['always firing']);
    await loop.close();
    await local.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('[M1] [M3] /metrics has the alerts of the pass that it is of; a rule without a result is a warning of /healthz', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pgmon-firing-'));
    const local = await openLocalTable(folder);
    const own = storesIn(local.table);
    const config = parseConfig(
      JSON.stringify({
        cluster: 'shop',
        dsn: server().postgres.dsn('pgmon'),
        alerts: {
          custom: [
            { name: 'always', metric: 'pg_up', comparison: '>=', threshold: 1 },
            { name: 'huge', metric: 'pg_up * 1e200', threshold: 1e150, severity: 'critical' },
            { name: 'ambiguous', metric: 'pgmon_collector_success * on (loop) pgmon_collector_success', threshold: 0 },
          ],
        },
      }),
      'test',
      {},
    );
    const loop = createLoop('hot', config, {
      credentials: credentialsFromDsn,
      stores: own,
      channels: [],
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      now: () => new Date(),
      idleLimitMs: Number.POSITIVE_INFINITY,
    });
    expect(await loop.write(config.targets, await loop.pass(config.targets))).toBe(0);
    const [snapshot] = await own.snapshots.all('shop');
    const firing = snapshot?.samples.filter(({ metric }) => metric === 'pgmon_alerts_firing') ?? [];
    expect(firing.map(({ labels, value }) => [labels['severity'], value])).toEqual([
      ['info', 0],
      ['warning', 1],
      ['critical', 1],
    ]);
    const health = healthOf(['shop'], snapshot ? [snapshot] : [], new Map([['hot', 15_000]]), undefined, new Date());
    expect(health.warnings.filter((warning) => warning.includes('rule '))).toEqual([
      expect.stringMatching(/^shop: rule ambiguous: /),
    ]);
    await loop.close();
    await local.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('check says by its exit code that a server is unreachable', async () => {
    const result = await pgmon(['alerts', 'check', '--json'], { PGMON_DSN: 'postgres://pgmon@127.0.0.1:1/postgres' });
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, firing: [{ rule: 'server_down' }] });
  });

  test('rules that cannot run are refused before anything does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pgmon-cli-'));
    const file = join(folder, 'bad.yaml');
    writeFileSync(
      file,
      'alerts:\n  rules: { deadlokcs: { enabled: false } }\n  custom:\n    - { name: mine, metric: pg_nothing, threshold: 1 }\n    - { name: other, metric: "rate(pg_up)", threshold: 1 }\n',
    );
    const { code, stderr } = await pgmon(['serve', '--config', file]);
    expect(code).toBe(2);
    expect(stderr).toContain('alert rule deadlokcs: the catalog has no rule with this id');
    expect(stderr).toContain('alert rule mine: unknown metric pg_nothing');
    expect(stderr).toContain('alert rule other: rate wants a range such as [5m]');
    writeFileSync(file, 'alerts:\n  custom:\n    - { name: mine, metric: pg_up, threshold: 1, for: -5m }\n');
    const negative = await pgmon(['alerts', 'list', '--config', file]);
    expect(negative).toMatchObject({ code: 2, stderr: expect.stringContaining('alerts.custom[0].for') });
    rmSync(folder, { recursive: true, force: true });
  });

  test('[M7] test without a channel says what to do; silences are kept, shown and ended', async () => {
    const nothing = await run(['alerts', 'test']);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('no channels configured') });
    const folder = mkdtempSync(join(tmpdir(), 'pgmon-cli-'));
    const env = {
      PGMON_STORE_PATH: folder,
      PGMON_HTTP_BIND: '127.0.0.1:9',
      PGMON_NOTIFIERS_SLACK_WEBHOOK: `${hook.url}/slack`,
    };
    const tested = await pgmon(['alerts', 'test'], env);
    expect([tested.code, hook.json().at(-1)?.['text']]).toEqual([
      0,
      'test: a test of pgmon, nothing is wrong (Connection saturation)',
    ]);
    const silence = await pgmon(
      ['alerts', 'silence', '--for', '2h', '--rule', 'bloat', '--label', 'db=shop', '--json'],
      env,
    );
    const { id } = JSON.parse(silence.stdout);
    expect(
      await pgmon(['alerts', 'silence', '--for', '2h', '--rule', 'bloatt', '--cluster', 'demu'], env),
    ).toMatchObject({
      code: 2,
      stderr:
        'pgmon: no target is called demu (did you mean demo?): there is demo; ' +
        'no rule is called bloatt (did you mean bloat?): pgmon alerts list names them all\n',
    });
    expect(JSON.parse((await pgmon(['alerts', 'silences', '--json'], env)).stdout).silences).toMatchObject([
      { id, rule: 'bloat', labels: { db: 'shop' } },
    ]);
    expect((await pgmon(['alerts', 'unsilence', id], env)).code).toBe(0);
    expect(await pgmon(['alerts', 'unsilence', id], env)).toMatchObject({ code: 1 });
    expect((await pgmon(['alerts', 'history'], env)).stdout).toBe('no alerts so far\n');
    rmSync(folder, { recursive: true, force: true });
  });
});
