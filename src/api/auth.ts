import { createHash, timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type HttpConfig, type ReaderRole, ROLES } from '../config/http.ts';
import { problem } from './problem.ts';

/** What a request may do: known once it went through {@link authentication}. */
export interface ApiEnv {
  Variables: { role: ReaderRole | undefined };
}

/** Failures of one address within a minute, after which it has to wait. */
const FAILURES = 10;
const WINDOW_MS = 60_000;

/** Keys that sign with a secret are not for an issuer, and `none` is for nobody. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/**
 * Finds out who asks. Without tokens and issuer, which is on loopback only, everybody may do everything. A wrong token
 * is refused everywhere; no token is refused where {@link needs} asks for a role.
 */
export function authentication(config: HttpConfig, now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  const open = config.tokens.length === 0 && !config.oidc;
  const failures = new Failures(now);
  const roleOf = roleFinder(config.oidc);
  return async (context, next) => {
    const header = context.req.header('authorization');
    if (open) {
      context.set('role', 'admin');
    } else if (header === undefined) {
      context.set('role', undefined);
    } else {
      const address = addressOf(context);
      failures.refuseIfMany(address);
      const role = await roleOf(header, config.tokens);
      if (!role) {
        failures.count(address);
        throw problem(401, 'The token is not known, or no longer good.');
      }
      context.set('role', role);
    }
    await next();
  };
}

/** Lets through who has at least this role. */
export function needs(role: ReaderRole): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const own = context.get('role');
    if (!own) throw problem(401, 'Send a token: Authorization: Bearer …');
    if (ROLES.indexOf(own) < ROLES.indexOf(role)) throw problem(403, `This needs the role ${role}.`);
    await next();
  };
}

/** The hash under which a token is kept. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

type KnownToken = Pick<HttpConfig['tokens'][number], 'role' | 'sha256'>;

/** Finds the role that an `Authorization` header gives: by a known token, or by a JSON Web Token of the issuer. */
export function roleFinder(
  oidc: HttpConfig['oidc'],
): (header: string, tokens: readonly KnownToken[]) => Promise<ReaderRole | undefined> {
  const keys = oidc ? keysOf(oidc) : undefined;
  return async (header, tokens) => {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
    return token ? (tokenRole(token, tokens) ?? (await jwtRole(token, oidc, keys))) : undefined;
  };
}

function tokenRole(token: string, tokens: readonly KnownToken[]): ReaderRole | undefined {
  const given = Buffer.from(hashOf(token), 'hex');
  // All are compared, in constant time each: how long it takes says nothing.
  return tokens.filter(({ sha256 }) => timingSafeEqual(given, Buffer.from(sha256, 'hex')))[0]?.role;
}

function keysOf({ issuer, jwks_url }: NonNullable<HttpConfig['oidc']>): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwks_url ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`));
}

async function jwtRole(
  token: string,
  oidc: HttpConfig['oidc'],
  keys: JWTVerifyGetKey | undefined,
): Promise<ReaderRole | undefined> {
  if (!oidc || !keys || token.split('.').length !== 3) return undefined;
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: oidc.issuer,
      audience: oidc.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
    });
    const groups = groupsOf(payload, oidc.groups_claim);
    return ROLES.findLast((role) => oidc.roles[role].some((group) => groups.includes(group)));
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function groupsOf(payload: JWTPayload, claim: string): readonly unknown[] {
  const groups = payload[claim];
  return Array.isArray(groups) ? groups : [groups];
}

function addressOf(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    return 'unknown'; // not on a socket of Node
  }
}

class Failures {
  readonly #now: () => number;
  readonly #counts = new Map<string, { count: number; since: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  refuseIfMany(address: string): void {
    const known = this.#counts.get(address);
    if (known && this.#now() - known.since < WINDOW_MS && known.count >= FAILURES)
      throw problem(429, 'Too many wrong tokens from this address: wait a minute.');
  }

  count(address: string): void {
    const known = this.#counts.get(address);
    if (known && this.#now() - known.since < WINDOW_MS) known.count += 1;
    else this.#counts.set(address, { count: 1, since: this.#now() });
    // Whoever comes from many addresses fills no memory.
    if (this.#counts.size > 10_000) this.#counts.clear();
  }
}
