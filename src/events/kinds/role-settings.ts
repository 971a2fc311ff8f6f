import { roleSettings } from '../../collectors/role-settings.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

type Row = ReturnType<typeof roleSettings.rowsOf>[number];

interface Change {
  readonly of: Row;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** Settings of roles and databases that were set, reset, or set to another value; of a hidden one only the first two show. */
function changesIn(comparison: Comparison): Change[] {
  return comparable(comparison, roleSettings).flatMap((place) => {
    const { gone, come, both } = difference(place, ({ role, database, name }) =>
      JSON.stringify([role, database, name]),
    );
    return [
      ...come.map((after) => ({ of: after, before: undefined, after })),
      ...gone.map((before) => ({ of: before, before, after: undefined })),
      ...both
        .filter(([before, after]) => before.setting !== after.setting)
        .map(([before, after]) => ({ of: after, before, after })),
    ];
  });
}

const NOT_SET = 'not set';

/** A value as it is shown; one that may hold a secret was never read. */
function valueText(row: Row | undefined): string {
  if (row === undefined) return NOT_SET;
  return row.setting === null ? 'hidden' : row.setting || "''";
}

/** What happened to it: for the sentence of the event. */
function changeText({ before, after }: Change, whose: string): string {
  const [from, to] = [valueText(before), valueText(after)];
  if (!after) return `is no longer set for ${whose}; it was ${from}`;
  return `${before ? `was changed from ${from} to ${to}` : `was set to ${to}`} for new sessions of ${whose}`;
}

const shared = { loop: 'storage', reads: [roleSettings] } as const;

/** ALTER ROLE … SET, in all databases or in one: new sessions of the role have another value than all others. */
export const roleSettingChanged = defineEventKind({
  ...shared,
  name: 'role_setting_changed',
  title: 'Setting of a role changed',
  namesUsers: true,
  many: (count) => `${count} settings of roles were changed`,
  compare: (comparison) =>
    changesIn(comparison)
      .filter(({ of }) => of.role !== '')
      .map((change) => {
        const { role, database, name } = change.of;
        const whose = `role ${role}${database ? ` in database ${database}` : ''}`;
        const [from, to] = [change.before, change.after].map((row) => `${name}: ${valueText(row)}`);
        return {
          ...(database ? { db: database } : {}),
          object: role,
          from,
          to,
          text: `${name} ${changeText(change, whose)}.`,
        };
      }),
});

/** ALTER DATABASE … SET: new sessions in the database have another value than those elsewhere. */
export const databaseSettingChanged = defineEventKind({
  ...shared,
  name: 'database_setting_changed',
  title: 'Setting of a database changed',
  many: (count) => `${count} settings of databases were changed`,
  compare: (comparison) =>
    changesIn(comparison)
      .filter(({ of }) => of.role === '')
      .map((change) => {
        const { database, name } = change.of;
        return {
          db: database,
          object: name,
          from: valueText(change.before),
          to: valueText(change.after),
          text: `${name} ${changeText(change, `database ${database}`)}.`,
        };
      }),
});
