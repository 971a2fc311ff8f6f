import * as z from 'zod';

/** A row of `sql/privileges/roles`; names are quoted as identifiers throughout. */
export const roleRow = z.object({
  role: z.string(),
  me: z.boolean(),
  predefined: z.boolean(),
  superuser: z.boolean(),
  createrole: z.boolean(),
  createdb: z.boolean(),
  replication: z.boolean(),
  bypassrls: z.boolean(),
  memberships: z.array(
    z.object({
      role: z.string(),
      set: z.boolean(),
      inherit: z.boolean(),
      admin: z.boolean(),
      /** From 16, where it is not the bootstrap superuser: a REVOKE has to name it. */
      grantor: z.string().nullable(),
    }),
  ),
});

export type Role = z.output<typeof roleRow>;
type Membership = Role['memberships'][number];

/** A role whose rights the session has, or can get. */
export interface ReachedRole {
  readonly role: Role;
  /** By SET ROLE, or by granting it to itself: then attributes such as CREATEDB count, too. */
  readonly becomes: boolean;
  /** The REVOKE statements that part the session's role from it; none for the session's role itself. */
  readonly cuts: readonly string[];
}

/**
 * Every role whose rights the session has by inheritance, by SET ROLE or by an ADMIN option, over any number of steps.
 * SET ROLE asks what the log-in role may become, so behind a role that is only inherited from a SET option leads nowhere.
 */
export function reachedRoles(roles: readonly Role[]): Map<string, ReachedRole> {
  const byName = new Map(roles.map((role) => [role.role, role]));
  const found = new Map<string, { role: Role; becomes: boolean; cuts: Set<string> }>();
  const seen = new Set<string>();
  const walk = (role: Role, becomes: boolean, cut: string | undefined): void => {
    const key = `${role.role} ${becomes} ${cut}`;
    if (seen.has(key)) return;
    seen.add(key);
    const known = found.get(role.role) ?? { role, becomes: false, cuts: new Set<string>() };
    known.becomes ||= becomes;
    if (cut !== undefined) known.cuts.add(cut);
    found.set(role.role, known);
    for (const membership of role.memberships) {
      const next = byName.get(membership.role);
      if (!next) continue;
      // The first step is the one to take back: it is ours alone. What a predefined role was given is taken from it.
      const step = cut === undefined || role.predefined ? revokeMembership(role, membership) : cut;
      if ((becomes && membership.set) || membership.admin) walk(next, true, step);
      if (membership.inherit) walk(next, false, step);
    }
  };
  const me = roles.find((role) => role.me);
  if (me) walk(me, true, undefined);
  return new Map([...found].map(([name, { cuts, ...rest }]) => [name, { ...rest, cuts: [...cuts] }]));
}

/** Takes a membership back; what was handed on with its ADMIN option goes with it. */
function revokeMembership(member: Role, { role, grantor, admin }: Membership): string {
  return `REVOKE ${role} FROM ${member.role}${grantedBy(grantor)}${admin ? ' CASCADE' : ''};`;
}

/** Takes the ADMIN option of a membership back. */
export function revokeAdmin(member: Role, { role, grantor }: Membership): string {
  return `REVOKE ADMIN OPTION FOR ${role} FROM ${member.role}${grantedBy(grantor)} CASCADE;`;
}

const grantedBy = (grantor: string | null): string => (grantor === null ? '' : ` GRANTED BY ${grantor}`);
