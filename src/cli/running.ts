import * as z from 'zod';
import type { Config } from '../config/schema.ts';
import { type Stores, storesIn } from '../store/stores.ts';
import { CommandFailure, EXIT } from './exit.ts';
import { openStore } from './store.ts';

/** The targets of a configuration; without any, `serve` watches its demo. */
export const clustersOf = (config: Config): string[] =>
  config.targets.length > 0 ? config.targets.map(({ cluster }) => cluster) : ['demo'];

/** The answer of the pgmon that runs here, asked with the token in PGMON_TOKEN where there is one; undefined where none runs. */
export async function askRunning(
  config: Config,
  method: string,
  path: string,
  body?: object,
): Promise<Response | undefined> {
  const token = process.env['PGMON_TOKEN'];
  try {
    return await fetch(`http://${config.http.bind}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
  } catch {
    return undefined;
  }
}

/** What an answer says. @throws CommandFailure with what the API says against it: 2 where it was asked wrongly, else 1 */
export async function answerIn<A extends z.ZodType>(response: Response, schema: A): Promise<z.output<A>> {
  const text = await response.text();
  if (response.ok) return schema.parse(text ? JSON.parse(text) : undefined);
  const { data: refused } = z.object({ detail: z.string() }).safeParse(jsonOf(text));
  if (response.status === 400 && refused) throw new CommandFailure(EXIT.usage, refused.detail);
  if ([404, 409].includes(response.status) && refused) throw new CommandFailure(EXIT.found, refused.detail);
  throw new CommandFailure(EXIT.found, `the running pgmon answered ${response.status}: ${text.slice(0, 200)}`);
}

/** Has the pgmon that runs here do something; where none does, its table is opened instead, which one process at a time can. */
export async function running<T>(
  config: Config,
  method: string,
  path: string,
  body: object | undefined,
  schema: z.ZodType<T>,
  otherwise: (stores: Stores) => Promise<T>,
): Promise<T> {
  const response = await askRunning(config, method, path, body);
  if (response) return await answerIn(response, schema);
  const { table, close } = await openStore(config.store.path);
  try {
    return await otherwise(storesIn(table));
  } finally {
    await close();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
