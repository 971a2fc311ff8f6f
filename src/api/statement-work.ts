import { type ShownStatement, secondsOf, shownStatementSchema, shownWork } from '../collectors/statements/shown.ts';
import { PERIODS, type Period } from '../store/statement-periods.ts';
import type { Reading } from './reading.ts';

/** What statements did in a pass, five minutes, an hour or a day. */
export interface WorkPiece {
  /** When it ended, epoch milliseconds. */
  readonly at: number;
  /** How long it was, milliseconds. */
  readonly ms: number;
  /** How much of it was measured. */
  readonly seconds: number;
  readonly rows: readonly ShownStatement[];
}

const FINER = { days: ['days'], hours: ['hours', 'minutes'], minutes: ['minutes'], passes: [] } as const;

/**
 * What statements did between two times, the second not included, oldest first: of what is not summed up, and at the edges, the
 * passes. All of it adds up, whatever it is made of.
 *
 * @param coarsest days cover whole days alone, and nothing finer is read beside them
 */
export async function workBetween(
  reading: Reading,
  cluster: string,
  coarsest: Period | 'passes',
  from: number,
  to: number,
): Promise<WorkPiece[]> {
  return await piecesIn(reading, cluster, FINER[coarsest], from, to);
}

async function piecesIn(
  reading: Reading,
  cluster: string,
  [period, ...finer]: readonly Period[],
  from: number,
  to: number,
): Promise<WorkPiece[]> {
  if (from >= to) return [];
  if (!period) return await passesIn(reading, cluster, from, to);
  const { ms } = PERIODS[period];
  const [first, last] = [Math.ceil(from / ms) * ms, Math.floor(to / ms) * ms];
  if (first >= last) return period === 'days' ? [] : await piecesIn(reading, cluster, finer, from, to);
  const periods = await reading.stores.statementPeriods.between(cluster, period, new Date(first), new Date(last - 1));
  const pieces = periods.map(({ at, coveredSeconds, statements }) => ({
    at: Date.parse(at) + ms,
    ms,
    seconds: coveredSeconds,
    rows: statements.map(({ db, queryid, work }) => shownWork(db, queryid, work, coveredSeconds)),
  }));
  if (period === 'days') return pieces;
  const ends = [...pieces.map(({ at }) => at), to + ms];
  const gaps = ends.map((end, i) => [i === 0 ? from : (ends[i - 1] ?? from), Math.min(end - ms, to)] as const);
  const rest = await Promise.all(gaps.map(([start, end]) => piecesIn(reading, cluster, finer, start, end)));
  return [...pieces, ...rest.flat()].sort((a, b) => a.at - b.at);
}

async function passesIn(
  { stores, intervals }: Reading,
  cluster: string,
  from: number,
  to: number,
): Promise<WorkPiece[]> {
  const tops = await stores.top.between(cluster, 'statements', new Date(from), new Date(to - 1));
  const ms = intervals.get('workload') ?? 60_000;
  return tops.map(({ at, rows }) => ({
    at: Date.parse(at),
    ms,
    seconds: secondsOf(rows),
    rows: rows.flatMap((row) => shownStatementSchema.safeParse(row).data ?? []),
  }));
}
