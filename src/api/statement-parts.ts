import type { Timing } from '../collectors/statements/deltas.ts';
import { latencyQuantile } from '../collectors/statements/latency.ts';
import { addWork, noWork, type StatementPeriod, type Work, workIn } from '../collectors/statements/period.ts';
import { secondsOf, shownStatementSchema, workOf } from '../collectors/statements/shown.ts';
import { PASS_DAYS } from '../store/past.ts';
import { TOP_DAYS, type Top } from '../store/top.ts';
import type { Reading } from './reading.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A pass keeps 50 statements, an hour 200 to 400: 120 passes, or 48 hours, are read three times in a tenth of a second. */
const PASSES_UP_TO_MS = 2 * HOUR_MS;
const HOURS_UP_TO_MS = 2 * DAY_MS;

/** What a statement did in a pass, an hour or a day. */
export interface Part {
  /** When the pass was made, or the hour or day began. */
  readonly at: string;
  /** How much of it was measured. */
  readonly seconds: number;
  /** Undefined where it was not among those that are kept: it did little, or nothing. */
  readonly work: Work | undefined;
  readonly databases: readonly string[];
  /** Whether the squares of its times are known: a version that kept none may have written it. */
  readonly hasSquares: boolean;
}

export type Resolution = 'passes' | 'hours' | 'days';

/** How a range is read, and the part of it that can be compared with another time: whole hours or days. */
export interface Plan {
  readonly resolution: Resolution;
  readonly stepMs: number;
  readonly from: Date;
  readonly to: Date;
}

export function planOf(from: Date, to: Date, now: Date, passMs: number): Plan {
  const length = to.getTime() - from.getTime();
  const kept = now.getTime() - PASS_DAYS * DAY_MS;
  if (length <= PASSES_UP_TO_MS && from.getTime() >= kept) return { resolution: 'passes', stepMs: passMs, from, to };
  const stepMs = length <= HOURS_UP_TO_MS ? HOUR_MS : DAY_MS;
  const down = (ms: number) => Math.floor(ms / stepMs) * stepMs;
  const end = Math.min(down(to.getTime() + stepMs - 1), down(now.getTime()));
  const start = Math.min(down(from.getTime()), end - stepMs);
  return { resolution: stepMs === HOUR_MS ? 'hours' : 'days', stepMs, from: new Date(start), to: new Date(end) };
}

/** A statement in a planned range, so long before; undefined where that time is no longer kept. */
export async function partsOf(
  { stores, now }: Reading,
  cluster: string,
  { resolution, from, to }: Plan,
  agoMs: number,
  queryid: string,
  db: string | undefined,
): Promise<Part[] | undefined> {
  const [start, end] = [new Date(from.getTime() - agoMs), new Date(to.getTime() - agoMs)];
  if (resolution !== 'passes') {
    const periods = await stores.statementPeriods.between(cluster, resolution, start, new Date(end.getTime() - 1));
    return periods.map((period) => partOfPeriod(period, queryid, db));
  }
  if (agoMs > 0 && start.getTime() < now().getTime() - TOP_DAYS * DAY_MS) return undefined;
  return (await stores.top.between(cluster, 'statements', start, end)).map((top) => partOfPass(top, queryid, db));
}

function partOfPeriod(period: StatementPeriod, queryid: string, db: string | undefined): Part {
  const { at, coveredSeconds, statements } = period;
  const databases = statements.flatMap((one) => (one.queryid === queryid ? [one.db] : []));
  return { at, seconds: coveredSeconds, work: workIn(period, queryid, db), databases, hasSquares: true };
}

/** A pass, with its statement or without it. */
export function partOfPass({ at, rows }: Top, queryid: string, db: string | undefined): Part {
  const seconds = secondsOf(rows);
  const own = rows.flatMap((row) => {
    if (row['queryid'] !== queryid || (db !== undefined && row['db'] !== db)) return [];
    const { data } = shownStatementSchema.safeParse(row);
    return data ? [data] : [];
  });
  const work = noWork();
  for (const row of own) addWork(work, workOf(row));
  return {
    at,
    seconds,
    work: own.length > 0 ? work : undefined,
    databases: own.map((row) => row.db),
    hasSquares: own.every(({ squared_seconds }) => squared_seconds !== null),
  };
}

/** What a statement did in some time, as the API has it. */
export function summaryOf(parts: readonly Part[]) {
  const sum = noWork();
  for (const { work } of parts) if (work) addWork(sum, work);
  return {
    calls: sum.calls,
    exec_seconds: sum.seconds,
    mean_seconds: sum.calls > 0 ? sum.seconds / sum.calls : null,
    p95_seconds: p95Of(parts),
    result_rows: sum.rows,
    blocks_hit: sum.blocksHit,
    blocks_read: sum.blocksRead,
    temp_blocks: sum.tempBlocks,
    wal_bytes: sum.walBytes,
  };
}

/** Of all parts mixed, each taken to be log-normal. Null where one has no squares: it would be of the others only. */
function p95Of(parts: readonly Part[]): number | null {
  const called = parts.filter(({ work }) => work && work.calls > 0);
  if (called.some(({ hasSquares }) => !hasSquares)) return null;
  const timings = called.flatMap(({ work }): Timing[] => {
    if (!work) return [];
    const meanSeconds = work.seconds / work.calls;
    const variance = Math.max(0, work.squaredSeconds / work.calls - meanSeconds ** 2);
    return [{ db: '', toplevel: true, calls: work.calls, meanSeconds, stddevSeconds: Math.sqrt(variance) }];
  });
  return latencyQuantile(timings, 0.95) ?? null;
}

/** Amounts per second that was measured, and times of a call. */
export function ratesOf(parts: readonly Part[]) {
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const { mean_seconds, p95_seconds, ...amounts } = summaryOf(parts);
  const rate = (amount: number) => (seconds > 0 ? amount / seconds : null);
  return {
    calls: rate(amounts.calls),
    mean_seconds,
    p95_seconds,
    result_rows: rate(amounts.result_rows),
    blocks_hit: rate(amounts.blocks_hit),
    blocks_read: rate(amounts.blocks_read),
    temp_blocks: rate(amounts.temp_blocks),
    wal_bytes: rate(amounts.wal_bytes),
  };
}
