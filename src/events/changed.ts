import type { Load } from '../collectors/activity/load.ts';
import { EVENT_SEVERITIES, type Event } from './event.ts';

/** What a move is of. */
export const MOVE_KINDS = ['statement', 'wait', 'connections', 'table'] as const;
export type MoveKind = (typeof MOVE_KINDS)[number];

/** Something that was measured in both windows, and how it moved. */
export interface Move {
  readonly kind: MoveKind;
  /** The wait, the application, the table, or the statement's queryid. */
  readonly name: string;
  readonly db?: string;
  readonly unit: 'ms/s' | 'sessions' | 'connections' | 'rows/s';
  /** Null where it was not among the statements or tables that are listed. */
  readonly before: number | null;
  readonly after: number | null;
  readonly change: number;
  /** Of a statement: what made its load another. */
  readonly cause?: 'calls' | 'time per call' | 'both';
  readonly calls?: Pair;
  readonly mean?: Pair;
  /** How much it weighs against the others: about 1 for a session that is busy all the time. */
  readonly weight: number;
}

export interface Pair {
  readonly before: number | null;
  readonly after: number | null;
}

/** Least moves that are shown: what is smaller is noise. */
const LEAST = { statement: 5, wait: 0.1, connections: 3, table: 5 } as const;

/** What weighs as much as one busy session: its load, itself, ten connections, a thousand rows written a second. */
const WEIGHS_ONE = { statement: 1_000, wait: 1, connections: 10, table: 1_000 } as const;

const UNITS = { statement: 'ms/s', wait: 'sessions', connections: 'connections', table: 'rows/s' } as const;

/** A statement over a window. */
export interface StatementSum {
  readonly db: string;
  readonly queryid: string;
  readonly calls: number;
  readonly exec_seconds: number;
}

/** What was measured over so many seconds; undefined where nothing was. */
export interface Measured<T> {
  readonly seconds: number;
  readonly items: readonly T[];
}

/** Statements by change of their load: milliseconds of execution a second, with calls and time per call kept apart. */
export function statementMoves(before: Measured<StatementSum>, after: Measured<StatementSum>): Move[] {
  const rates = ({ seconds, items }: Measured<StatementSum>) =>
    new Map(
      items.map((one) => [
        `${one.queryid} ${one.db}`,
        {
          ...one,
          load: (one.exec_seconds * 1_000) / seconds,
          perSecond: one.calls / seconds,
          mean: one.calls > 0 ? one.exec_seconds / one.calls : null,
        },
      ]),
    );
  const [old, fresh] = [rates(before), rates(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), fresh.get(key)];
    const one = is ?? was;
    if (!one) return [];
    const calls = { before: was?.perSecond ?? null, after: is?.perSecond ?? null };
    const mean = { before: was?.mean ?? null, after: is?.mean ?? null };
    const cause = causeOf(calls, mean);
    return moveOf(
      'statement',
      { name: one.queryid, db: one.db, calls, mean, ...(cause ? { cause } : {}) },
      was?.load,
      is?.load,
    );
  });
}

/** By whichever factor is the larger; both where neither is by half. */
function causeOf(calls: Pair, mean: Pair): Move['cause'] {
  const factor = ({ before, after }: Pair) => (before && after ? Math.abs(Math.log(after / before)) : undefined);
  const [byCalls, byMean] = [factor(calls), factor(mean)];
  if (byCalls === undefined || byMean === undefined || byCalls + byMean === 0) return undefined;
  const share = byCalls / (byCalls + byMean);
  return share > 0.67 ? 'calls' : share < 0.33 ? 'time per call' : 'both';
}

/** Waits of active sessions, on average of the passes. */
export function waitMoves(before: readonly Load[], after: readonly Load[]): Move[] {
  const [old, fresh] = [meanBy(before), meanBy(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((wait) =>
    moveOf('wait', { name: wait }, old.get(wait) ?? 0, fresh.get(wait) ?? 0),
  );
}

/** What was listed of an interval, and when it ended, epoch seconds. */
export interface IntervalOf<T> {
  readonly end: number;
  readonly seconds: number;
  readonly items: readonly T[];
}

/**
 * Sums of the intervals of a window, oldest first; undefined where there are none. One counts with its part in the window
 * that no other has counted, and only if that is most of it: where pgmon was restarted or away, an interval reaches far back,
 * and what it measured may have happened before the window.
 */
export function summedWithin(
  intervals: readonly IntervalOf<StatementSum>[],
  from: Date,
  to: Date,
): Measured<StatementSum> | undefined {
  const sums = new Map<string, StatementSum>();
  const last = to.getTime() / 1_000;
  let [seconds, covered] = [0, from.getTime() / 1_000];
  for (const { end, seconds: length, items } of intervals) {
    const own = Math.min(end, last) - Math.max(end - length, covered);
    if (length <= 0 || own < length / 2) continue;
    const share = own / length;
    seconds += own;
    covered = Math.min(end, last);
    for (const { db, queryid, calls, exec_seconds } of items) {
      const key = `${queryid} ${db}`;
      const known = sums.get(key);
      sums.set(key, {
        db,
        queryid,
        calls: (known?.calls ?? 0) + calls * share,
        exec_seconds: (known?.exec_seconds ?? 0) + exec_seconds * share,
      });
    }
  }
  return seconds > 0 ? { seconds, items: [...sums.values()] } : undefined;
}

function meanBy(loads: readonly Load[]): Map<string, number> {
  const passes = loads.reduce((sum, load) => sum + load.passes, 0);
  const sums = new Map<string, number>();
  for (const load of loads) {
    for (const [sessions, , type, event] of load.groups) {
      const wait = type === event ? type : `${type}: ${event}`;
      sums.set(wait, (sums.get(wait) ?? 0) + (sessions * load.passes) / passes);
    }
  }
  return sums;
}

/** Connections of each application at the end of each window. */
export function connectionMoves(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Move[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((application) =>
    moveOf('connections', { name: application }, before.get(application) ?? 0, after.get(application) ?? 0),
  );
}

/** Rows written to a table since its statistics were reset. */
export interface TableWrites {
  readonly db: string;
  readonly relation: string;
  readonly written: number;
}

/**
 * Tables by rows written a second, of three readings of the counters: between the first two, and between the last two. A table
 * that is missing in one, or whose counters were reset, has no rate there.
 */
export function tableMoves(readings: readonly [Reading, Reading, Reading]): Move[] {
  const [first, second, third] = readings.map(({ at, tables }) => ({
    at,
    tables: new Map(tables.map((one) => [`${one.db} ${one.relation}`, one])),
  }));
  if (!first || !second || !third) return [];
  return [...third.tables].flatMap(([key, table]) => {
    const rate = (from: typeof first, to: typeof first) => {
      const [was, is] = [from.tables.get(key)?.written, to.tables.get(key)?.written];
      if (was === undefined || is === undefined || is < was || to.at <= from.at) return undefined;
      return (is - was) / (to.at - from.at);
    };
    const after = rate(second, third);
    if (after === undefined) return [];
    return moveOf('table', { name: table.relation, db: table.db }, rate(first, second), after);
  });
}

export interface Reading {
  /** Epoch seconds. */
  readonly at: number;
  readonly tables: readonly TableWrites[];
}

type Named = Pick<Move, 'name' | 'db' | 'cause' | 'calls' | 'mean'>;

function moveOf(kind: MoveKind, of: Named, before: number | undefined, after: number | undefined): Move[] {
  const change = (after ?? 0) - (before ?? 0);
  if (!Number.isFinite(change) || Math.abs(change) < LEAST[kind]) return [];
  const weight = Math.abs(change) / WEIGHS_ONE[kind];
  return [{ kind, ...of, unit: UNITS[kind], before: before ?? null, after: after ?? null, change, weight }];
}

/** Those that moved most first, at most so many of each kind. */
export function ranked(moves: readonly Move[], most: number): Move[] {
  const sorted = moves.toSorted((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
  const counts = new Map<MoveKind, number>();
  return sorted.filter(({ kind }) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return (counts.get(kind) ?? 0) <= most;
  });
}

/**
 * Events of a window, those that may be causes before alerts, which are effects; then the nearest to its end first. One that was
 * found later belongs to it, too, if it may have happened within: its state was last seen as before until then.
 */
export function eventsOfWindow(events: readonly Event[], from: Date, to: Date): Event[] {
  const [first, last] = [from.toISOString(), to.toISOString()];
  return events
    .filter(
      ({ at, since, source }) =>
        at >= first && (at <= last || (source === 'seen' && since !== undefined && since < last)),
    )
    .toSorted((a, b) => Number(a.source === 'alert') - Number(b.source === 'alert') || (a.at < b.at ? 1 : -1));
}

/** So many of a kind come before those of other kinds wait for a place. */
const FIRST_OF_KIND = 20;

/**
 * At most so many events of a window, in the order they have: the most severe first, and of no kind so many that others are
 * left out. A promotion is not to be lost among a thousand deployments.
 */
export function foremost(events: readonly Event[], most: number): Event[] {
  if (events.length <= most) return [...events];
  const counts = new Map<string, number>();
  const places = events.map((event, i) => {
    const count = counts.get(event.kind) ?? 0;
    counts.set(event.kind, count + 1);
    return { event, i, round: Math.floor(count / FIRST_OF_KIND) };
  });
  const severe = ({ severity }: Event) => EVENT_SEVERITIES.indexOf(severity);
  return places
    .toSorted((a, b) => a.round - b.round || severe(b.event) - severe(a.event) || a.i - b.i)
    .slice(0, most)
    .toSorted((a, b) => a.i - b.i)
    .map(({ event }) => event);
}
