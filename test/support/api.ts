import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { effectiveRules } from '../../src/alerts/effective.ts';
import { createApi } from '../../src/api/app.ts';
import { authentication } from '../../src/api/auth.ts';
import { pageFrom } from '../../src/api/page.ts';
import type { ApiLog } from '../../src/api/problem.ts';
import { catalogOf } from '../../src/collectors/catalog.ts';
import { collectorsOf } from '../../src/collectors/index.ts';
import { intervalsOf } from '../../src/config/intervals.ts';
import { parseConfig } from '../../src/config/load.ts';
import { LOOPS } from '../../src/config/loop.ts';
import type { Config } from '../../src/config/schema.ts';
import { listen } from '../../src/local/listen.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { createLoop } from '../../src/loops/compose.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The API over a real table with what real loops read, listening on loopback. */
export async function serveApi(
  dsn: string,
  http: object = {},
  alerts: object = {},
  log: ApiLog = silent,
  now = () => new Date(),
) {
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-api-'));
  const local = await openLocalTable(folder);
  const stores = storesIn(local.table);
  const config = parseConfig(JSON.stringify({ cluster: 'shop', dsn, http, alerts }), 'test', {});
  const loops = LOOPS.map((loop) =>
    createLoop(loop, config, {
      credentials: credentialsFromDsn,
      stores,
      channels: [],
      log: silent,
      now,
      idleLimitMs: Number.POSITIVE_INFINITY,
    }),
  );
  const { app, url, close } = await apiOver(stores, ['shop'], config, log, now);
  return {
    app,
    stores,
    url,
    /** One pass of every loop, kept. */
    pass: async () => {
      for (const loop of loops) await loop.write(config.targets, await loop.pass(config.targets));
    },
    close: async () => {
      await close();
      for (const loop of loops) await loop.close();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The API over stores that are filled already. */
export async function apiOver(
  stores: Stores,
  clusters: readonly string[],
  config: Config,
  log: ApiLog = silent,
  now = () => new Date(),
  slackSecrets: readonly (() => Promise<string>)[] = [],
) {
  const collectors = collectorsOf(config);
  const catalog = catalogOf(collectors);
  const app = createApi({
    identify: authentication(config.http),
    corsOrigins: config.http.cors_origins,
    stores,
    catalog,
    collectors,
    rules: effectiveRules(config.alerts, catalog).rules,
    clusters,
    intervals: intervalsOf(config),
    log,
    startedAt: new Date(),
    now,
    page: pageFrom('ui/dist'),
    slackSecrets,
  });
  const { url, close } = await listen(app, { ...config.http, bind: '127.0.0.1:0' });
  return { app, url, close };
}
