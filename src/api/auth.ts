import { createHash, timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import { bearerToken, type HttpConfig, needsLogIn, type ReaderRole, ROLES } from '../config/http.ts';
import { issuerIdentities } from './issuer.ts';
import { problem } from './problem.ts';

/** What a request may do, and who asks: known once it went through {@link authentication}. */
export interface ApiEnv {
  Variables: { role: ReaderRole | undefined; who?: string | undefined } & RequestIdVariables;
}

/** Who a token stands for: its name, or the subject of a JSON Web Token. */
export interface Identity {
  readonly role: ReaderRole;
  readonly who: string;
}

/** Wrong tokens of one address within a minute that are answered with 401; further ones with 429. */
const FAILURES = 10;
const WINDOW_MS = 60_000;

/**
 * Finds out who asks. Without tokens and issuer, which is on loopback only, everybody may do everything. A wrong token
 * is refused everywhere; no token is refused where {@link needs} asks for a role.
 */
export function authentication(config: HttpConfig, now: () => number = Date.now): MiddlewareHandler<ApiEnv> {
  const open = !needsLogIn(config);
  const failures = new Failures(now);
  const identityOf = identityFinder(config.oidc);
  return async (context, next) => {
    const header = context.req.header('authorization');
    if (open) {
      context.set('role', 'admin');
    } else if (header === undefined) {
      context.set('role', undefined);
    } else {
      const identity = await identityOf(header, config.tokens);
      if (!identity) {
        // A good token is never made to wait for the wrong ones of a neighbor behind the same address.
        failures.count(addressOf(context));
        throw problem(401, 'The token is unknown, revoked or expired.');
      }
      context.set('role', identity.role);
      context.set('who', identity.who);
    }
    await next();
  };
}

/** Lets through who has at least this role. */
export function needs(role: ReaderRole): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const own = context.get('role');
    if (!own) throw problem(401, 'Send a token: Authorization: Bearer …');
    if (ROLES.indexOf(own) < ROLES.indexOf(role)) throw problem(403, `This requires the role ${role}.`);
    await next();
  };
}

/** The hash under which a token is kept. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

type KnownToken = HttpConfig['tokens'][number];

/** Finds who an `Authorization` header stands for: by a known token, or by a JSON Web Token of the issuer. */
export function identityFinder(
  oidc: HttpConfig['oidc'],
): (header: string, tokens: readonly KnownToken[]) => Promise<Identity | undefined> {
  const jwtIdentity = oidc ? issuerIdentities(oidc) : async () => undefined;
  return async (header, tokens) => {
    const token = bearerToken(header);
    return token ? (tokenIdentity(token, tokens) ?? (await jwtIdentity(token))) : undefined;
  };
}

function tokenIdentity(token: string, tokens: readonly KnownToken[]): Identity | undefined {
  const given = Buffer.from(hashOf(token), 'hex');
  // All are compared, in constant time each: how long it takes says nothing.
  const [known] = tokens.filter(({ sha256 }) => timingSafeEqual(given, Buffer.from(sha256, 'hex')));
  return known && { role: known.role, who: known.name };
}

function addressOf(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    return 'unknown'; // not on a socket of Node
  }
}

/** Wrong tokens by address. */
class Failures {
  readonly #now: () => number;
  readonly #counts = new Map<string, { count: number; since: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws 429 from the eleventh wrong one of a minute on */
  count(address: string): void {
    const known = this.#counts.get(address);
    const current = known && this.#now() - known.since < WINDOW_MS ? known : { count: 0, since: this.#now() };
    current.count += 1;
    // A client with many addresses must not fill the memory.
    if (this.#counts.size > 10_000) this.#counts.clear();
    this.#counts.set(address, current);
    if (current.count > FAILURES) throw problem(429, 'Too many wrong tokens from this address: wait a minute.');
  }
}
