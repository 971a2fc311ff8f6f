import type { Major } from '../../support/majors.ts';

/** The role that every way is tried with: its name must come through every remedy. */
export const BAD_NAME = 'Bad "role". x';
export const BAD = '"Bad ""role"". x"';

/** One way to write or harm, set up as superuser and really gone by the role itself. */
export interface Way {
  readonly name: string;
  readonly verdict: 'refused' | 'warned';
  readonly from?: Major;
  readonly until?: Major;
  readonly setup: readonly string[];
  /** As the role, in a transaction that is rolled back; `outside` without one. `:dir` is the data directory. */
  readonly act: readonly string[];
  readonly outside?: true;
  /** Database in which the act is done; the check always runs in `postgres`. */
  readonly database?: string;
  /** What the finding says where the way needs another finding, too. */
  readonly says?: RegExp;
  /** As superuser, after each act. */
  readonly undo?: readonly string[];
  /** As superuser, at the end; the role and what it was granted go by themselves. */
  readonly cleanup?: readonly string[];
}

const OTHER = '"My.other ""db"""';
const TABLE = 'app."Some.""table"';
const insert = `INSERT INTO ${TABLE} VALUES (1)`;

/** What the ways need to be there. */
export const SCENE = [
  'CREATE ROLE someone LOGIN',
  'CREATE SCHEMA app',
  'GRANT USAGE ON SCHEMA app TO PUBLIC',
  `CREATE TABLE ${TABLE} (id int UNIQUE, "the column" int)`,
  'CREATE VIEW app.view AS SELECT * FROM app."Some.""table"',
  'CREATE TABLE app.hidden AS SELECT 1 AS n',
  'ALTER TABLE app.hidden ENABLE ROW LEVEL SECURITY',
  'CREATE SEQUENCE app."Seq"',
  'CREATE SCHEMA many',
  'GRANT USAGE ON SCHEMA many TO PUBLIC',
  "DO $$ BEGIN FOR i IN 1..30 LOOP EXECUTE format('CREATE TABLE many.t%s (id int)', i); END LOOP; END $$",
  'SELECT lo_create(4711)',
  'GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC',
  'CREATE EXTENSION postgres_fdw',
  'CREATE EXTENSION dblink',
  'CREATE SERVER "Far server" FOREIGN DATA WRAPPER postgres_fdw',
  `CREATE DATABASE ${OTHER}`,
] as const;

const granted = (role: string) =>
  `SELECT 1 / count(*) FROM pg_auth_members WHERE member = 'someone'::regrole AND roleid = '${role}'::regrole`;
const execute = (call: string, signature: string, more: Partial<Way> = {}): Way => ({
  name: `EXECUTE on ${signature}`,
  verdict: 'refused',
  setup: [`GRANT EXECUTE ON FUNCTION ${signature} TO ${BAD}`],
  act: [`SELECT ${call}`],
  ...more,
});
const owner = (name: string, create: string, alter: string, act: string, drop: string): Way => ({
  name: `owner of ${name}`,
  verdict: 'refused',
  setup: [create, `ALTER ${alter} OWNER TO ${BAD}`].filter((one) => one !== ''),
  act: [act],
  cleanup: [drop].filter((one) => one !== ''),
});
const right = (privilege: string, act: string, more: Partial<Way> = {}): Way => ({
  name: `${privilege} on a table`,
  verdict: 'refused',
  setup: [`GRANT ${privilege} ON ${TABLE} TO ${BAD}`],
  act: [act],
  ...more,
});
const attribute = (name: string, act: readonly string[], more: Partial<Way> = {}): Way => ({
  name,
  verdict: 'refused',
  setup: [`ALTER ROLE ${BAD} ${name}`],
  act,
  ...more,
});
const member = (role: string, act: readonly string[], more: Partial<Way> = {}): Way => ({
  name: `member of ${role}`,
  verdict: 'refused',
  setup: [`GRANT ${role} TO ${BAD}`],
  act,
  ...more,
});
const chief = (
  name: string,
  attributes: string,
  give: readonly string[],
  act: readonly string[],
  more: Partial<Way> = {},
): Way => ({
  name,
  verdict: 'refused',
  setup: [`CREATE ROLE "Chief" ${attributes}`, ...give],
  act,
  cleanup: ['DROP OWNED BY "Chief"', 'DROP ROLE "Chief"'],
  ...more,
});

export const WAYS: readonly Way[] = [
  // What the role is.
  attribute('SUPERUSER', ['CREATE TABLE app.x ()']),
  attribute('CREATEROLE', ['CREATE ROLE x']),
  attribute('CREATEDB', ['CREATE DATABASE x'], { outside: true, undo: ['DROP DATABASE IF EXISTS x'] }),
  attribute('REPLICATION', ["SELECT pg_create_physical_replication_slot('x')"], {
    undo: ["SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'x'"],
  }),
  attribute('BYPASSRLS', ['SELECT 1 / count(*) FROM app.hidden'], {
    setup: [`ALTER ROLE ${BAD} BYPASSRLS`, `GRANT SELECT ON app.hidden TO ${BAD}`],
  }),
  {
    name: 'a role behind the one that every session begins with',
    verdict: 'refused',
    setup: [`ALTER ROLE ${BAD} CREATEROLE`, `GRANT pgmon TO ${BAD}`, `ALTER ROLE ${BAD} SET role = 'pgmon'`],
    act: ['SET ROLE NONE', 'CREATE ROLE x'],
  },

  // What it may become.
  chief('SET ROLE to CREATEROLE', 'CREATEROLE', [`GRANT "Chief" TO ${BAD}`], ['SET ROLE "Chief"', 'CREATE ROLE x']),
  chief(
    'SET ROLE without inheritance',
    'CREATEROLE',
    [`ALTER ROLE ${BAD} NOINHERIT`, `GRANT "Chief" TO ${BAD}`],
    ['SET ROLE "Chief"', 'CREATE ROLE x'],
  ),
  chief(
    'SET without INHERIT',
    'CREATEROLE',
    [`GRANT "Chief" TO ${BAD} WITH INHERIT FALSE, SET TRUE`],
    ['SET ROLE "Chief"', 'CREATE ROLE x'],
    { from: 16 },
  ),
  chief(
    'INHERIT without SET',
    '',
    [`GRANT "Chief" TO ${BAD} WITH INHERIT TRUE, SET FALSE`, `GRANT INSERT ON ${TABLE} TO "Chief"`],
    [insert],
    { from: 16 },
  ),
  chief(
    'ADMIN without SET and INHERIT',
    '',
    [`GRANT "Chief" TO ${BAD} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`, `GRANT INSERT ON ${TABLE} TO "Chief"`],
    [`GRANT "Chief" TO ${BAD} WITH SET TRUE`, 'SET ROLE "Chief"', insert],
    { from: 16 },
  ),
  chief(
    'ADMIN OPTION on a role',
    '',
    [`GRANT "Chief" TO ${BAD} WITH ADMIN OPTION`],
    ['GRANT "Chief" TO someone', granted('"Chief"')],
  ),
  chief(
    'a membership that somebody else granted',
    'CREATEROLE',
    ['GRANT "Chief" TO someone WITH ADMIN OPTION', 'SET ROLE someone', `GRANT "Chief" TO ${BAD}`, 'RESET ROLE'],
    ['SET ROLE "Chief"', 'CREATE ROLE x'],
    { from: 16, cleanup: ['REVOKE "Chief" FROM someone CASCADE', 'DROP ROLE "Chief"'] },
  ),
  chief(
    'two steps',
    'CREATEROLE',
    ['CREATE ROLE middle', 'GRANT "Chief" TO middle', `GRANT middle TO ${BAD}`],
    ['SET ROLE "Chief"', 'CREATE ROLE x'],
    { cleanup: ['DROP ROLE "Chief"', 'DROP ROLE middle'] },
  ),
  chief(
    'CREATE in the database through SET ROLE',
    '',
    [`ALTER ROLE ${BAD} NOINHERIT`, 'GRANT CREATE ON DATABASE postgres TO "Chief"', `GRANT "Chief" TO ${BAD}`],
    ['SET ROLE "Chief"', 'CREATE SCHEMA x'],
  ),
  chief(
    'CREATE in a schema through SET ROLE',
    '',
    [`ALTER ROLE ${BAD} NOINHERIT`, 'GRANT CREATE ON SCHEMA app TO "Chief"', `GRANT "Chief" TO ${BAD}`],
    ['SET ROLE "Chief"', 'CREATE TABLE app.x ()'],
  ),
  chief('INSERT by inheritance', '', [`GRANT INSERT ON ${TABLE} TO "Chief"`, `GRANT "Chief" TO ${BAD}`], [insert]),
  chief(
    'INSERT through SET ROLE',
    '',
    [`ALTER ROLE ${BAD} NOINHERIT`, `GRANT INSERT ON ${TABLE} TO "Chief"`, `GRANT "Chief" TO ${BAD}`],
    ['SET ROLE "Chief"', insert],
  ),
  chief(
    'a table of a role that it may become',
    '',
    [`CREATE TABLE app.theirs ()`, 'ALTER TABLE app.theirs OWNER TO "Chief"', `GRANT "Chief" TO ${BAD}`],
    ['ALTER TABLE app.theirs ADD x int'],
  ),

  // Predefined roles.
  member('pg_write_server_files', ["COPY (SELECT 1) TO ':dir/way'"]),
  member('pg_execute_server_program', ["COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'"]),
  member('pg_read_server_files', ['CREATE TEMP TABLE x (line text)', "COPY x FROM ':dir/PG_VERSION'"]),
  member('pg_signal_backend', ["SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'someone'"]),
  member('pg_write_all_data', [insert], { from: 14 }),
  member('pg_checkpoint', ['CHECKPOINT'], { from: 15 }),
  member('pg_maintain', [`LOCK TABLE ${TABLE} IN ACCESS EXCLUSIVE MODE`], { from: 17 }),
  member(
    'pg_create_subscription',
    ["CREATE SUBSCRIPTION x CONNECTION 'host=127.0.0.1 password=x' PUBLICATION p WITH (connect = false)"],
    {
      from: 16,
      setup: [`GRANT pg_create_subscription TO ${BAD}`, `GRANT CREATE ON DATABASE postgres TO ${BAD}`],
      says: /pg_create_subscription/,
    },
  ),
  {
    name: 'a right that pg_monitor was given',
    verdict: 'refused',
    setup: [`GRANT INSERT ON ${TABLE} TO pg_monitor`],
    act: [insert],
  },
  {
    name: 'a role that pg_monitor was given',
    verdict: 'refused',
    from: 14,
    setup: ['GRANT pg_write_all_data TO pg_monitor'],
    act: [insert],
  },

  // Databases, tablespaces, parameters: of the whole server.
  {
    name: 'CREATE in the database',
    verdict: 'refused',
    setup: [`GRANT CREATE ON DATABASE postgres TO ${BAD}`],
    act: ['CREATE SCHEMA x'],
  },
  {
    name: 'CREATE in another database',
    verdict: 'refused',
    setup: [`GRANT CREATE ON DATABASE ${OTHER} TO ${BAD}`],
    act: ['CREATE SCHEMA x'],
    database: 'My.other "db"',
  },
  {
    name: 'owner of another database',
    verdict: 'refused',
    setup: [`ALTER DATABASE ${OTHER} OWNER TO ${BAD}`],
    act: [`DROP DATABASE ${OTHER}`],
    outside: true,
    undo: [`CREATE DATABASE ${OTHER}`, `ALTER DATABASE ${OTHER} OWNER TO ${BAD}`],
  },
  {
    name: 'CONNECT WITH GRANT OPTION',
    verdict: 'refused',
    setup: [`GRANT CONNECT ON DATABASE postgres TO ${BAD} WITH GRANT OPTION`],
    act: [
      'GRANT CONNECT ON DATABASE postgres TO someone',
      "SELECT 1 / count(*) FROM pg_database, aclexplode(datacl) AS g WHERE g.grantee = 'someone'::regrole",
    ],
  },
  {
    name: 'TEMPORARY of its own',
    verdict: 'warned',
    setup: ['REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC', `GRANT TEMPORARY ON DATABASE postgres TO ${BAD}`],
    act: ['CREATE TEMP TABLE x ()'],
    cleanup: ['GRANT TEMPORARY ON DATABASE postgres TO PUBLIC'],
  },
  {
    name: 'CREATE in a tablespace',
    verdict: 'refused',
    setup: [
      'SET allow_in_place_tablespaces = on',
      'CREATE TABLESPACE "Room" LOCATION \'\'',
      `GRANT CREATE ON TABLESPACE "Room" TO ${BAD}`,
    ],
    act: ['CREATE TEMP TABLE x () TABLESPACE "Room"'],
    cleanup: ['DROP TABLESPACE "Room"'],
  },
  {
    name: 'owner of a tablespace',
    verdict: 'refused',
    setup: [
      'SET allow_in_place_tablespaces = on',
      'CREATE TABLESPACE "Room" LOCATION \'\'',
      `ALTER TABLESPACE "Room" OWNER TO ${BAD}`,
    ],
    act: ['ALTER TABLESPACE "Room" SET (seq_page_cost = 2)'],
    cleanup: ['DROP TABLESPACE "Room"'],
  },
  {
    name: 'ALTER SYSTEM on a parameter',
    verdict: 'refused',
    from: 15,
    setup: [`GRANT ALTER SYSTEM ON PARAMETER work_mem TO ${BAD}`],
    act: ["ALTER SYSTEM SET work_mem = '5MB'"],
    outside: true,
    undo: ['ALTER SYSTEM RESET work_mem'],
  },
  {
    name: 'SET of a parameter',
    verdict: 'refused',
    from: 15,
    setup: [`GRANT SET ON PARAMETER session_replication_role TO ${BAD}`],
    act: ['SET session_replication_role = replica'],
  },
  {
    name: 'SET of a parameter of an extension',
    verdict: 'refused',
    from: 15,
    setup: [`GRANT SET ON PARAMETER pg_stat_statements.track TO ${BAD}`],
    act: ['SET pg_stat_statements.track = none'],
  },

  // Ownership.
  owner(
    'a table',
    'CREATE TABLE app."own.""ed" ()',
    'TABLE app."own.""ed"',
    'ALTER TABLE app."own.""ed" ADD x int',
    'DROP TABLE app."own.""ed"',
  ),
  owner(
    'a view',
    'CREATE VIEW app.owned AS SELECT 1 AS n',
    'VIEW app.owned',
    'ALTER VIEW app.owned SET (security_barrier)',
    'DROP VIEW app.owned',
  ),
  owner(
    'a materialized view',
    'CREATE MATERIALIZED VIEW app.owned AS SELECT 1 AS n',
    'MATERIALIZED VIEW app.owned',
    'REFRESH MATERIALIZED VIEW app.owned',
    'DROP MATERIALIZED VIEW app.owned',
  ),
  owner(
    'a sequence',
    'CREATE SEQUENCE app.owned',
    'SEQUENCE app.owned',
    "SELECT setval('app.owned', 7)",
    'DROP SEQUENCE app.owned',
  ),
  owner('a schema', 'CREATE SCHEMA owned', 'SCHEMA owned', 'CREATE TABLE owned.x ()', 'DROP SCHEMA owned'),
  owner(
    'a function',
    "CREATE FUNCTION app.owned() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'FUNCTION app.owned()',
    'ALTER FUNCTION app.owned() COST 5',
    'DROP FUNCTION app.owned()',
  ),
  owner(
    'a domain',
    'CREATE DOMAIN app.owned AS int',
    'DOMAIN app.owned',
    'ALTER DOMAIN app.owned SET DEFAULT 1',
    'DROP DOMAIN app.owned',
  ),
  owner(
    'a type',
    "CREATE TYPE app.owned AS ENUM ('a')",
    'TYPE app.owned',
    "ALTER TYPE app.owned ADD VALUE 'b'",
    'DROP TYPE app.owned',
  ),
  owner(
    'a publication',
    'CREATE PUBLICATION owned',
    'PUBLICATION owned',
    "ALTER PUBLICATION owned SET (publish = 'insert')",
    'DROP PUBLICATION owned',
  ),
  owner(
    'a large object',
    'SELECT lo_create(4712)',
    'LARGE OBJECT 4712',
    "SELECT lo_put(4712, 0, 'x')",
    'SELECT lo_unlink(4712)',
  ),
  owner(
    'a foreign server',
    'CREATE SERVER owned FOREIGN DATA WRAPPER postgres_fdw',
    'SERVER owned',
    "ALTER SERVER owned OPTIONS (ADD host 'x')",
    'DROP SERVER owned',
  ),
  owner('a language', '', 'LANGUAGE plpgsql', "COMMENT ON LANGUAGE plpgsql IS 'x'", ''),
  owner(
    'a statistics object',
    `CREATE STATISTICS app.owned ON id, "the column" FROM ${TABLE}`,
    'STATISTICS app.owned',
    "COMMENT ON STATISTICS app.owned IS 'x'",
    'DROP STATISTICS app.owned',
  ),
  owner(
    'a text search configuration',
    'CREATE TEXT SEARCH CONFIGURATION app.owned (COPY = pg_catalog.english)',
    'TEXT SEARCH CONFIGURATION app.owned',
    "COMMENT ON TEXT SEARCH CONFIGURATION app.owned IS 'x'",
    'DROP TEXT SEARCH CONFIGURATION app.owned',
  ),
  owner(
    'a collation',
    'CREATE COLLATION app.owned FROM "C"',
    'COLLATION app.owned',
    "COMMENT ON COLLATION app.owned IS 'x'",
    'DROP COLLATION app.owned',
  ),

  // Relations and their columns.
  right('INSERT', insert),
  right('UPDATE', `UPDATE ${TABLE} SET id = 2`),
  right('DELETE', `DELETE FROM ${TABLE}`),
  right('TRUNCATE', `TRUNCATE ${TABLE}`),
  right(
    'TRIGGER',
    `CREATE TRIGGER x BEFORE UPDATE ON ${TABLE} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
  ),
  right('REFERENCES', `CREATE TABLE scratch.x (id int REFERENCES ${TABLE} (id))`, {
    setup: [
      `GRANT REFERENCES ON ${TABLE} TO ${BAD}`,
      'CREATE SCHEMA scratch',
      `GRANT CREATE, USAGE ON SCHEMA scratch TO ${BAD}`,
    ],
    says: /REFERENCES/,
    cleanup: ['DROP SCHEMA scratch'],
  }),
  right('MAINTAIN', `LOCK TABLE ${TABLE} IN ACCESS EXCLUSIVE MODE`, { from: 17 }),
  right('INSERT, UPDATE, DELETE', `WITH x AS (DELETE FROM ${TABLE}) ${insert}`, { name: 'several rights on a table' }),
  {
    name: 'UPDATE of a column',
    verdict: 'refused',
    setup: [`GRANT UPDATE ("the column") ON ${TABLE} TO ${BAD}`],
    act: [`UPDATE ${TABLE} SET "the column" = 1`],
  },
  {
    name: 'INSERT of columns',
    verdict: 'refused',
    setup: [`GRANT INSERT (id, "the column") ON ${TABLE} TO ${BAD}`],
    act: [`INSERT INTO ${TABLE} (id, "the column") VALUES (1, 1)`],
  },
  {
    name: 'DELETE for everybody',
    verdict: 'refused',
    setup: [`GRANT DELETE ON ${TABLE} TO PUBLIC`],
    act: [`DELETE FROM ${TABLE}`],
  },
  {
    name: 'INSERT on a view',
    verdict: 'refused',
    setup: [`GRANT INSERT ON app.view TO ${BAD}`],
    act: ['INSERT INTO app.view VALUES (1)'],
  },
  {
    name: 'INSERT on thirty tables',
    verdict: 'refused',
    setup: [`GRANT INSERT ON ALL TABLES IN SCHEMA many TO ${BAD}`],
    act: ['INSERT INTO many.t9 VALUES (1)'],
  },
  {
    name: 'INSERT on information_schema',
    verdict: 'refused',
    setup: [`GRANT INSERT ON information_schema.sql_features TO ${BAD}`],
    act: ["INSERT INTO information_schema.sql_features (feature_id) VALUES ('x')"],
  },
  {
    name: 'INSERT granted by another than the owner',
    verdict: 'refused',
    setup: [
      `GRANT INSERT ON ${TABLE} TO someone WITH GRANT OPTION`,
      'SET ROLE someone',
      `GRANT INSERT ON ${TABLE} TO ${BAD}`,
      'RESET ROLE',
    ],
    act: [insert],
    cleanup: [`REVOKE ALL ON ${TABLE} FROM someone CASCADE`],
  },
  {
    name: 'SELECT WITH GRANT OPTION',
    verdict: 'refused',
    setup: [`GRANT SELECT ON ${TABLE} TO ${BAD} WITH GRANT OPTION`],
    act: [
      `GRANT SELECT ON ${TABLE} TO someone`,
      `SELECT 1 / has_table_privilege('someone', '${TABLE}', 'SELECT')::int`,
    ],
  },
  {
    name: 'UPDATE of a sequence',
    verdict: 'refused',
    setup: [`GRANT UPDATE ON SEQUENCE app."Seq" TO ${BAD}`],
    act: ['SELECT setval(\'app."Seq"\', 7)'],
  },
  {
    name: 'USAGE of a sequence',
    verdict: 'warned',
    setup: [`GRANT USAGE ON SEQUENCE app."Seq" TO ${BAD}`],
    act: ['SELECT nextval(\'app."Seq"\')'],
  },
  {
    name: 'UPDATE of a large object',
    verdict: 'refused',
    setup: [`GRANT UPDATE ON LARGE OBJECT 4711 TO ${BAD}`],
    act: ["SELECT lo_put(4711, 0, 'x')"],
  },
  {
    name: 'rights on tables to come',
    verdict: 'warned',
    setup: [
      `ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT INSERT ON TABLES TO ${BAD}`,
      'CREATE TABLE app.later (id int)',
    ],
    act: ['INSERT INTO app.later VALUES (1)'],
    says: /will have INSERT/,
    cleanup: ['DROP TABLE app.later'],
  },

  // Schemas, foreign servers, and what else can be handed on.
  {
    name: 'CREATE in a schema',
    verdict: 'refused',
    setup: [`GRANT CREATE ON SCHEMA app TO ${BAD}`],
    act: ['CREATE TABLE app.x ()'],
  },
  {
    name: 'CREATE in a schema for everybody',
    verdict: 'refused',
    setup: ['GRANT CREATE ON SCHEMA app TO PUBLIC'],
    act: ['CREATE TABLE app.x ()'],
  },
  {
    name: 'CREATE in pg_catalog',
    verdict: 'refused',
    setup: [`GRANT CREATE ON SCHEMA pg_catalog TO ${BAD}`],
    act: ["CREATE FUNCTION pg_catalog.x() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  },
  {
    name: 'CREATE in public for everybody',
    verdict: 'warned',
    from: 15,
    setup: ['GRANT CREATE ON SCHEMA public TO PUBLIC'],
    act: ['CREATE TABLE public.x ()'],
  },
  {
    name: 'USAGE of a schema WITH GRANT OPTION',
    verdict: 'refused',
    setup: [`GRANT USAGE ON SCHEMA many TO ${BAD} WITH GRANT OPTION`],
    act: [
      'GRANT USAGE ON SCHEMA many TO someone',
      "SELECT 1 / count(*) FROM pg_namespace, aclexplode(nspacl) AS g WHERE g.grantee = 'someone'::regrole",
    ],
  },
  {
    name: 'USAGE of a foreign data wrapper',
    verdict: 'refused',
    setup: [`GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO ${BAD}`],
    act: ['CREATE SERVER x FOREIGN DATA WRAPPER postgres_fdw'],
  },
  {
    name: 'USAGE of a foreign server',
    verdict: 'refused',
    setup: [`GRANT USAGE ON FOREIGN SERVER "Far server" TO ${BAD}`],
    act: ['CREATE USER MAPPING FOR CURRENT_USER SERVER "Far server" OPTIONS (user \'x\')'],
  },
  {
    name: 'USAGE of a type WITH GRANT OPTION',
    verdict: 'refused',
    setup: ["CREATE TYPE app.kind AS ENUM ('a')", `GRANT USAGE ON TYPE app.kind TO ${BAD} WITH GRANT OPTION`],
    act: [
      'GRANT USAGE ON TYPE app.kind TO someone',
      "SELECT 1 / count(*) FROM pg_type, aclexplode(typacl) AS g WHERE g.grantee = 'someone'::regrole",
    ],
    cleanup: ['DROP TYPE app.kind'],
  },
  {
    name: 'USAGE of a language WITH GRANT OPTION',
    verdict: 'refused',
    setup: [`GRANT USAGE ON LANGUAGE plpgsql TO ${BAD} WITH GRANT OPTION`],
    act: [
      'GRANT USAGE ON LANGUAGE plpgsql TO someone',
      "SELECT 1 / count(*) FROM pg_language, aclexplode(lanacl) AS g WHERE g.grantee = 'someone'::regrole",
    ],
  },
  {
    name: 'EXECUTE of a function WITH GRANT OPTION',
    verdict: 'refused',
    setup: [
      "CREATE FUNCTION app.plain(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
      `GRANT EXECUTE ON FUNCTION app.plain(int) TO ${BAD} WITH GRANT OPTION`,
    ],
    act: [
      'GRANT EXECUTE ON FUNCTION app.plain(int) TO someone',
      "SELECT 1 / count(*) FROM pg_proc, aclexplode(proacl) AS g WHERE g.grantee = 'someone'::regrole",
    ],
    cleanup: ['DROP FUNCTION app.plain(int)'],
  },

  // Functions that the server keeps from PUBLIC.
  execute("lo_export(4711, ':dir/way')", 'lo_export(oid, text)'),
  execute("lo_import(':dir/PG_VERSION')", 'lo_import(text)'),
  execute('pg_reload_conf()', 'pg_reload_conf()'),
  execute('pg_rotate_logfile()', 'pg_rotate_logfile()'),
  execute('pg_switch_wal()', 'pg_switch_wal()'),
  execute("pg_create_restore_point('x')", 'pg_create_restore_point(text)'),
  execute('pg_stat_reset()', 'pg_stat_reset()'),
  execute("pg_stat_reset_shared('bgwriter')", 'pg_stat_reset_shared(text)'),
  execute("pg_stat_reset_single_table_counters('app.hidden'::regclass)", 'pg_stat_reset_single_table_counters(oid)'),
  execute("pg_read_file('PG_VERSION')", 'pg_read_file(text)'),
  execute("pg_read_binary_file('PG_VERSION')", 'pg_read_binary_file(text)'),
  execute("pg_replication_origin_create('x')", 'pg_replication_origin_create(text)', { from: 14 }),
  execute('pg_stat_statements_reset()', 'pg_stat_statements_reset(oid, oid, bigint)', { until: 16 }),
  execute('pg_stat_statements_reset()', 'pg_stat_statements_reset(oid, oid, bigint, boolean)', { from: 17 }),
  execute(
    "dblink_connect_u('x', 'host=127.0.0.1 port=:port dbname=postgres user=postgres')",
    'dblink_connect_u(text, text)',
  ),
  execute('pg_log_backend_memory_contexts(pg_backend_pid())', 'pg_log_backend_memory_contexts(integer)', {
    from: 15,
    verdict: 'warned',
  }),
  {
    name: 'EXECUTE on lo_export for everybody',
    verdict: 'refused',
    setup: ['GRANT EXECUTE ON FUNCTION lo_export(oid, text) TO PUBLIC'],
    act: ["SELECT lo_export(4711, ':dir/way')"],
  },

  // What depends on more than the catalogs show.
  {
    name: 'a SECURITY DEFINER function',
    verdict: 'warned',
    setup: [`CREATE FUNCTION app."Do.it"(int, text) RETURNS void SECURITY DEFINER LANGUAGE sql AS $$ ${insert} $$`],
    act: [`SELECT app."Do.it"(1, 'x')`],
    cleanup: ['DROP FUNCTION app."Do.it"(int, text)'],
  },
  {
    name: 'a SECURITY DEFINER procedure',
    verdict: 'warned',
    setup: [`CREATE PROCEDURE app.doing() SECURITY DEFINER LANGUAGE sql AS $$ ${insert} $$`],
    act: ['CALL app.doing()'],
    cleanup: ['DROP PROCEDURE app.doing()'],
  },
];
