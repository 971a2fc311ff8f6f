import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import * as z from 'zod';
import type { ApiEnv } from './auth.ts';
import { problem } from './problem.ts';

/** Routes without a description, which take no parameters. */
const BARE = ['/livez', '/healthz', '/metrics', '/openapi.json'];

/**
 * Refuses query parameters that a route does not have: an answer for the default in place of what was asked would look like the
 * answer. What a route takes is read from its description, so it is said in one place.
 *
 * @param described the app whose routes are looked up at the first request: they are added later than this is
 */
export function knownParameters(described: OpenAPIHono<ApiEnv>): MiddlewareHandler<ApiEnv> {
  let routes: ReadonlyMap<string, readonly string[]> | undefined;
  return async (context, next) => {
    routes ??= parametersOf(described);
    const asked = Object.keys(context.req.queries());
    if (asked.length > 0) {
      const method = context.req.method === 'HEAD' ? 'GET' : context.req.method;
      const keys = matchedRoutes(context).map(({ path }) => `${method} ${path}`);
      const known = keys.map((key) => routes?.get(key)).find((names) => names !== undefined);
      const unknown = known && asked.find((name) => !known.includes(name));
      if (unknown !== undefined) throw problem(400, `${unknown}: unknown parameter; ${allowed(known ?? [])}`);
    }
    await next();
  };
}

function allowed(names: readonly string[]): string {
  return names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`;
}

/** Parameters by method and path, the path as the router has it. */
function parametersOf(app: OpenAPIHono<ApiEnv>): ReadonlyMap<string, readonly string[]> {
  const described = app.openAPIRegistry.definitions.flatMap((definition): [string, string[]][] => {
    if (definition.type !== 'route') return [];
    const { method, path, request } = definition.route;
    const names = request?.query instanceof z.ZodObject ? Object.keys(request.query.shape) : [];
    return [[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, names]];
  });
  return new Map([...BARE.map((path): [string, string[]] => [`GET ${path}`, []]), ...described]);
}
