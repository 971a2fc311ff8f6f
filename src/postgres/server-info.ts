import * as z from 'zod';

/** What a session learns of its server when it connects. */
export interface ServerInfo {
  readonly versionNum: number;
  readonly major: number;
  readonly version: string;
  readonly role: 'primary' | 'standby';
  readonly database: string;
  readonly user: string;
  /** When the postmaster started, epoch seconds: a change means a restart or another server behind the endpoint. */
  readonly startedAt: number;
  /** Extensions of the connected database by name. */
  readonly extensions: Readonly<Record<string, Extension>>;
  /** A pooler (PgBouncer, RDS Proxy) stands between: settings hold for one transaction only. */
  readonly pooled: boolean;
}

export interface Extension {
  readonly version: string;
  /** Quoted as an identifier, ready to stand before a dot. */
  readonly schema: string;
}

/** Reads all of {@link ServerInfo} in one round trip; runs on every major that Postgres still answers for. */
export const SERVER_INFO_SQL = `/* pgmon:connect */
SELECT pg_catalog.current_setting('server_version_num')::int4                        AS version_num,
       pg_catalog.current_setting('server_version')                                  AS version,
       pg_catalog.pg_is_in_recovery()                                                AS in_recovery,
       pg_catalog.current_database()::text                                           AS database,
       current_user::text                                                            AS "user",
       pg_catalog.pg_backend_pid()                                                   AS backend_pid,
       extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8             AS started_at,
       (SELECT coalesce(pg_catalog.json_object_agg(e.extname, pg_catalog.json_build_object(
                 'version', e.extversion, 'schema', pg_catalog.quote_ident(n.nspname))), '{}')
          FROM pg_catalog.pg_extension AS e
          JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace)               AS extensions`;

const infoRow = z.object({
  version_num: z.number().int(),
  version: z.string(),
  in_recovery: z.boolean(),
  database: z.string(),
  user: z.string(),
  backend_pid: z.number().int(),
  started_at: z.number(),
  extensions: z.record(z.string(), z.object({ version: z.string(), schema: z.string() })),
});

/**
 * Parses the row of {@link SERVER_INFO_SQL}. The backend's own pid differs from the one announced when the connection
 * was made exactly where something answers in the server's stead: that is how a pooler is recognized.
 */
export function parseServerInfo(row: unknown, announcedPid: number | null): ServerInfo {
  const info = infoRow.parse(row);
  return {
    versionNum: info.version_num,
    major: Math.floor(info.version_num / 10_000),
    version: info.version,
    role: info.in_recovery ? 'standby' : 'primary',
    database: info.database,
    user: info.user,
    startedAt: info.started_at,
    extensions: info.extensions,
    pooled: info.backend_pid !== announcedPid,
  };
}
