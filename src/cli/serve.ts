import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { effectiveRules } from '../alerts/effective.ts';
import { createApi } from '../api/app.ts';
import { authentication } from '../api/auth.ts';
import { pageFrom } from '../api/page.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import type { Config } from '../config/schema.ts';
import { targetSchema } from '../config/target.ts';
import { type Demo, startDemo } from '../local/demo/demo.ts';
import { listen } from '../local/listen.ts';
import { storeLog } from '../local/store-log.ts';
import { watch } from '../local/watch.ts';
import { Inspections } from '../postgres/inspections.ts';
import { readConfig, readSlackSecrets, readyToServe } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printMessage } from './output.ts';
import { preflightAll } from './preflight.ts';
import { openStore } from './store.ts';

/** Watches the targets and serves what was seen, until a signal ends it. Without a target it watches a demo. */
export async function serveCommand(options: { config?: string; json?: boolean }): Promise<ExitCode> {
  const given = readConfig(options.config);
  const channels = readyToServe(given);
  const closing: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  const ended = signalled();
  try {
    // First of all: where another process has it, or it is broken, nothing else begins.
    const local = await openStore(given.store.path);
    closing.push(local.close);
    const config = given.targets.length > 0 ? given : await withDemo(given, closing);
    const inspections = new Inspections();
    const code = given.targets.length > 0 ? await refuseHopeless(config, inspections) : EXIT.done;
    if (code !== EXIT.done) return code;
    const log = storeLog(
      pino(
        { level: config.log_level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
        pino.destination({ dest: 2, sync: true }),
      ),
      local,
    );
    const watching = watch(config, local, channels, log, inspections);
    closing.push(watching.stop);
    const collectors = collectorsOf(config);
    const catalog = catalogOf(collectors);
    const api = createApi({
      identify: authentication(config.http),
      corsOrigins: config.http.cors_origins,
      stores: watching.stores,
      catalog,
      collectors,
      rules: effectiveRules(config.alerts, catalog).rules,
      clusters: config.targets.map(({ cluster }) => cluster),
      intervals: watching.intervals,
      log,
      startedAt: new Date(),
      storeProblem: () => local.problem()?.message,
      now: () => new Date(),
      slackSecrets: readSlackSecrets(config),
      page: pageFrom(fileURLToPath(new URL('../../ui/dist', import.meta.url))),
    });
    const listening = await listen(api, config.http);
    closing.push(listening.close);
    if (options.json) printJson({ url: listening.url, clusters: config.targets.map(({ cluster }) => cluster) });
    printMessage(`pgmon: ${listening.url} (Ctrl-C stops it)`);
    await ended;
    printMessage('pgmon: shutting down');
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(EXIT.found, error instanceof Error ? error.message : String(error));
  } finally {
    await closeAll();
  }
}

async function withDemo(config: Config, closing: (() => Promise<void>)[]): Promise<Config> {
  printMessage(
    'pgmon: no target configured: starting a demo, a PostgreSQL 18 of its own with a small shop working in it.\n' +
      '       Its sessions block one another on purpose: expect an alert within two minutes, again and again.\n' +
      '       To monitor your own server: PGMON_DSN=postgres://user:password@host/database npm start',
  );
  const demo: Demo = await startDemo();
  closing.push(demo.stop);
  return { ...config, targets: [targetSchema.parse({ cluster: 'demo', dsn: demo.dsn })] };
}

/**
 * Ends at once only where nothing could ever be watched: every role can write, or the one server there is refuses us
 * for a reason that waiting does not mend. A server that is merely down may come back.
 */
async function refuseHopeless(config: Config, inspections: Inspections): Promise<ExitCode> {
  const preflights = await preflightAll(config, inspections);
  const hopeless = preflights.filter(({ problem }) => problem && !PASSING.has(problem.kind));
  for (const { cluster, problem } of hopeless) {
    printMessage(`pgmon: ${cluster}: ${problem?.message}${problem?.hint ? `\n       ${problem.hint}` : ''}`);
  }
  if (hopeless.length < preflights.length) return EXIT.done;
  return hopeless.every(({ code }) => code === EXIT.refused) ? EXIT.refused : EXIT.unreachable;
}

/** Problems that end by themselves. */
const PASSING: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'starting', 'full', 'disconnected']);

/** The first Ctrl-C or SIGTERM ends pgmon in good order; a second one at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const end = () => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  });
}
