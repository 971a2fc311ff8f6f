import * as z from 'zod';
import type { TargetConfig } from '../config/target.ts';
import { type CredentialSource, type Credentials, dsnCredentials, endpointOf } from './endpoint.ts';
import { PostgresProblem } from './problem.ts';

/** What logs in with the help of AWS; absent where nothing does. */
export interface CredentialHelp {
  /** The text of a secret. `fresh` where what was known did not work. */
  readonly secret: (arn: string, fresh: boolean) => Promise<string>;
  /** An RDS token for a login. */
  readonly iamToken: (login: {
    host: string;
    port: number;
    user: string;
    region?: string | undefined;
  }) => Promise<string>;
}

/** The shape that RDS makes (a managed one has only user name and password), and a DSN. */
const secretSchema = z.union([
  z.object({ dsn: z.string().regex(/^postgres(ql)?:\/\//) }),
  z.object({
    username: z.string().min(1),
    password: z.string().min(1),
    host: z.string().min(1).optional(),
    port: z.coerce.number().int().min(1).max(65_535).optional(),
    dbname: z.string().min(1).optional(),
  }),
]);

/** Credentials as the target says: of its DSN, a secret, or an IAM token. */
export function credentialsOf(help: CredentialHelp): CredentialSource {
  return async (target, fresh = false) => {
    const { auth } = target;
    if (!auth) return await credentialsFromDsn(target);
    if ('secretArn' in auth)
      return secretCredentials(await asProblem(help.secret(auth.secretArn, fresh)), auth.secretArn);
    const { host, port } = endpointOf(target, { user: auth.user });
    return { user: auth.user, password: await help.iamToken({ host, port, user: auth.user, region: auth.region }) };
  };
}

/** Credentials out of the target's own DSN. */
export const credentialsFromDsn: CredentialSource = async (target: TargetConfig) => {
  if (!target.dsn) throw new PostgresProblem('auth', `${target.cluster}: has no dsn`);
  return dsnCredentials(target.dsn);
};

function secretCredentials(text: string, arn: string): Credentials {
  const parsed = secretSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new PostgresProblem(
      'auth',
      `the secret ${arn} has the wrong form`,
      'Its text must be JSON: {"username": "…", "password": "…"} with host, port and dbname unless the configuration has them, or {"dsn": "postgres://…"}.',
    );
  }
  if ('dsn' in parsed.data) return dsnCredentials(parsed.data.dsn);
  const { username, password, host, port, dbname } = parsed.data;
  return {
    user: username,
    password,
    ...(host ? { host } : {}),
    ...(port ? { port } : {}),
    ...(dbname ? { database: dbname } : {}),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // its text may be the secret itself: it goes into no message
  }
}

async function asProblem(secret: Promise<string>): Promise<string> {
  try {
    return await secret;
  } catch (error) {
    throw new PostgresProblem('auth', error instanceof Error ? error.message : String(error));
  }
}
