import * as z from 'zod';
import { bindAddress } from './scalars.ts';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type ReaderRole = (typeof ROLES)[number];

const token = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Who uses the token.'),
    role: z.enum(ROLES),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a hash printed by pgmon token create'),
  })
  .describe('The hash of a bearer token; the token itself is stored nowhere.');

/** What an `Authorization: Bearer` header can carry (RFC 6750, section 2.1). */
const TOKEN = /^[\w.~+/-]+=*$/;

/** The token of an `Authorization` header; undefined where it carries none. */
export function bearerToken(header: string): string | undefined {
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  return token && TOKEN.test(token) ? token : undefined;
}

/** What the secret of a deployment holds: one token, or a list of them. */
export const tokenSecretSchema = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(z.object({ name: z.string().min(1), role: z.enum(ROLES), token: z.string().min(16).regex(TOKEN) })).min(1),
);

const oidc = z
  .strictObject({
    issuer: z.url({ protocol: /^https?$/, error: 'must be the URL of the issuer' }),
    audience: z.string().min(1),
    jwks_url: z.url().optional().describe("URL of the issuer's keys, if it is not the usual one."),
    groups_claim: z.string().min(1).default('groups'),
    roles: z
      .strictObject({
        viewer: z.array(z.string()).default([]),
        operator: z.array(z.string()).default([]),
        admin: z.array(z.string()).default([]),
      })
      .describe('Groups of each role.'),
  })
  .describe('Login with JSON Web Tokens of an issuer.');

/** Where the API and the page are served, and who may read. */
export const httpSchema = z
  .strictObject({
    bind: bindAddress.default('127.0.0.1:8181').describe('Address of the API and the page in the local form.'),
    tokens: z.array(token).default([]).describe('Bearer tokens; pgmon token create makes one.'),
    oidc: oidc.optional(),
    cors_origins: z.array(z.url()).default([]).describe('Other origins whose pages may read the API.'),
  })
  .prefault({});

export type HttpConfig = z.output<typeof httpSchema>;

/** Whether a reader has to say who it is. Where not, everybody who reaches the port may do everything. */
export function needsLogIn({ tokens, oidc: issuer }: Pick<HttpConfig, 'tokens' | 'oidc'>): boolean {
  return tokens.length > 0 || issuer !== undefined;
}

/** Whether others than this machine could read and nobody would have to log in. */
export function isOpenToAll(http: HttpConfig): boolean {
  const host = http.bind.slice(0, http.bind.lastIndexOf(':'));
  const loopback = host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
  return !loopback && !needsLogIn(http);
}
