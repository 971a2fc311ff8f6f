import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';

/** A problem document, RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
  })
  .openapi('Problem');

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Log-in needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Body too large',
  429: 'Too many failures',
  500: 'Something broke',
  503: 'Not ready',
};

/** Ends the request with a problem document. */
export function problem(status: 400 | 401 | 403 | 404 | 413 | 429, detail: string): HTTPException {
  return new HTTPException(status, { message: detail });
}

/** Any error as a problem document; what broke inside is not told. */
export function problemResponse(error: Error, context: Context): Response {
  const status = error instanceof HTTPException ? error.status : 500;
  const detail = error instanceof HTTPException ? error.message : undefined;
  const body = { type: 'about:blank', title: TITLES[status] ?? 'Problem', status, ...(detail ? { detail } : {}) };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return context.body(JSON.stringify(body), status, headers);
}

/** What is wrong with a request, by parameter. */
export function faultsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('; ');
}
