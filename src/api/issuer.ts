import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { type HttpConfig, type ReaderRole, ROLES } from '../config/http.ts';

/** Keys that sign with a secret are not for an issuer, and `none` is for nobody. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** Faults of the token itself. All others are the issuer's: without its keys, no token can be checked. */
const REFUSED = [
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSMultipleMatchingKeys,
  errors.JWKSNoMatchingKey,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
];

/** The issuer's keys are unreadable, so nobody knows whether a token is valid. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';

  constructor(issuer: string, cause: unknown) {
    super(`the keys of ${issuer} are unreadable: check http.oidc and that the issuer answers`, { cause });
  }
}

/**
 * The role that a JSON Web Token of the issuer gives, and its subject; undefined for one that is not good.
 *
 * @returns a function that throws IssuerUnavailable if the issuer's keys are unreadable
 */
export function issuerIdentities(
  oidc: NonNullable<HttpConfig['oidc']>,
): (token: string) => Promise<{ role: ReaderRole; who: string } | undefined> {
  const { issuer, audience, jwks_url, groups_claim, roles } = oidc;
  const keys = createRemoteJWKSet(new URL(jwks_url ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`));
  return async (token) => {
    if (token.split('.').length !== 3) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
      });
      const groups = groupsOf(payload, groups_claim);
      const role = ROLES.findLast((one) => roles[one].some((group) => groups.includes(group)));
      return role && { role, who: payload.sub ?? 'a token without a subject' };
    } catch (error) {
      if (REFUSED.some((kind) => error instanceof kind)) return undefined;
      throw new IssuerUnavailable(issuer, error);
    }
  };
}

function groupsOf(payload: JWTPayload, claim: string): readonly unknown[] {
  const groups = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  return Array.isArray(groups) ? groups : [groups];
}
