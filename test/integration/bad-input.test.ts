import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { collectors, collectorsOf } from '../../src/collectors/index.ts';
import { freePort } from '../../src/local/free-port.ts';
import { postgresUser } from '../../src/local/postgres-user.ts';
import { type Finished, pgmon } from '../support/command.ts';
import { TestLoop } from '../support/pass.ts';
import { useServer } from '../support/test-server.ts';
import { errorMessage, fakeServer, oneRow, welcome } from '../support/wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-bad-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One message that names the target, no stack trace, no password. */
function expectPlain({ stdout, stderr }: Finished, target = 'test'): void {
  expect(`${stdout}${stderr}`).toContain(target);
  expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |node:internal|s3cret/);
}

describe('configuration', () => {
  test('all problems at once, exit 2, nothing of a secret', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'cluster: test\ndsn: "mysql://u:s3cret@h/d"\nlimit: {}\nlimits:\n  top_queries: many\n');
    const result = await pgmon(['check', '--config', file]);
    expect(result.code).toBe(2);
    expectPlain(result, 'wrong.yaml has 3 problems');
    expect(result.stderr).toContain('limits.top_queries: must be a number, not "many"');
    expect(result.stderr).toContain('limit: is not a known key');
  });

  test.each([
    ['broken YAML', 'a: [1\nb: {', 'line 2'],
    ['a list', '- 1', 'must be a mapping'],
  ])('%s: exit 2 with the place', async (_name, yaml, said) => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, yaml);
    const result = await pgmon(['check', '--config', file]);
    expect(result.code).toBe(2);
    expectPlain(result, said);
  });

  test('[E12] a CA file that is not there is a fault of the configuration: exit 2 with its place', async () => {
    const file = join(folder, 'ca.yaml');
    const target = (more: string) => `targets: [{ cluster: test, dsn: "postgres://u:s3cret@db.example/d${more}] }`;
    for (const more of ['", tls: { ca: /nowhere.pem } }', '?sslrootcert=/nowhere.pem" }']) {
      writeFileSync(file, target(more).replace('] }', ']'));
      for (const command of ['check', 'serve']) {
        const result = await pgmon([command, '--config', file]);
        expect([command, result.code]).toEqual([command, 2]);
        expectPlain(result, 'the CA file /nowhere.pem is unreadable');
      }
    }
  });

  test('[E12] a variable that overrides nothing: exit 2 with the nearest', async () => {
    const result = await pgmon(['serve'], { PGMON_SECURTY_READ_ONLY_ENFORCE: 'false' });
    expect(result.code).toBe(2);
    expectPlain(result, 'did you mean PGMON_SECURITY_READ_ONLY_ENFORCE?');
  });

  test.each([
    ['an address that others reach, without log-in', 'http: { bind: "0.0.0.0:8181" }', 'http.bind is 0.0.0.0:8181'],
    [
      'a channel whose variable is not set',
      'notifiers: { channels: [{ type: slack, url: { env: PGMON_TEST_UNSET_URL } }] }',
      'PGMON_TEST_UNSET_URL',
    ],
  ])('[E12] %s: check says so as serve does, exit 2', async (_name, yaml, said) => {
    const file = join(folder, 'unready.yaml');
    writeFileSync(file, `targets: [{ cluster: test, dsn: "postgres://u:s3cret@127.0.0.1:1/d" }]\n${yaml}\n`);
    for (const command of ['check', 'serve']) {
      const result = await pgmon([command, '--config', file]);
      expect([command, result.code]).toEqual([command, 2]);
      expectPlain(result, said);
    }
  });

  test('a file that is not there, an unknown command, no target', async () => {
    expect((await pgmon(['check', '--config', 'nowhere.yaml'])).code).toBe(2);
    expect((await pgmon(['chekc'])).code).toBe(2);
    const result = await pgmon(['check']);
    expect(result.code).toBe(2);
    expectPlain(result, 'PGMON_DSN');
  });
});

test('sql prints every statement that is sent, each with its collector', async () => {
  const result = await pgmon(['sql', '--json'], { PGMON_CANARY_STATEMENT: 'SELECT 42' });
  expect(result.code).toBe(0);
  const entries: { collector: string; sql: string; file: string }[] = JSON.parse(result.stdout);
  const files = readdirSync('sql', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  expect(files.filter((name) => !entries.some(({ file }) => file === `sql/${name}`))).toEqual([]);
  const names = new Set(entries.map(({ collector }) => collector));
  expect([...names]).toEqual([
    'connect',
    'session_settings',
    'privileges_roles',
    'privileges_server',
    'privileges_parameters',
    'privileges_database',
    'privileges_columns',
    'privileges_probe',
    'preflight',
    'clock',
    'discovery',
    'statement_texts',
    ...collectors.flatMap(({ details }) => details?.name ?? []),
    ...collectors.map(({ name }) => name),
    'canary_statement',
  ]);
  expect(entries.at(-1)?.sql).toContain('SELECT 42');
});

describe('servers', () => {
  const server = useServer(18);
  const check = (dsn: string, args: readonly string[] = []) =>
    pgmon(['check', ...args], { PGMON_CLUSTER: 'test', PGMON_DSN: dsn });

  beforeAll(async () => {
    await server().sql("CREATE ROLE locked LOGIN PASSWORD 's3cret-right'");
    await server().sql('GRANT pg_monitor TO locked');
    writeFileSync(
      join(server().postgres.dataDir, 'pg_hba.conf'),
      'host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n',
    );
    const [{ loaded } = {}] = await server().sql('SELECT pg_conf_load_time() AS loaded');
    await server().sql('SELECT pg_reload_conf()');
    await server().until('SELECT 1 WHERE pg_conf_load_time() > $1', [loaded]);
  });

  test('in order: exit 0, one JSON document', async () => {
    const result = await check(server().postgres.dsn('pgmon'), ['--json']);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: true });
  });

  test('nothing listens: exit 3', async () => {
    const result = await check(`postgres://u:s3cret@127.0.0.1:${await freePort()}/d`);
    expect(result.code).toBe(3);
    expectPlain(result, 'nothing listens there');
  });

  test('a name that does not resolve: exit 3', async () => {
    const result = await check('postgres://u:s3cret@no-such-host.invalid/d');
    expect(result.code).toBe(3);
    expectPlain(result, 'does not resolve');
  });

  test('the wrong password: exit 3; the right one is let in', async () => {
    const wrong = await check(server().postgres.dsn('locked').replace('locked@', 'locked:s3cret-wrong@'));
    expect(wrong.code).toBe(3);
    expectPlain(wrong, 'password authentication failed');
    expect((await check(server().postgres.dsn('locked').replace('locked@', 'locked:s3cret-right@'))).code).toBe(0);
  });

  test('an unknown database: exit 3', async () => {
    const result = await check(server().postgres.dsn('pgmon', 'nowhere'));
    expect(result.code).toBe(3);
    expectPlain(result, 'Name an existing database');
  });

  test('a role that can write: exit 4 from check and from serve, with every reason', async () => {
    const dsn = server().postgres.dsn('postgres');
    const result = await check(dsn);
    expect(result.code).toBe(4);
    expectPlain(result, 'ALTER ROLE postgres NOSUPERUSER;');
    const served = await pgmon(['serve'], {
      PGMON_CLUSTER: 'test',
      PGMON_DSN: dsn,
      PGMON_STORE_PATH: join(folder, 'store'),
    });
    expect(served.code).toBe(4);
    expectPlain(served, 'refused because this role can write');
  });

  test('TLS that the server does not offer: exit 3', async () => {
    const result = await check(`${server().postgres.dsn('pgmon')}?sslmode=verify-full`);
    expect(result.code).toBe(3);
    expectPlain(result, 'does not offer TLS');
  });

  test('a server that starts up: exit 3, and it says that waiting helps', async () => {
    const fake = await fakeServer((socket) => socket.end(errorMessage('57P03', 'the database system is starting up')));
    const result = await check(`postgres://pgmon@127.0.0.1:${fake.port}/postgres`);
    fake.close();
    expect(result.code).toBe(3);
    expectPlain(result, 'starting up');
  });

  test('a server of version 11: exit 3', async () => {
    const fake = await fakeServer((socket, _message, nth) => {
      if (nth === 0) socket.write(welcome(7));
      else
        socket.write(
          oneRow([
            ['version_num', 23, '110022'],
            ['version', 25, '11.22'],
            ['in_recovery', 16, 'f'],
            ['database', 25, 'postgres'],
            ['user', 25, 'pgmon'],
            ['backend_pid', 23, '7'],
            ['started_at', 701, '1'],
            ['extensions', 114, '{}'],
          ]),
        );
    });
    const result = await check(`postgres://pgmon@127.0.0.1:${fake.port}/postgres`);
    fake.close();
    expect(result.code).toBe(3);
    expectPlain(result, 'PostgreSQL 11.22 is too old');
  });

  test.each([
    ['answers and ends', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['answers and waits', (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('something that is no PostgreSQL and %s: exit 3', async (_what, answer) => {
    const fake = await fakeServer(answer);
    const result = await check(`postgres://pgmon@127.0.0.1:${fake.port}/postgres`);
    fake.close();
    expect(result.code).toBe(3);
    expectPlain(result, 'something other than PostgreSQL answers with "HTTP/1.1 400 Bad Request"');
  });

  test('a listener that never answers: exit 3 within the connect timeout', async () => {
    const fake = await fakeServer(() => {});
    const began = performance.now();
    const result = await pgmon(['check'], {
      PGMON_CLUSTER: 'test',
      PGMON_DSN: `postgres://pgmon@127.0.0.1:${fake.port}/postgres`,
      PGMON_TIMEOUTS_CONNECT_TIMEOUT_MS: '500',
    });
    fake.close();
    expect(result.code).toBe(3);
    expect(performance.now() - began).toBeLessThan(6_000);
    expectPlain(result, 'no answer');
  });

  test('a busy port is said, with the way out', async () => {
    const fake = await fakeServer(() => {});
    const result = await pgmon(['serve'], {
      PGMON_CLUSTER: 'test',
      PGMON_DSN: server().postgres.dsn('pgmon'),
      PGMON_HTTP_BIND: `127.0.0.1:${fake.port}`,
      PGMON_STORE_PATH: join(folder, 'busy'),
    });
    fake.close();
    expect(result.code).toBe(1);
    expectPlain(result, 'is in use');
  });
});

describe('TLS', () => {
  const server = useServer(18);
  beforeAll(async () => {
    const { dataDir } = server().postgres;
    const user = await postgresUser();
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        join(dataDir, 'server.key'),
        '-out',
        join(dataDir, 'server.crt'),
      ],
      { stdio: 'pipe' },
    );
    chmodSync(join(dataDir, 'server.key'), 0o600);
    if (user) for (const name of ['server.key', 'server.crt']) chownSync(join(dataDir, name), user.uid, user.gid);
    await server().stopClients();
    await server().postgres.restart({ ssl: 'on' });
  });
  const check = (host: string, query: string) =>
    pgmon(['check'], {
      PGMON_CLUSTER: 'test',
      PGMON_DSN: `postgres://pgmon@${host}:${server().postgres.port}/postgres?${query}`,
    });

  test('a certificate that nobody vouches for: exit 3 with the way to trust it', async () => {
    const result = await check('localhost', 'sslmode=require');
    expect(result.code).toBe(3);
    expectPlain(result, 'certificate is not trusted');
    expect(result.stdout).toContain('sslrootcert');
  });

  test('its CA named: verified in full', async () => {
    const result = await check(
      'localhost',
      `sslmode=verify-full&sslrootcert=${join(server().postgres.dataDir, 'server.crt')}`,
    );
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('TLS verify-full');
  });

  test('its CA named, but another host: refused in full, accepted with verify-ca', async () => {
    const ca = `sslrootcert=${join(server().postgres.dataDir, 'server.crt')}`;
    expect((await check('127.0.0.1', `sslmode=verify-full&${ca}`)).code).toBe(3);
    expect((await check('127.0.0.1', `sslmode=verify-ca&${ca}`)).code).toBe(0);
  });
});

/** Whether something takes connections on this port of loopback. */
function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

const pgbouncer = spawnSync('pgbouncer', ['--version'], { stdio: 'ignore' }).status === 0;
describe.runIf(pgbouncer)('PgBouncer in transaction mode', () => {
  const server = useServer(18);
  let port: number;
  let bouncer: ReturnType<typeof spawn>;
  beforeAll(async () => {
    port = await freePort();
    const user = await postgresUser();
    const ini = join(server().postgres.dataDir, 'pgbouncer.ini');
    const { port: behind } = server().postgres;
    writeFileSync(
      ini,
      `[databases]\npostgres = host=127.0.0.1 port=${behind} dbname=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\nignore_startup_parameters = extra_float_digits\n[users]\n`.replace(
        'auth_type = any',
        `auth_type = trust\nauth_file = ${join(server().postgres.dataDir, 'users.txt')}`,
      ),
    );
    writeFileSync(join(server().postgres.dataDir, 'users.txt'), '"pgmon" ""\n');
    bouncer = spawn('pgbouncer', ['-q', ini], { ...user, stdio: 'ignore' });
    await vi.waitUntil(() => answers(port), { timeout: 20_000 });
  });
  afterAll(() => {
    bouncer?.kill('SIGTERM');
  });

  test('is recognized as a pooler, and pgmon reads through it all the same', async () => {
    const result = await pgmon(['check'], {
      PGMON_CLUSTER: 'test',
      PGMON_DSN: `postgres://pgmon@127.0.0.1:${port}/postgres`,
    });
    expect(result.code).toBe(0);
    expectPlain(result, 'a pooler such as PgBouncer');

    const loop = new TestLoop(`postgres://pgmon@127.0.0.1:${port}/postgres`);
    const first = await loop.snapshot();
    const second = await loop.snapshot();
    await loop.close();
    for (const snapshot of [first, second]) {
      expect(snapshot.problem).toBeUndefined();
      expect(snapshot.outcomes.filter(({ status }) => status !== 'ok')).toEqual([]);
    }
  });

  test.each(['SELECT 42 -- the answer', 'SELECT 42; -- the answer', 'SELECT 42;;', 'SELECT 42 /* the answer */'])(
    '[C10] a canary statement %j swallows nothing of what stands around it',
    async (statement) => {
      const canary = collectorsOf({ canary: { statement } }).filter(({ name }) => name === 'canary_statement');
      const loop = new TestLoop(`postgres://pgmon@127.0.0.1:${port}/postgres`, { collectors: canary });
      for (let i = 0; i < 3; i++) expect((await loop.snapshot()).outcomes).toMatchObject([{ status: 'ok', rows: 1 }]);
      const left = await server().sql("SELECT state FROM pg_stat_activity WHERE usename = 'pgmon' AND state <> 'idle'");
      expect(left).toEqual([]);
      await loop.close();
    },
  );

  test('[C10] a second command behind a canary statement is not run', async () => {
    await server().sql('CREATE TABLE kept (id int)');
    await server().sql('GRANT ALL ON kept TO pgmon');
    const statement = 'SELECT 1; COMMIT; DROP TABLE kept; INSERT INTO kept VALUES (1); BEGIN; SELECT 2';
    const canary = collectorsOf({ canary: { statement } }).filter(({ name }) => name === 'canary_statement');
    const loop = new TestLoop(`postgres://pgmon@127.0.0.1:${port}/postgres`, { collectors: canary, enforce: false });
    expect((await loop.snapshot()).outcomes).toMatchObject([
      { status: 'failed', reason: 'cannot insert multiple commands into a prepared statement' },
    ]);
    expect(await server().sql('SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }]);
    await loop.close();
    await server().sql('DROP TABLE kept');
  });

  test('its console is no database', async () => {
    const result = await pgmon(['check'], {
      PGMON_CLUSTER: 'test',
      PGMON_DSN: `postgres://pgmon@127.0.0.1:${port}/pgbouncer`,
    });
    expect(result.code).toBe(3);
    expectPlain(result);
  });
});
