import type { Finding } from '../../metrics/snapshot.ts';
import type { Grant, PrivilegeFacts } from './facts.ts';
import { harmOf } from './functions.ts';
import { remedyOf } from './remedy.ts';
import { type ReachedRole, reachedRoles, revokeAdmin } from './roles.ts';

/**
 * Everything by which the session's role can write or do harm, worst first, each with the statement that ends it. An
 * `error` is a reason to refuse the role; a `warning` is what every role has unless somebody took it away, or what
 * depends on more than the catalogs show. Messages name no role, since viewers read them; remedies do.
 */
export function privilegeFindings({ roles, grants }: PrivilegeFacts): Finding[] {
  const reached = reachedRoles(roles);
  const held = grants.filter(({ kind, holder }) => kind !== 'mention' && (holder === null || reached.has(holder)));
  const superuser = [...reached.values()].some(({ role }) => role.me && role.superuser);
  const findings = [...reached.values()].flatMap((one) => roleFindings(one));
  // A superuser may do everything: what else it was granted says nothing more.
  if (!superuser) findings.push(...merged(held).map((grant) => grantFinding(grant, reached.get(grant.holder ?? ''))));
  return [
    ...findings.filter(({ severity }) => severity === 'error'),
    ...findings.filter(({ severity }) => severity === 'warning'),
  ];
}

/** Membership in one of these lets a role write or do harm by itself. */
const HARMFUL_ROLES: ReadonlySet<string> = new Set([
  'pg_write_all_data',
  'pg_write_server_files',
  'pg_read_server_files',
  'pg_execute_server_program',
  'pg_signal_backend',
  'pg_signal_autovacuum_worker',
  'pg_checkpoint',
  'pg_maintain',
  'pg_create_subscription',
  'rds_superuser',
  'rds_replication',
  'cloudsqlsuperuser',
  'alloydbsuperuser',
  'azure_pg_admin',
  'azure_superuser',
  'neon_superuser',
]);

function roleFindings({ role, becomes, cuts }: ReachedRole): Finding[] {
  const refuse = (message: string, hint: string): Finding => ({ aspect: 'role', severity: 'error', message, hint });
  const attributes = [
    ['SUPERUSER', role.superuser],
    ['CREATEROLE', role.createrole],
    ['CREATEDB', role.createdb],
    ['REPLICATION', role.replication],
    ['BYPASSRLS', role.bypassrls],
  ] as const;
  const powers = attributes.flatMap(([attribute, has]) => {
    if (!has || !becomes) return []; // attributes are not inherited
    if (role.me) return [refuse(`this role has ${attribute}`, `ALTER ROLE ${role.role} NO${attribute};`)];
    return [refuse(`this role can become one that has ${attribute}`, cuts.join(' '))];
  });
  const membership = HARMFUL_ROLES.has(role.role)
    ? [refuse(`this role is a member of ${role.role}`, cuts.join(' '))]
    : [];
  const admin = role.memberships
    .filter((one) => one.admin)
    .map((one) =>
      refuse(
        'this role has the ADMIN option on another one and may grant it',
        role.me || role.predefined ? revokeAdmin(role, one) : cuts.join(' '),
      ),
    );
  return [...powers, ...membership, ...admin];
}

function grantFinding(grant: Grant, holder: ReachedRole | undefined): Finding {
  const through =
    grant.holder === null ? ', as every role' : holder?.role.me ? '' : ', through a role that it is a member of';
  return {
    aspect: 'role',
    severity: severityOf(grant),
    message: `this role ${deed(grant)}${through}`,
    hint: remedyOf(grant, holder),
  };
}

function severityOf({ kind, privilege, holder, grantable, names, objects, place }: Grant): 'error' | 'warning' {
  if (kind === 'restricted function') return harmOf(place ?? '') === 'error' ? 'error' : 'warning';
  if (kind === 'security definer' || kind === 'dblink' || kind === 'default privilege') return 'warning';
  if (grantable) return 'error';
  if (privilege === 'TEMPORARY') return 'warning';
  if (kind === 'sequence') return privilege === 'USAGE' ? 'warning' : 'error';
  // Before 15 everybody may create in schema public, and an upgraded database keeps it so.
  if (kind === 'schema' && holder === null && objects === 1 && names[0] === 'public') return 'warning';
  return 'error';
}

/** What the right lets the role do, for people. */
function deed(grant: Grant): string {
  const { kind, privilege, names, objects, grantable, place } = grant;
  const handOn = grantable ? ' and grant that to others' : '';
  const what = list(names, objects);
  switch (kind) {
    case 'owner':
      return `owns ${counted('object', objects)}${place === null ? '' : ` in database ${place}`}${names.length > 0 ? `, such as ${few(names)}` : ''}`;
    case 'database':
      if (privilege === 'TEMPORARY')
        return `may create temporary tables${handOn} in ${plural('database', objects)} ${what}`;
      return `may ${privilege === 'CREATE' ? 'create schemas' : privilege}${handOn} in ${plural('database', objects)} ${what}`;
    case 'schema':
      return `may ${privilege === 'CREATE' ? 'create objects' : privilege}${handOn} in ${plural('schema', objects)} ${what}`;
    case 'tablespace':
      return `may create files${handOn} in ${plural('tablespace', objects)} ${what}`;
    case 'security definer':
      return `may call ${counted('function', objects)} with the rights of another role (SECURITY DEFINER): ${what}`;
    case 'dblink':
      return `may connect to other servers through the extension dblink`;
    case 'default privilege':
      return `will have ${privilege} on new ${names[0]?.toLowerCase()} (ALTER DEFAULT PRIVILEGES)`;
    case 'column':
      return `may ${privilege}${handOn} ${plural('column', objects)} ${what} of ${place}`;
    default:
      return `may ${privilege}${handOn} on ${plural(kind, objects)} ${what}`;
  }
}

const plural = (noun: string, count: number): string => (count === 1 ? noun : counted(noun, count));

const counted = (noun: string, count: number): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const few = (names: readonly string[]): string => names.slice(0, 5).join(', ');

const list = (names: readonly string[], objects: number): string =>
  objects > Math.min(names.length, 5) ? `such as ${few(names)}` : names.join(', ');

/** Rights on the very same objects become one row, as a REVOKE takes them together. */
function merged(grants: readonly Grant[]): Grant[] {
  const kept = grants.filter(({ kind, place }) => kind !== 'restricted function' || harmOf(place ?? '') !== 'none');
  const groups = Map.groupBy(kept, ({ privilege, ...rest }) =>
    JSON.stringify([rest, severityOf({ privilege, ...rest }), privilege === 'TEMPORARY']),
  );
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, privilege: [first, ...others].map(({ privilege }) => privilege).join(', ') }] : [],
  );
}
