import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './auth.ts';

/** Most answers in the cache: a client that asks for ever new ones fills no memory. */
const MOST = 500;

interface Cached {
  readonly until: number;
  readonly answer: Promise<{ status: number; headers: [string, string][]; body: ArrayBuffer } | undefined>;
}

/**
 * Caches answers to GET for a moment, for each role by itself: many clients that ask the same at once share one answer.
 * What is shown is seconds old in any case.
 */
export function microCache(ms: number, now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  const cache = new Map<string, Cached>();
  return async (context, next) => {
    if (context.req.method !== 'GET') {
      await next();
      cache.clear(); // a change must be visible, also to a client that asked while it was being made
      return;
    }
    const key = `${context.get('role') ?? ''} ${context.req.url}`;
    const known = cache.get(key);
    if (known && known.until > now()) {
      const answer = await known.answer;
      if (answer) {
        context.res = new Response(answer.body.slice(0), { status: answer.status, headers: answer.headers });
        return;
      }
    }
    const { promise: answer, resolve } = Promise.withResolvers<Awaited<Cached['answer']>>();
    if (cache.size >= MOST) cache.clear();
    cache.set(key, { until: now() + ms, answer });
    try {
      await next();
      const { status, headers } = context.res;
      if (status !== 200) {
        cache.delete(key);
        resolve(undefined);
        return;
      }
      const body = await context.res.clone().arrayBuffer();
      resolve({ status, headers: [...headers], body });
    } catch (error) {
      cache.delete(key);
      resolve(undefined);
      throw error;
    }
  };
}
