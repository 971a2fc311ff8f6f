import type { Load, LoadGroup } from '../collectors/activity/load.ts';

/** What active sessions are split by. */
export const DIMENSIONS = ['wait', 'statement', 'application', 'user', 'db'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** A band for each of the largest; the others are one together. */
const BANDS = 8;

/** Most points of a band. */
const POINTS = 240;

/** Rows of the table of load by statement. */
const STATEMENTS = 20;

/** The largest waits of a statement. */
const WAITS = 5;

/** What stands for a session that was counted but not read by name. */
export const UNNAMED = 'not read by name';

/** The wait of a group as `Lock: tuple`; one that waits for nothing is `CPU`. */
export function waitOf([, , type, event]: LoadGroup): string {
  return type === event ? type : `${type}: ${event}`;
}

/** What a group is in a dimension; null where its sessions were only counted. */
export function partOf(group: LoadGroup, by: Dimension): string | null {
  const [, db, , , user, application, queryid, text] = group;
  switch (by) {
    case 'wait':
      return waitOf(group);
    case 'db':
      return db;
    case 'user':
      return user;
    case 'application':
      return application;
    case 'statement':
      return queryid ?? text;
  }
}

/** Passes, hours or days in order, several in one slot where there are more than a chart shows; an empty slot where some are missing. */
export interface Slot<T = Load> {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly loads: readonly T[];
}

/**
 * By pass and not by steps of equal time: passes come a little early or late, and would leave steps empty. What was not measured
 * is an empty slot.
 *
 * @param intervalMs from one to the next
 */
export function loadSlots<T extends { readonly at: string }>(loads: readonly T[], intervalMs: number): Slot<T>[] {
  const slots: { at: number; loads: T[] }[] = [];
  const together = Math.ceil(loads.length / POINTS);
  let last: number | undefined;
  for (const load of loads) {
    const at = Date.parse(load.at);
    const gap = last !== undefined && at - last > 1.9 * intervalMs;
    if (gap && last !== undefined) slots.push({ at: last + intervalMs, loads: [] });
    if (gap || slots.length === 0 || (slots.at(-1)?.loads.length ?? 0) >= together) slots.push({ at, loads: [] });
    slots.at(-1)?.loads.push(load);
    last = at;
  }
  return slots;
}

export interface Band {
  /** Null for the sessions that were only counted, and for the others together. */
  readonly key: string | null;
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** Active sessions on average of each slot, by what they are in a dimension, the most first. A pass without any is 0. */
export function bandsOf(slots: readonly Slot[], by: Dimension): Band[] {
  const sums = new Map<string | null, number[]>();
  const passes = slots.map(({ loads }) => loads.reduce((sum, load) => sum + load.passes, 0));
  for (const [i, { loads }] of slots.entries())
    for (const load of loads)
      for (const group of load.groups) {
        const part = partOf(group, by);
        const values = sums.get(part) ?? slots.map(() => 0);
        values[i] = (values[i] ?? 0) + (group[0] * load.passes) / (passes[i] || 1);
        sums.set(part, values);
      }
  const total = (values: readonly number[]) => values.reduce((sum, value, i) => sum + value * (passes[i] ?? 0), 0);
  const named = [...sums].filter(([key]) => key !== null).sort(([, a], [, b]) => total(b) - total(a));
  const shown = (values: readonly number[]) =>
    values.map((value, i) => (passes[i] === 0 ? null : Number(value.toPrecision(4))));
  const largest = named.length <= BANDS ? named : named.slice(0, BANDS - 1);
  const rest = named.slice(largest.length).map(([, values]) => values);
  const unnamed = sums.get(null);
  return [
    ...largest.map(([key, values]) => ({ key, name: key || '(none)', values: shown(values) })),
    ...(rest.length > 0
      ? [
          {
            key: null,
            name: `${rest.length} others`,
            values: shown(slots.map((_, i) => rest.reduce((sum, values) => sum + (values[i] ?? 0), 0))),
          },
        ]
      : []),
    ...(unnamed ? [{ key: null, name: UNNAMED, values: shown(unnamed) }] : []),
  ];
}

export interface StatementLoad {
  readonly queryid: string | null;
  /** The text, where the server gives no queryid. */
  readonly text: string | null;
  readonly db: string;
  readonly active_sessions: number;
  readonly share: number;
  readonly waits: readonly { readonly wait: string; readonly active_sessions: number }[];
}

/** The statements that were active most, on average of the passes, each with what it waited for. */
export function statementLoads(loads: readonly Load[]): StatementLoad[] {
  const passes = loads.reduce((sum, load) => sum + load.passes, 0);
  const groups = loads.flatMap(({ groups, passes: weight }) =>
    groups.map((group) => ({ group, n: group[0] * weight })),
  );
  const all = groups.reduce((sum, { n }) => sum + n, 0);
  const sum = (some: typeof groups) => some.reduce((total, { n }) => total + n, 0) / (passes || 1);
  const byStatement = Map.groupBy(groups, ({ group: [, db, , , , , queryid, text] }) =>
    JSON.stringify([db, queryid, text]),
  );
  return [...byStatement.values()]
    .flatMap((some): StatementLoad[] => {
      const [, db = '', , , , , queryid = null, text = null] = some[0]?.group ?? [];
      if (queryid === null && text === null) return [];
      const waits = [...Map.groupBy(some, ({ group }) => waitOf(group))]
        .map(([wait, those]) => ({ wait, active_sessions: sum(those) }))
        .sort((a, b) => b.active_sessions - a.active_sessions);
      const active = sum(some);
      const share = all > 0 ? (active * passes) / all : 0;
      return [{ queryid, text, db, active_sessions: active, share, waits: waits.slice(0, WAITS) }];
    })
    .sort((a, b) => b.active_sessions - a.active_sessions)
    .slice(0, STATEMENTS);
}
