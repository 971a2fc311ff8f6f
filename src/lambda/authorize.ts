import * as z from 'zod';
import { hashOf, identityFinder } from '../api/auth.ts';
import type { Secrets } from '../aws/secrets.ts';
import { type HttpConfig, tokenSecretSchema } from '../config/http.ts';
import { MissingSecret } from '../config/secret.ts';

/** What the gateway asks: payload version 2.0 of a request authorizer. */
export const authorizerEvent = z.object({
  routeKey: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
});

/** The simple answer: whether, and as what. */
export interface Authorization {
  readonly isAuthorized: boolean;
  readonly context: { readonly role: string; readonly who: string };
}

/** Without a token the answer is only whether pgmon is healthy. */
const OPEN_ROUTES: readonly string[] = ['GET /healthz', 'GET /livez'];

/**
 * How long the secret's tokens are believed. The gateway keeps an answer for 30 s more, so a revoked token is good for a minute
 * at most. Reading it that often costs each warm environment about 40 cents a month.
 */
export const TOKENS_KEPT_MS = 30_000;

/** An unknown token may be new: the secret is read again, at most this often, whatever clients guess. */
const NEW_TOKENS_MS = 5_000;

/** Finds who asks, and the role, by the tokens of the secret and of the configuration, or by the issuer's. */
export function authorizer(
  { tokens, oidc }: HttpConfig,
  secretArn: string | undefined,
  secrets: Secrets,
): (event: unknown) => Promise<Authorization> {
  const identityOf = identityFinder(oidc);
  return async (event) => {
    const { routeKey, headers } = authorizerEvent.parse(event);
    const header = headers?.['authorization'] ?? headers?.['Authorization'];
    if (header === undefined) return { isAuthorized: OPEN_ROUTES.includes(routeKey), context: { role: '', who: '' } };
    const known = async (fresh: number) =>
      secretArn ? [...tokens, ...tokensIn(await secrets.read(secretArn, fresh), secretArn)] : tokens;
    const identity =
      (await identityOf(header, await known(TOKENS_KEPT_MS))) ??
      (secretArn ? await identityOf(header, await known(NEW_TOKENS_MS)) : undefined);
    const { role = '', who = '' } = identity ?? {};
    return { isAuthorized: identity !== undefined, context: { role, who } };
  };
}

function tokensIn(text: string, arn: string) {
  const parsed = tokenSecretSchema.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new MissingSecret(
      `the secret ${arn} must be {"name": "…", "role": "viewer, operator or admin", "token": "…"}, or a list of them, each token of 16 or more letters, digits and . _ ~ + / - characters`,
    );
  return parsed.data.map(({ name, role, token }) => ({ name, role, sha256: hashOf(token) }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
