import * as z from 'zod';
import { type SqlFiles, sqlFiles, sqlFor } from '../../collectors/sql.ts';
import type { Answer, Statement } from '../session.ts';
import { type Role, roleRow } from './roles.ts';

/** The statements of the privilege check, as `pgmon sql` prints them. */
export const privilegeSql: Readonly<Record<string, SqlFiles>> = {
  privileges_roles: sqlFiles('privileges/roles'),
  privileges_server: sqlFiles('privileges/server'),
  privileges_parameters: sqlFiles('privileges/parameters'),
  privileges_database: sqlFiles('privileges/database'),
  privileges_columns: sqlFiles('privileges/columns'),
};

const grantRow = z.object({
  kind: z.enum([
    'database',
    'tablespace',
    'owner',
    'mention',
    'parameter',
    'relation',
    'sequence',
    'column',
    'schema',
    'foreign server',
    'foreign data wrapper',
    'language',
    'type',
    'routine',
    'large object',
    'restricted function',
    'security definer',
    'dblink',
    'default privilege',
  ]),
  /** The role that has it, quoted as an identifier; null is PUBLIC. */
  holder: z.string().nullable(),
  privilege: z.string(),
  /** It may be handed on. */
  grantable: z.boolean(),
  /** Who gave it, where that is not the owner. */
  grantor: z.string().nullable(),
  /** The schema of a relation, the relation of a column, the database of what is owned, the name of a function. */
  place: z.string().nullable(),
  objects: z.number().int(),
  /** Quoted and qualified, ready for a GRANT or REVOKE; up to twenty. */
  names: z.array(z.string()),
});

/** One right on objects of one kind, held by one role. */
export type Grant = z.output<typeof grantRow>;

/** What the server says about the session's role. */
export interface PrivilegeFacts {
  readonly roles: readonly Role[];
  readonly grants: readonly Grant[];
}

/**
 * How much is asked: everything; `again` all but the columns, a read that is dear; or in a further database what is
 * not the same in all of them.
 */
export type PrivilegeScope = 'all' | 'again' | 'database';

const IN_SCOPE: Readonly<Record<PrivilegeScope, (name: string) => boolean>> = {
  all: () => true,
  again: (name) => name !== 'privileges_columns',
  database: (name) => name !== 'privileges_server' && name !== 'privileges_parameters',
};

/** Statements for a server of this major, to be sent together. */
export function privilegeStatements(major: number, scope: PrivilegeScope): Statement[] {
  return Object.entries(privilegeSql).flatMap(([name, files]) => {
    const file = IN_SCOPE[scope](name) ? sqlFor(files, String(major)) : undefined;
    return file ? [{ name: `pgmon_${name}`, text: `/* pgmon:${name} */ ${file.text}` }] : [];
  });
}

/** The answers to {@link privilegeStatements}, in their order. @throws PostgresProblem of the first that failed */
export function parsePrivileges(answers: readonly Answer[]): PrivilegeFacts {
  const [roles = [], ...grants] = answers.map((answer) => {
    if (!answer.ok) throw answer.problem;
    return answer.rows;
  });
  return { roles: z.array(roleRow).parse(roles), grants: z.array(grantRow).parse(grants.flat()) };
}
