import * as z from 'zod';
import { latencyQuantile } from './latency.ts';

/** What a statement did: numbers that add up over passes, hours and days. */
export interface Work {
  calls: number;
  seconds: number;
  /** Sum of the squares of the times of all calls, seconds²: their deviation, for the percentile. */
  squaredSeconds: number;
  rows: number;
  blocksHit: number;
  blocksRead: number;
  blockReadSeconds: number;
  tempBlocks: number;
  walBytes: number;
}

/** The order in which work is kept as a list of numbers. */
const FIELDS = [
  'calls',
  'seconds',
  'squaredSeconds',
  'rows',
  'blocksHit',
  'blocksRead',
  'blockReadSeconds',
  'tempBlocks',
  'walBytes',
] as const satisfies readonly (keyof Work)[];

export const noWork = (): Work => ({
  calls: 0,
  seconds: 0,
  squaredSeconds: 0,
  rows: 0,
  blocksHit: 0,
  blocksRead: 0,
  blockReadSeconds: 0,
  tempBlocks: 0,
  walBytes: 0,
});

export function addWork(sum: Work, more: Work): void {
  for (const field of FIELDS) sum[field] += more[field];
}

/** The sum of two, with as many digits as the server's clock has: what is kept of it every ten minutes is half as large. */
export function sumOfWork(one: Work, more: Work): Work {
  return {
    calls: one.calls + more.calls,
    seconds: significant(one.seconds + more.seconds, 9),
    squaredSeconds: significant(one.squaredSeconds + more.squaredSeconds, 6),
    rows: one.rows + more.rows,
    blocksHit: one.blocksHit + more.blocksHit,
    blocksRead: one.blocksRead + more.blocksRead,
    blockReadSeconds: significant(one.blockReadSeconds + more.blockReadSeconds, 7),
    tempBlocks: one.tempBlocks + more.tempBlocks,
    walBytes: one.walBytes + more.walBytes,
  };
}

/** A number with so many significant digits. */
export function significant(value: number, digits: number): number {
  if (value === 0) return 0;
  const scale = 10 ** (digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return Number.isFinite(scale) ? Math.round(value * scale) / scale : value;
}

/** Work as the table keeps it, to a microsecond: a third of the bytes of an object. */
const workSchema = z
  .array(z.number())
  .length(FIELDS.length)
  .transform((values): Work => {
    const work = noWork();
    for (const [i, field] of FIELDS.entries()) work[field] = values[i] ?? 0;
    return work;
  });

/** See {@link workSchema}. */
export function packedWork(work: Work): number[] {
  return FIELDS.map((field) => Number(work[field].toPrecision(10)));
}

/** A statement in one database, that of all users together. */
export interface StatementWork {
  readonly db: string;
  readonly queryid: string;
  readonly work: Work;
}

/** What the statements of a target did in an hour or a day: those that matter most, and the others together. */
export interface StatementPeriod {
  /** When it began, RFC 3339 by pgmon's clock. */
  readonly at: string;
  /** How much of it was measured. */
  readonly coveredSeconds: number;
  readonly statements: readonly StatementWork[];
  /** What all others did, and how many they were: at most, since one that a restart put there may have come back. */
  readonly rest: { readonly statements: number; readonly work: Work };
}

export const periodSchema = z
  .object({
    at: z.string(),
    coveredSeconds: z.number(),
    statements: z.array(z.tuple([z.string(), z.string(), workSchema])),
    rest: z.tuple([z.number(), workSchema]),
  })
  .transform(
    ({ statements, rest: [count, work], ...period }): StatementPeriod => ({
      ...period,
      statements: statements.map(([db, queryid, own]) => ({ db, queryid, work: own })),
      rest: { statements: count, work },
    }),
  );

/** A period as {@link periodSchema} reads it. */
export function packedPeriod({ at, coveredSeconds, statements, rest }: StatementPeriod) {
  return {
    at,
    coveredSeconds: Math.round(coveredSeconds),
    statements: statements.map(({ db, queryid, work }) => [db, queryid, packedWork(work)]),
    rest: [rest.statements, packedWork(rest.work)],
  };
}

/** So many by time, and as many by calls, are kept of a period. */
export const KEPT = 200;

/** A period of these statements: the first {@link KEPT} by time and by calls, and the sum of the rest. */
export function periodOf(
  at: string,
  coveredSeconds: number,
  all: readonly StatementWork[],
  others: StatementPeriod['rest'] = { statements: 0, work: noWork() },
): StatementPeriod {
  const by = (field: keyof Work) => all.toSorted((a, b) => b.work[field] - a.work[field]).slice(0, KEPT);
  const top = new Set([...by('seconds'), ...by('calls')]);
  const rest = { statements: others.statements, work: { ...others.work } };
  for (const one of all) {
    if (top.has(one)) continue;
    addWork(rest.work, one.work);
    rest.statements += 1;
  }
  return { at, coveredSeconds, statements: [...top], rest };
}

/**
 * Several periods as one. A statement that one of them has among its rest is short of what it did in that one: the sum of
 * all is exact, and so are those among the first in every period.
 */
export function mergedPeriods(at: string, periods: readonly StatementPeriod[]): StatementPeriod {
  const sums = new Map<string, StatementWork>();
  const rest = { statements: 0, work: noWork() };
  for (const period of periods) {
    for (const { db, queryid, work } of period.statements) {
      const key = `${queryid} ${db}`;
      const sum = sums.get(key) ?? { db, queryid, work: noWork() };
      sums.set(key, sum);
      addWork(sum.work, work);
    }
    addWork(rest.work, period.rest.work);
    rest.statements = Math.max(rest.statements, period.rest.statements);
  }
  const coveredSeconds = periods.reduce((sum, period) => sum + period.coveredSeconds, 0);
  return periodOf(at, coveredSeconds, [...sums.values()], rest);
}

/** What a statement did in a period, in all databases where none is named; undefined where it is not among the first. */
export function workIn({ statements }: StatementPeriod, queryid: string, db?: string): Work | undefined {
  const found = statements.filter((one) => one.queryid === queryid && (db === undefined || one.db === db));
  if (found.length === 0) return undefined;
  const sum = noWork();
  for (const { work } of found) addWork(sum, work);
  return sum;
}

/** Mean time of a call in seconds; undefined without calls. */
export function meanOf({ calls, seconds }: Work): number | undefined {
  return calls > 0 ? seconds / calls : undefined;
}

/** The time within which 95 % of the calls ended, in seconds: an estimate, from their mean and deviation. */
export function p95Of({ calls, seconds, squaredSeconds }: Work): number | undefined {
  if (calls <= 0) return undefined;
  const meanSeconds = seconds / calls;
  const stddevSeconds = Math.sqrt(Math.max(0, squaredSeconds / calls - meanSeconds ** 2));
  return latencyQuantile([{ db: '', toplevel: true, calls, meanSeconds, stddevSeconds }], 0.95);
}
