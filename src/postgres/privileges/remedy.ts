import type { Grant } from './facts.ts';
import type { ReachedRole } from './roles.ts';

/** Up to this many objects are named in a REVOKE; more are taken back by schema. */
const NAMED = 5;

/** What stands between the right and the role in GRANT and REVOKE. */
const ON: Readonly<Record<Exclude<Grant['kind'], 'owner' | 'mention' | 'default privilege'>, string>> = {
  database: 'DATABASE ',
  tablespace: 'TABLESPACE ',
  parameter: 'PARAMETER ',
  relation: '',
  column: '',
  sequence: 'SEQUENCE ',
  schema: 'SCHEMA ',
  'foreign server': 'FOREIGN SERVER ',
  'foreign data wrapper': 'FOREIGN DATA WRAPPER ',
  language: 'LANGUAGE ',
  type: 'TYPE ',
  routine: 'ROUTINE ',
  'large object': 'LARGE OBJECT ',
  'restricted function': 'FUNCTION ',
  'security definer': 'ROUTINE ',
  dblink: 'FUNCTION ',
};

/**
 * The statement that ends a right: taken from the role where that is the session's own, predefined, or everybody;
 * otherwise the session's role is parted from the one that has it, whose right may be meant.
 */
export function remedyOf(grant: Grant, holder: ReachedRole | undefined): string {
  if (holder && !holder.role.me && !holder.role.predefined) return holder.cuts.join(' ');
  if (grant.kind === 'owner') return reassign(grant);
  const from = grant.holder ?? 'PUBLIC';
  const option = grant.grantable ? ' CASCADE' : '';
  if (grant.kind === 'default privilege') {
    return `ALTER DEFAULT PRIVILEGES ${grant.place} REVOKE ${grant.privilege} ON ${grant.names[0]} FROM ${from}${option};`;
  }
  const revoke = `REVOKE ${rights(grant)} ON ${objects(grant)} FROM ${from}${option};`;
  // A superuser's REVOKE acts as the owner and leaves what somebody else has granted.
  return grant.grantor === null ? revoke : `SET ROLE ${grant.grantor}; ${revoke} RESET ROLE;`;
}

function rights({ kind, privilege, names, grantable }: Grant): string {
  const columns = kind === 'column' ? ` (${names.join(', ')})` : '';
  const written = privilege
    .split(', ')
    .map((one) => `${one}${columns}`)
    .join(', ');
  return grantable && isReading(kind, privilege) ? `GRANT OPTION FOR ${written}` : written;
}

/** A right that a monitor may well have, if only it cannot hand it on. */
function isReading(kind: Grant['kind'], privilege: string): boolean {
  if (privilege === 'USAGE') return kind === 'schema' || kind === 'type' || kind === 'language';
  return ['SELECT', 'EXECUTE', 'CONNECT', 'TEMPORARY'].includes(privilege);
}

function objects({ kind, names, place, objects: count }: Grant): string {
  if (kind === 'column') return place ?? '';
  if (count > NAMED && kind === 'relation') return `ALL TABLES IN SCHEMA ${place}`;
  if (count > NAMED && kind === 'sequence') return `ALL SEQUENCES IN SCHEMA ${place}`;
  if (kind === 'owner' || kind === 'mention' || kind === 'default privilege') return names.join(', ');
  return `${ON[kind]}${names.join(', ')}`;
}

function reassign({ place, holder: owner }: Grant): string {
  return `${place === null ? '' : `/* in database ${place} */ `}REASSIGN OWNED BY ${owner} TO another_role;`;
}
