import { createRoute, type OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi';
import type { ReaderRole } from '../config/http.ts';
import { type ApiEnv, needs } from './auth.ts';
import { problemSchema } from './problem.ts';

export type Api = OpenAPIHono<ApiEnv>;

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  401: 'A token is missing or invalid.',
  403: "The token's role may not do this.",
  404: 'Not found.',
};

/** A GET that answers JSON, with the problems that each may answer. */
export function getRoute<P extends string, Q extends z.ZodObject, A extends z.ZodType>(options: {
  readonly path: P;
  readonly summary: string;
  readonly query: Q;
  readonly answer: A;
  readonly role?: ReaderRole;
}) {
  return createRoute({
    method: 'get',
    path: options.path,
    summary: options.summary,
    middleware: [needs(options.role ?? 'viewer')] as const,
    request: { query: options.query },
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: options.answer } } },
      ...problems(400, 401, 403, 404),
    },
  });
}

/** Answers that are problem documents, for a route's description. */
export function problems(...statuses: readonly number[]): RouteConfig['responses'] {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEMS[status] ?? 'A problem.',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
