import * as z from 'zod';
import type { Config } from '../config/schema.ts';
import { type Stores, storesIn } from '../store/stores.ts';
import { CommandFailure, EXIT } from './exit.ts';
import { openStore } from './store.ts';

/** Asks the pgmon that runs here, with the token in PGMON_TOKEN where it wants one; where none does, its table is opened instead, which one process at a time can. */
export async function running<T>(
  config: Config,
  method: string,
  path: string,
  body: object | undefined,
  schema: z.ZodType<T>,
  otherwise: (stores: Stores) => Promise<T>,
): Promise<T> {
  const token = process.env['PGMON_TOKEN'];
  let response: Response;
  try {
    response = await fetch(`http://${config.http.bind}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
  } catch {
    const { table, close } = await openStore(config.store.path);
    try {
      return await otherwise(storesIn(table));
    } finally {
      await close();
    }
  }
  const text = await response.text();
  const { data: refused } = z.object({ detail: z.string() }).safeParse(jsonOf(text));
  if (response.status === 400 && refused) throw new CommandFailure(EXIT.usage, refused.detail);
  if (!response.ok)
    throw new CommandFailure(EXIT.found, `the running pgmon answered ${response.status}: ${text.slice(0, 200)}`);
  return schema.parse(text ? JSON.parse(text) : undefined);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
