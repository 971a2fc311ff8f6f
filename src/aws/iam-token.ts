/** Good for 15 minutes; signed again after ten. Signing is local: no call is made. */
const KEEP_MS = 10 * 60_000;

export interface IamLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly region?: string | undefined;
}

/** Makes the tokens with which a database user that has `rds_iam` logs in instead of a password. */
export function iamTokens(): (login: IamLogin) => Promise<string> {
  const known = new Map<string, { readonly token: string; readonly at: number }>();
  return async ({ host, port, user, region }) => {
    const key = `${user}@${host}:${port}`;
    const kept = known.get(key);
    if (kept && performance.now() - kept.at < KEEP_MS) return kept.token;
    // Loaded where it is used: most local targets have a password, and it takes 13 MB.
    const { Signer } = await import('@aws-sdk/rds-signer');
    const signer = new Signer({ hostname: host, port, username: user, ...(region ? { region } : {}) });
    const token = await signer.getAuthToken();
    known.set(key, { token, at: performance.now() });
    return token;
  };
}
