/**
 * What watching costs, measured as an outsider would: the real `pgmon serve` at its own pace, all four loops and real
 * pauses, on servers with several databases. Server time is the CPU of all backends of the role pgmon, those that have
 * ended included; own time is that of the whole process. All scenarios run at once, each server with a pgmon of its own.
 *
 * There are two kinds of hours. The first one has the start: it checks the role, inspects every database, makes the connections
 * and the first pass of each loop, and scans each other database with three loops. An hour after it has what comes again in
 * each: new connections, one look at the role, the passes, and the scans of databases where nobody is. Passes are counted
 * where they run; of scans the cost of one is counted, and how many an hour has is what `src/loops/scan-due.ts` says, since two
 * minutes have none. `--full` watches ten minutes at the defaults; without it storage passes come every minute. `--hour`
 * watches the hour after the start instead, and counts all that is in it and nothing else. With scenario A it is measured
 * how long it takes until a blocked session is seen.
 * Names of scenarios choose some, `--14` another major: `npm run bench:loops -- A queue --14`.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import pg from 'pg';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectors } from '../src/collectors/index.ts';
import { LOOPS, type Loop } from '../src/config/loop.ts';
import { type PostgresServer, startPostgres } from '../src/local/postgres-server.ts';
import { offsetOf } from '../src/local/schedule.ts';
import { ensureMajor } from '../test/support/install-majors.ts';
import { ACCOUNTED, Account } from './support/account.ts';
import { median } from './support/cpu.ts';
import { type Scenario, scenarios } from './support/scenarios.ts';
import { machine } from './support/server.ts';
import { type Serving, serve, warmUp } from './support/serving.ts';

const args = process.argv.slice(2);
const anHour = args.includes('--hour');
const short = !anHour && !args.includes('--full');
const chosen = args.filter((arg) => !arg.startsWith('--'));
const major = ([12, 13, 14, 15, 16, 17, 18] as const).find((one) => args.includes(`--${one}`)) ?? 18;
/** A multiple of every interval: it holds the same number of passes wherever it begins. */
const WINDOW_S = anHour ? 3_600 : short ? 120 : 600;
/** The start is so long at least, with a pass of the workload loop after it came to rest. */
const START_S = 80;
const STORAGE_S = short ? 60 : 600;
const AN_HOUR: Readonly<Record<Loop, number>> = { hot: 240, workload: 60, storage: 6, hourly: 1 };
const INTERVAL_S: Readonly<Record<Loop, number>> = { hot: 15, workload: 60, storage: STORAGE_S, hourly: 3_600 };
/** Scans of another database where nobody is: nine minutes after the last one; two loops leave it alone once it is known to rest. */
const SCANS: Readonly<Record<'first' | 'after', Readonly<Record<Loop, number>>>> = {
  first: { hot: 0, workload: 6, storage: 1, hourly: 0 },
  after: { hot: 0, workload: 6, storage: 2 / 3, hourly: 1 / 3 },
};
const CLUSTER = 'bench';
const IN_WINDOW: Readonly<Record<Loop, number>> = {
  hot: WINDOW_S / 15,
  workload: WINDOW_S / 60,
  storage: WINDOW_S / STORAGE_S,
  hourly: Math.floor(WINDOW_S / 3_600),
};

interface Ready {
  readonly scenario: Scenario;
  readonly server: PostgresServer;
  readonly admin: pg.Client;
  readonly account: Account;
}

interface Measured {
  /** Server CPU milliseconds, by loop: of the start, scans included; of its lasting connection alone; of a pass after it. */
  readonly start: Readonly<Record<Loop, number>>;
  readonly lasting: Readonly<Record<Loop, number>>;
  readonly pass: Readonly<Record<Loop, number>>;
  /** Of a scan of another database, its connection included. */
  readonly scanMs: Readonly<Record<Loop, number>>;
  /** Server CPU milliseconds of the check before the first pass, and how many passes of each loop the start had. */
  readonly checkMs: number;
  readonly passes: Readonly<Record<Loop, number>>;
  /** Connections that came and went after the start. */
  readonly scans: number;
  readonly tempFiles: number;
  readonly own: { readonly startMs: number; readonly hourMs: number; readonly peakMb: number };
  readonly locks: { readonly kB: number; readonly ms: number };
  readonly hotMs: number;
  readonly trouble: string;
}

const ready: Ready[] = [];
const began = performance.now();
try {
  const wanted = Object.entries(scenarios).filter(([key]) => chosen.length === 0 || chosen.includes(key));
  const preparing = await Promise.allSettled(wanted.map(([, scenario]) => prepared(scenario)));
  for (const one of preparing) if (one.status === 'fulfilled') ready.push(one.value);
  for (const one of preparing) if (one.status === 'rejected') throw one.reason;
  const version: string = (await ready[0]?.admin.query('SHOW server_version'))?.rows[0].server_version ?? '';
  const built = performance.now();
  await warmUp();
  const all = await Promise.all(
    ready.map(async (one, i) => {
      await sleep(i * 1_500); // a start takes a core for a second
      return { ...one, measured: await measured(one) };
    }),
  );
  report(all, version, (built - began) / 1_000);
  if (!anHour && ready[0] && (chosen.length === 0 || chosen.includes('A'))) await visible(ready[0]);
} finally {
  for (const { server, account, admin } of ready) {
    account.close();
    await admin.end().catch(() => {});
    await server.stop('immediate');
  }
}
process.exit(0);

async function prepared(scenario: Scenario): Promise<Ready> {
  const server = await startPostgres({
    ...(major === 18 ? {} : { binaries: await ensureMajor(major) }),
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      'pg_stat_statements.max': '10000',
      fsync: 'off',
      autovacuum: 'off',
      ...ACCOUNTED,
      ...scenario.settings,
    },
  });
  const admin = new pg.Client(server.dsn());
  admin.on('error', () => {}); // the server goes first at the end
  await admin.connect();
  await admin.query('CREATE EXTENSION pg_stat_statements; CREATE ROLE pgmon LOGIN; GRANT pg_monitor TO pgmon');
  for (let i = 1; i < scenario.databases; i++) await admin.query(`CREATE DATABASE db${i}`);
  await scenario.build(admin, (database) => server.dsn('postgres', database));
  return { scenario, server, admin, account: new Account(admin, 'pgmon', server) };
}

async function measured({ scenario, server, admin, account }: Ready): Promise<Measured> {
  const begun = performance.now();
  const serving = await serve({
    targets: [{ cluster: CLUSTER, dsn: server.dsn('pgmon'), databases: { max: Math.max(20, scenario.databases) } }],
    sample_intervals: { storage: `${STORAGE_S}s` },
  });
  const served = Date.now();
  try {
    await started(admin, account, scenario.databases - 1);
    const ownAtRest = serving.cpuMs();
    // The statement of the account itself is new to pgmon, which reads its text once: 40 to 90 ms with 5,000 others.
    await account.read();
    // What comes once, such as the first question after rights, 3 ms, is of the start and not of every pass.
    await sleep(Math.max(0, START_S * 1_000 - (performance.now() - begun)));
    const passes = passesBetween(served, Date.now());
    const atStart = await account.read();
    const [start, ownStart] = [byLoop(atStart), serving.cpuMs()];
    const lasting = withoutEnded(atStart, account);
    const scansBefore = account.ended.length;
    await sleep(WINDOW_S * 1_000);
    const [atEnd, ownEnd] = [await account.read(), serving.cpuMs()];
    // An hour renews the lasting connections: what it took of those that ended is in the whole sum alone.
    const [from, to] = anHour ? [start, byLoop(atEnd)] : [lasting, withoutEnded(atEnd, account)];
    const pass = forLoops((loop) => (IN_WINDOW[loop] ? Math.max(0, to[loop] - from[loop]) / IN_WINDOW[loop] : 0));
    const ended = byLoop(account.endedMs());
    const scanMs = forLoops((loop) => {
      const count = account.ended.filter(({ application }) => application === `pgmon/${loop}`).length;
      return count > 0 ? ended[loop] / count : 0;
    });
    return {
      start,
      lasting,
      pass,
      scanMs,
      checkMs: atStart.get('pgmon/check') ?? 0,
      passes,
      scans: account.ended.length - scansBefore,
      tempFiles: (await admin.query('SELECT sum(temp_files)::float8 AS n FROM pg_stat_database')).rows[0].n,
      own: {
        startMs: ownAtRest,
        hourMs: ((ownEnd - ownStart) / WINDOW_S) * 3_600,
        peakMb: serving.peakMb(),
      },
      ...(await answers(serving)),
      trouble: serving.trouble(),
    };
  } finally {
    await serving.stop();
  }
}

/**
 * All four loops hold their connection and have been at rest for a second and a half, and three of them have scanned each
 * other database: what a start has no time for is done by later passes.
 */
async function started(admin: pg.Client, account?: Account, others = 0): Promise<void> {
  for (let i = 0; i < 3_000; i++) {
    const scanned = new Set(account?.ended.map(({ application, database }) => `${application} ${database}`)).size;
    if (account && scanned < 3 * others) {
      await sleep(100);
      continue;
    }
    const { rows } = await admin.query(
      "SELECT count(*)::int AS n, bool_and(state = 'idle' AND clock_timestamp() - state_change > '1.5 s') AS rest FROM pg_stat_activity WHERE usename = 'pgmon'",
    );
    if (rows[0].n === LOOPS.length && rows[0].rest) return;
    await sleep(100);
  }
  throw new Error('the loops did not come to rest within five minutes: is anything else at work on this machine?');
}

async function answers({ url }: Serving): Promise<Pick<Measured, 'locks' | 'hotMs'>> {
  const first = await (await fetch(`${url}/api/v1/locks`)).text();
  const before = performance.now();
  const again = await (await fetch(`${url}/api/v1/locks`)).text();
  const ms = performance.now() - before;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return {
    locks: { kB: Math.max(first.length, again.length) / 1_000, ms },
    hotMs: Number(/^pgmon_scrape_duration_seconds\{[^}]*loop="hot"[^}]*\} (\S+)/m.exec(metrics)?.[1]) * 1_000,
  };
}

function byLoop(account: ReadonlyMap<string, number>): Record<Loop, number> {
  return forLoops((loop) => account.get(`pgmon/${loop}`) ?? 0);
}

function forLoops(value: (loop: Loop) => number): Record<Loop, number> {
  return { hot: value('hot'), workload: value('workload'), storage: value('storage'), hourly: value('hourly') };
}

/** How many passes of each loop there are from its first one at once, `from` a moment ago, to a later moment. */
function passesBetween(from: number, to: number): Record<Loop, number> {
  return forLoops((loop) => {
    const intervalMs = INTERVAL_S[loop] * 1_000;
    const offsetMs = offsetOf(`${CLUSTER} ${loop}`, intervalMs);
    return 1 + Math.floor((to - offsetMs) / intervalMs) - Math.floor((from - offsetMs) / intervalMs);
  });
}

function withoutEnded(account: ReadonlyMap<string, number>, of: Account) {
  const [all, ended] = [byLoop(account), byLoop(of.endedMs())];
  return forLoops((loop) => Math.max(0, all[loop] - ended[loop]));
}

/** Of the hour that begins with the start. */
function firstHourSeconds({ start, pass, scanMs, checkMs, passes }: Measured, others: number): number {
  const rest = (loop: Loop) => Math.max(0, AN_HOUR[loop] - passes[loop]) * pass[loop];
  const scans = (loop: Loop) => SCANS.first[loop] * others * scanMs[loop];
  return LOOPS.reduce((sum, loop) => sum + start[loop] + rest(loop) + scans(loop), checkMs) / 1_000;
}

/** Of an hour after it: with `--hour` what was in it, otherwise what each hour has. */
function hourSeconds({ lasting, pass, scanMs, checkMs, passes }: Measured, others: number): number {
  if (anHour) return LOOPS.reduce((sum, loop) => sum + IN_WINDOW[loop] * pass[loop], 0) / 1_000;
  // Of the first pass what the others do not take is the new connection; the hourly one is all of it.
  const renewed = (loop: Loop) => Math.max(0, lasting[loop] - passes[loop] * pass[loop]);
  const scans = (loop: Loop) => SCANS.after[loop] * others * scanMs[loop];
  // Every other database is inspected as the connected one is, and not again where nobody was.
  const inspected = checkMs / (1 + others);
  return LOOPS.reduce((sum, loop) => sum + renewed(loop) + AN_HOUR[loop] * pass[loop] + scans(loop), inspected) / 1_000;
}

function report(all: readonly (Ready & { measured: Measured })[], version: string, buildS: number): void {
  const server = new Table({
    style: { head: [], border: [] },
    head: [
      'scenario',
      'first hour, CPU s',
      'an hour after',
      'goal',
      'start ms',
      'hot ms',
      'workload ms',
      'storage ms',
      'scan ms',
      'scans',
      'temp files',
      'hot pass ms',
      '/locks kB',
      '/locks ms',
    ],
  });
  const own = new Table({
    style: { head: [], border: [] },
    head: ['own process', 'start CPU s', 'then CPU s an hour', 'peak MB'],
  });
  for (const { scenario, measured: one } of all) {
    server.push([
      scenario.name,
      anHour ? '–' : firstHourSeconds(one, scenario.databases - 1).toFixed(2),
      hourSeconds(one, scenario.databases - 1).toFixed(2),
      (major <= 14 ? (scenario.goalUpTo14 ?? scenario.goal) : scenario.goal)?.toFixed(1) ?? '–',
      LOOPS.reduce((sum, loop) => sum + one.start[loop], one.checkMs).toFixed(0),
      ...(['hot', 'workload', 'storage'] as const).map((loop) => one.pass[loop].toFixed(2)),
      (['workload', 'storage', 'hourly'] as const).map((loop) => one.scanMs[loop].toFixed(0)).join(' '),
      one.scans,
      one.tempFiles,
      one.hotMs.toFixed(0),
      one.locks.kB.toFixed(0),
      one.locks.ms.toFixed(0),
    ]);
    const { startMs, hourMs, peakMb } = one.own;
    own.push([scenario.name, (startMs / 1_000).toFixed(2), (hourMs / 1_000).toFixed(1), peakMb.toFixed(0)]);
    if (one.trouble) console.log(`${scenario.name} said:\n${one.trouble}`);
  }
  console.log(
    `${machine(version)}, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  console.log(
    `${WINDOW_S} s after the start, storage every ${STORAGE_S} s, the rest at its default pace; built in ${buildS.toFixed(0)} s`,
  );
  console.log(server.toString());
  console.log(own.toString());
  console.log(
    `goals of the process: start 1.2 s, then 8 s an hour, 130 MB; of a queue: hot pass under 1,000 ms, /locks under 300 kB; ${catalogOf(collectors).size} metric names`,
  );
}

/** From the moment at which a session waits to that at which the API says so, over many moments of a pass. */
async function visible({ server, admin }: Ready): Promise<void> {
  const serving = await serve({ targets: [{ cluster: 'bench', dsn: server.dsn('pgmon') }] });
  await started(admin);
  await admin.query('CREATE TABLE held AS SELECT i AS id FROM generate_series(1, 24) AS i');
  const clients: pg.Client[] = [];
  const connected = async () => {
    const client = new pg.Client(server.dsn());
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const holder = await connected();
  await holder.query('BEGIN; UPDATE held SET id = id');
  const seconds = await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const client = await connected();
      const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
      await sleep(i * 1_270);
      client.query('UPDATE held SET id = id WHERE id = $1', [i + 1]).catch(() => {});
      const since = performance.now();
      for (;;) {
        await sleep(250);
        const text = await (await fetch(`${serving.url}/api/v1/locks`)).text();
        if (new RegExp(`"pid":\\s*${pid}\\b`).test(text) || performance.now() - since > 60_000) break;
      }
      return (performance.now() - since) / 1_000;
    }),
  );
  console.log(
    `blocked to visible, 24 of them: median ${median(seconds).toFixed(1)} s, longest ${Math.max(...seconds).toFixed(1)} s`,
  );
  await serving.stop();
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
}
