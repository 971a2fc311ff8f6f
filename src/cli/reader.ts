import { userInfo } from 'node:os';
import type { z } from '@hono/zod-openapi';
import { effectiveRules } from '../alerts/effective.ts';
import { createApi } from '../api/app.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { intervalsOf } from '../config/intervals.ts';
import type { Config } from '../config/schema.ts';
import { storesIn } from '../store/stores.ts';
import { printMessage } from './output.ts';
import { answerIn, askRunning, clustersOf } from './running.ts';
import { openStore } from './store.ts';

/** A GET of the API. */
interface ReadRoute<A extends z.ZodType> {
  readonly path: string;
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': { readonly schema: A } } } };
}

/** Asks an endpoint of the API; parameters that are undefined are left out. @throws CommandFailure with what it says against it */
export type Read = <A extends z.ZodType>(
  route: ReadRoute<A>,
  query: Readonly<Record<string, string | undefined>>,
) => Promise<z.output<A>>;

/**
 * Reads what the API answers: of the pgmon that runs here, or, where none does, of the API over its table, so that a command
 * says the same either way.
 */
export async function withReader<T>(config: Config, work: (read: Read) => Promise<T>): Promise<T> {
  let own: Awaited<ReturnType<typeof apiOverStore>> | undefined;
  const read: Read = async (route, query) => {
    const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    const path = `${route.path}?${new URLSearchParams(given)}`;
    const { schema } = route.responses[200].content['application/json'];
    const response = own ? undefined : await askRunning(config, 'GET', path);
    if (response) return await answerIn(response, schema);
    own ??= await apiOverStore(config);
    return await answerIn(await own.app.request(`/api/v1${path}`), schema);
  };
  try {
    return await work(read);
  } finally {
    await own?.close();
  }
}

/**
 * Has the API do something: of the pgmon that runs here, or, where none does, over its table, which one process at a time can.
 *
 * @throws CommandFailure with what it says against it
 */
export async function callApi<A extends z.ZodType>(
  config: Config,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  schema: A,
  body?: object,
): Promise<z.output<A>> {
  const running = await askRunning(config, method, path, body);
  if (running) return await answerIn(running, schema);
  const { app, close } = await apiOverStore(config);
  try {
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return await answerIn(await app.request(`/api/v1${path}`, { method, headers, ...sent }), schema);
  } finally {
    await close();
  }
}

/** Who runs the command, by the name that this machine knows. */
export function cliUser(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return 'cli'; // a container's user may have no name
  }
}

/** The API over the table of this machine, for whoever may read its files. */
async function apiOverStore(config: Config) {
  const { table, close } = await openStore(config.store.path);
  const collectors = collectorsOf(config);
  const catalog = catalogOf(collectors);
  const app = createApi({
    identify: async (context, next) => {
      context.set('role', 'admin');
      await next();
    },
    corsOrigins: [],
    stores: storesIn(table),
    catalog,
    collectors,
    rules: effectiveRules(config.alerts, catalog).rules,
    clusters: clustersOf(config),
    intervals: intervalsOf(config),
    log: {
      warn: (_, message) => printMessage(`pgmon: ${message}`),
      error: (_, message) => printMessage(`pgmon: ${message}`),
    },
    now: () => new Date(),
    page: { file: () => undefined },
  });
  return { app, close };
}
