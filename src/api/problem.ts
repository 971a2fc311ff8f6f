import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { IssuerUnavailable } from './issuer.ts';

/** A problem document, RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
    request_id: z
      .string()
      .optional()
      .openapi({ description: 'For failures of pgmon: its log has the cause under this id.' }),
  })
  .openapi('Problem');

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Login required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Too late',
  413: 'Body too large',
  429: 'Too many failures',
  500: 'Something broke',
  503: 'Not ready',
};

/** Ends the request with a problem document. */
export function problem(status: 400 | 401 | 403 | 404 | 409 | 413 | 429, detail: string): HTTPException {
  return new HTTPException(status, { message: detail });
}

/** What the API needs of a logger; pino's is one. */
export interface ApiLog {
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

/**
 * Any error as a problem document. The cause of a failure of pgmon itself is not for the reader: it is logged, once, with the id
 * that the reader gets.
 */
export function problemHandler(log: ApiLog): (error: Error, context: Context) => Response {
  return (error, context) => {
    if (error instanceof HTTPException) return problemResponse(error, context);
    const status = error instanceof IssuerUnavailable ? 503 : 500;
    const requestId = String(context.get('requestId'));
    const { method, path } = context.req;
    log.error(
      { err: error, request_id: requestId, method, path, status },
      `${method} ${path} failed: ${error.message}`,
    );
    const detail =
      error instanceof IssuerUnavailable
        ? 'The token issuer does not answer, so pgmon cannot check its tokens. Try again in a minute.'
        : `The log of pgmon has the cause under ${requestId}.`;
    return documentOf(context, { status, detail, requestId });
  };
}

/** A refusal as a problem document. */
export function problemResponse({ status, message }: HTTPException, context: Context): Response {
  return documentOf(context, { status, detail: message });
}

function documentOf(
  context: Context,
  { status, detail, requestId }: { status: ContentfulStatusCode; detail: string; requestId?: string },
): Response {
  const body = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Problem',
    status,
    detail: detail || undefined,
    request_id: requestId,
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return context.body(JSON.stringify(body), status, headers);
}

/** What is wrong with a request, by parameter. */
export function faultsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('; ');
}
