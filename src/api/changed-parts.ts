import { z } from '@hono/zod-openapi';
import { applicationsOf } from '../collectors/activity/applications.ts';
import { shownStatementSchema } from '../collectors/statements/shown.ts';
import {
  connectionMoves,
  type IntervalOf,
  type Move,
  type StatementSum,
  statementMoves,
  summedWithin,
  type Reading as TableReading,
  tableMoves,
  waitMoves,
} from '../events/changed.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Top } from '../store/top.ts';
import { dataOf, type Reading, snapshotAt } from './reading.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What moved between two windows, or why that is not known. */
interface Part {
  readonly moves: readonly Move[];
  readonly note?: string;
}

/** Everything that moved between the windows that begin at two times and end at the second and a third. */
export async function partsOf(reading: Reading, cluster: string, first: Date, from: Date, to: Date): Promise<Part[]> {
  return await Promise.all([
    statementsOf(reading, cluster, first, from, to),
    waitsOf(reading, cluster, first, from, to),
    connectionsOf(reading, cluster, from, to),
    tablesOf(reading, cluster, to),
  ]);
}

async function statementsOf({ stores }: Reading, cluster: string, first: Date, from: Date, to: Date): Promise<Part> {
  const tops = await stores.top.between(cluster, 'statements', first, to);
  const intervals = tops.map(intervalOf);
  const [before, after] = [summedWithin(intervals, first, from), summedWithin(intervals, from, to)];
  if (!before || !after) return { moves: [], note: 'Statements: not measured in both windows.' };
  return { moves: statementMoves(before, after) };
}

/** Thousands of rows are checked for one answer: only what is compared. */
const comparedSchema = shownStatementSchema.pick({
  db: true,
  queryid: true,
  interval_seconds: true,
  calls: true,
  exec_seconds: true,
});

function intervalOf({ at, rows }: Top): IntervalOf<StatementSum> {
  const items = rows.flatMap((row) => comparedSchema.safeParse(row).data ?? []);
  return {
    end: Date.parse(at) / 1_000,
    seconds: items.find(({ interval_seconds }) => interval_seconds !== null)?.interval_seconds ?? 0,
    items: items.map(({ db, queryid, calls, exec_seconds }) => ({
      db,
      queryid,
      calls: calls ?? 0,
      exec_seconds: exec_seconds ?? 0,
    })),
  };
}

async function waitsOf({ stores }: Reading, cluster: string, first: Date, from: Date, to: Date): Promise<Part> {
  const loads = await stores.activity.passes(cluster, first, to);
  const split = from.toISOString();
  const [before, after] = [loads.filter(({ at }) => at <= split), loads.filter(({ at }) => at > split)];
  if (before.length === 0 || after.length === 0) return { moves: [], note: 'Waits: not measured in both windows.' };
  return { moves: waitMoves(before, after) };
}

/** At the end of each window: what a pass before it has seen, up to two minutes. */
async function connectionsOf(reading: Reading, cluster: string, from: Date, to: Date): Promise<Part> {
  const at = async (moment: Date) => {
    const { snapshot } = await snapshotAt(reading, cluster, 'hot', moment);
    const isRecent = snapshot?.up && moment.getTime() - Date.parse(snapshot.takenAt) <= 2 * MINUTE_MS;
    return isRecent ? applicationsOf(snapshot.rows['activity']) : undefined;
  };
  const [before, after] = await Promise.all([at(from), at(to)]);
  if (!before || !after) return { moves: [], note: 'Connections: not measured at the end of both windows.' };
  return { moves: connectionMoves(before, after) };
}

/** Counters of tables are kept by the hour: the readings around the moment, and the one before. */
async function tablesOf(reading: Reading, cluster: string, moment: Date): Promise<Part> {
  const { stores, now } = reading;
  const near = moment.getTime() + HOUR_MS;
  const at = async (time: Date | undefined) => dataOf(await snapshotAt(reading, cluster, 'storage', time));
  const third = await at(near >= now().getTime() ? undefined : new Date(near));
  const before = async (snapshot: Snapshot | undefined) =>
    snapshot && (await stores.past.at(cluster, 'storage', new Date(Date.parse(snapshot.takenAt) - 1)));
  const second = await before(third);
  const first = second && (await before(second));
  if (!first || !second || !third)
    return { moves: [], note: 'Tables: there are not three readings of their counters yet.' };
  return {
    moves: tableMoves([readingOf(first), readingOf(second), readingOf(third)]),
    note: `Tables: written between ${clock(second.takenAt)} and ${clock(third.takenAt)}, against the time from ${clock(first.takenAt)}.`,
  };
}

const tableRow = z.object({
  db: z.string(),
  relation: z.string(),
  inserted: z.number().nullable(),
  updated: z.number().nullable(),
  deleted: z.number().nullable(),
});

function readingOf({ takenAt, rows }: Snapshot): TableReading {
  const tables = (rows['tables'] ?? []).flatMap((row) => {
    const { data } = tableRow.safeParse(row);
    if (!data) return [];
    const { db, relation, inserted, updated, deleted } = data;
    return [{ db, relation, written: (inserted ?? 0) + (updated ?? 0) + (deleted ?? 0) }];
  });
  return { at: Date.parse(takenAt) / 1_000, tables };
}

function clock(at: string): string {
  return `${at.slice(11, 16)} UTC`;
}
