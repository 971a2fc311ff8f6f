import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './auth.ts';

/** Most answers kept at a time: whoever asks for ever new ones fills no memory. */
const MOST = 500;

interface Kept {
  readonly until: number;
  readonly answer: Promise<{ status: number; headers: [string, string][]; body: ArrayBuffer } | undefined>;
}

/**
 * Keeps the answers to GET for a moment, apart for each role: many who ask the same at once are told the same, made
 * once. What is shown is seconds old in any case.
 */
export function briefCache(ms: number, now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  const kept = new Map<string, Kept>();
  return async (context, next) => {
    if (context.req.method !== 'GET') {
      await next();
      kept.clear(); // what was changed must be seen: also by whoever asked while it was being changed
      return;
    }
    const key = `${context.get('role') ?? ''} ${context.req.url}`;
    const known = kept.get(key);
    if (known && known.until > now()) {
      const answer = await known.answer;
      if (answer) {
        context.res = new Response(answer.body.slice(0), { status: answer.status, headers: answer.headers });
        return;
      }
    }
    let settle: (answer: Awaited<Kept['answer']>) => void = () => {};
    const answer = new Promise<Awaited<Kept['answer']>>((resolve) => {
      settle = resolve;
    });
    if (kept.size >= MOST) kept.clear();
    kept.set(key, { until: now() + ms, answer });
    try {
      await next();
      const { status, headers } = context.res;
      if (status !== 200) {
        kept.delete(key);
        settle(undefined);
        return;
      }
      const body = await context.res.clone().arrayBuffer();
      settle({ status, headers: [...headers], body });
    } catch (error) {
      kept.delete(key);
      settle(undefined);
      throw error;
    }
  };
}
