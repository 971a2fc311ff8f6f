import { powerfulRoles } from '../../collectors/powerful-roles.ts';
import type { EventDraft } from '../event.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

interface Change {
  readonly role: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Roles whose rights beyond data changed; one without any has none in the list. */
function changesIn(comparison: Comparison): Change[] {
  return comparable(comparison, powerfulRoles).flatMap((place) => {
    const { gone, come, both } = difference(place, ({ role }) => role);
    return [
      ...come.map(({ role, powers }) => ({ role, before: [], after: powers ?? [] })),
      ...gone.map(({ role, powers }) => ({ role, before: powers ?? [], after: [] })),
      ...both.map(([before, { role, powers }]) => ({ role, before: before.powers ?? [], after: powers ?? [] })),
    ].filter(({ before, after }) => before.join() !== after.join());
  });
}

const isSuper = (powers: readonly string[]) => powers.includes('superuser');
const gains = ({ before, after }: Change) => !isSuper(before) && isSuper(after);
const loses = ({ before, after }: Change) => isSuper(before) && !isSuper(after);

function draftOf({ role, before, after }: Change, text: string): EventDraft {
  return { object: role, from: before.join(', ') || 'none', to: after.join(', ') || 'none', text };
}

const shared = { loop: 'storage', reads: [powerfulRoles], namesUsers: true } as const;

export const superuserGained = defineEventKind({
  ...shared,
  name: 'superuser_gained',
  title: 'Superuser gained',
  severity: 'warning',
  many: (count) => `${count} roles became superusers`,
  compare: (comparison) =>
    changesIn(comparison)
      .filter(gains)
      .map((change) => draftOf(change, `Role ${change.role} is a superuser now, or can become one.`)),
});

export const superuserLost = defineEventKind({
  ...shared,
  name: 'superuser_lost',
  title: 'Superuser lost',
  many: (count) => `${count} roles are no longer superusers`,
  compare: (comparison) =>
    changesIn(comparison)
      .filter(loses)
      .map((change) => draftOf(change, `Role ${change.role} is no longer a superuser.`)),
});

/** Rights beyond data other than superuser: attributes, and membership in predefined roles that stand for them. */
export const roleRightsChanged = defineEventKind({
  ...shared,
  name: 'role_rights_changed',
  title: 'Rights of a role changed',
  many: (count) => `The rights of ${count} roles were changed`,
  compare: (comparison) =>
    changesIn(comparison)
      .filter((change) => !gains(change) && !loses(change))
      .map((change) => {
        const won = change.after.filter((power) => !change.before.includes(power));
        const lost = change.before.filter((power) => !change.after.includes(power));
        const said = [
          ...(won.length > 0 ? [`gained ${won.join(', ')}`] : []),
          ...(lost.length > 0 ? [`lost ${lost.join(', ')}`] : []),
        ];
        return {
          ...draftOf(change, `Role ${change.role} ${said.join(' and ')}.`),
          ...(won.length > 0 ? { severity: 'warning' as const } : {}),
        };
      }),
});
