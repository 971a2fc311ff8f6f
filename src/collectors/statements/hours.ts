import * as z from 'zod';
import type { Statement } from './deltas.ts';
import {
  addWork,
  noWork,
  packedPeriod,
  periodOf,
  type StatementPeriod,
  type StatementWork,
  sumOfWork,
  type Work,
} from './period.ts';

const HOUR_MS = 3_600_000;

/** Statements of an hour that are added up one by one; beyond, the lightest are added up together. */
const MOST = 6_000;
const LEFT = 5_000;

/**
 * So many by time, and as many by calls, are kept one by one for the next process, more than what an hour keeps in the end: with
 * 5,000 statements 26 KB every ten minutes in place of 220.
 */
const STORED = 500;

/** An hour that is over is offered to the table for so long: until then a failed write is tried again. */
const OFFERED_MS = 30 * 60_000;

const work = z.object({
  calls: z.number(),
  seconds: z.number(),
  squaredSeconds: z.number(),
  rows: z.number(),
  blocksHit: z.number(),
  blocksRead: z.number(),
  blockReadSeconds: z.number(),
  tempBlocks: z.number(),
  walBytes: z.number(),
});

/** What every statement did since the hour began. Part of the state of the statements, so that both are of one time. */
export const tallySchema = z.object({
  /** Epoch milliseconds, pgmon's clock. */
  start: z.number(),
  coveredSeconds: z.number(),
  /** By queryid and database, a space between. */
  statements: z.record(z.string(), work),
  rest: z.object({ statements: z.number(), work }),
});
export type Tally = z.output<typeof tallySchema>;

/** The hour that is over, as the table keeps it; see `packedPeriod`. */
export const finishedSchema = z.looseObject({ at: z.string() });

export interface Hours {
  readonly tally: Tally | undefined;
  readonly finished: z.output<typeof finishedSchema> | undefined;
}

/**
 * Adds what statements did in an interval to the hour in which most of it was. An hour that is over is `finished`.
 *
 * @param seconds length of the interval; undefined where there is none
 * @param takenAt its end, epoch milliseconds
 */
export function addedToHour(
  before: Partial<Hours>,
  statements: readonly Statement[],
  seconds: number | undefined,
  takenAt: number,
): Hours {
  const start = Math.floor((takenAt - (seconds ?? 0) * 500) / HOUR_MS) * HOUR_MS;
  const isOver = before.tally !== undefined && before.tally.start < start;
  const finished = isOver && before.tally ? packedPeriod(finishedHour(before.tally)) : before.finished;
  const tally =
    before.tally && !isOver
      ? before.tally
      : { start, coveredSeconds: 0, statements: {}, rest: { statements: 0, work: noWork() } };
  const isOffered = finished !== undefined && takenAt < Date.parse(finished.at) + HOUR_MS + OFFERED_MS;
  return {
    tally: seconds === undefined ? tally : tallied(tally, statements, seconds),
    // One that a restart finished late is offered once.
    finished: isOver || isOffered ? finished : undefined,
  };
}

function tallied(tally: Tally, statements: readonly Statement[], seconds: number): Tally {
  const covered = { ...tally, coveredSeconds: tally.coveredSeconds + seconds };
  const worked = statements.filter(({ interval }) => interval && !isNothing(interval));
  if (worked.length === 0) return covered;
  const sums = { ...tally.statements };
  for (const { queryid, db, interval } of worked) {
    if (!interval) continue;
    const key = `${queryid} ${db}`;
    sums[key] = sumOfWork(sums[key] ?? noWork(), interval);
  }
  return bounded({ ...covered, statements: sums });
}

function isNothing({ calls, seconds, rows }: Work): boolean {
  return calls === 0 && seconds === 0 && rows === 0;
}

/** The lightest go to the rest: a server of statements that all differ has no end of them. */
function bounded(tally: Tally): Tally {
  const all = Object.entries(tally.statements);
  if (all.length <= MOST) return tally;
  return withOnly(tally, new Set(firstBy('seconds', all, LEFT)));
}

/**
 * The hour so far as the next process finds it. What the others did until now is in its sum: the sum of all stays exact, and
 * one of them that is among the first when the hour ends is short of what it did before.
 */
export function storedTally(tally: Tally): Tally {
  const all = Object.entries(tally.statements);
  if (all.length <= STORED) return tally;
  return withOnly(tally, new Set([...firstBy('seconds', all, STORED), ...firstBy('calls', all, STORED)]));
}

function firstBy(field: keyof Work, all: readonly [string, Work][], count: number): string[] {
  return all
    .toSorted(([, a], [, b]) => b[field] - a[field])
    .slice(0, count)
    .map(([key]) => key);
}

/** These statements one by one, and the others added to the rest. */
function withOnly(tally: Tally, kept: ReadonlySet<string>): Tally {
  const rest = { statements: tally.rest.statements, work: { ...tally.rest.work } };
  const statements: Record<string, Work> = {};
  for (const [key, own] of Object.entries(tally.statements)) {
    if (kept.has(key)) {
      statements[key] = own;
      continue;
    }
    addWork(rest.work, own);
    rest.statements += 1;
  }
  return { ...tally, statements, rest };
}

function finishedHour({ start, coveredSeconds, statements, rest }: Tally): StatementPeriod {
  const all = Object.entries(statements).map(([key, own]): StatementWork => {
    const space = key.indexOf(' ');
    return { queryid: key.slice(0, space), db: key.slice(space + 1), work: own };
  });
  return periodOf(new Date(start).toISOString(), coveredSeconds, all, rest);
}
