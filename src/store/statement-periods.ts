import { mergedPeriods, packedPeriod, periodSchema, type StatementPeriod } from '../collectors/statements/period.ts';
import { periodOfTops } from '../collectors/statements/shown.ts';
import { keys, statementPeriods } from './keys.ts';
import { putValue, valuesIn } from './parts.ts';
import type { Table } from './table.ts';
import { TOP_DAYS, type TopStore } from './top.ts';
import { UnreadableItems } from './unreadable.ts';

const DAY_MS = 86_400_000;

/** Hours and days are kept for so long: this month against the same one of last year still has both. */
export const PERIOD_DAYS = 400;

/** How long each period is, and for how many days it is kept; five minutes as long as the passes that they sum up. */
export const PERIODS = {
  minutes: { ms: 300_000, days: TOP_DAYS },
  hours: { ms: 3_600_000, days: PERIOD_DAYS },
  days: { ms: DAY_MS, days: PERIOD_DAYS },
} as const;
export type Period = keyof typeof PERIODS;

/** Writers of the last passes of five minutes have written by then. */
const LATE_MS = 90_000;
/** Five minutes are summed up as far back as after a short stop of the loops. */
const MINUTES_BACK_MS = 3_600_000;

/** After so many days without pgmon, days that ended before are not made any more. */
const LOOK_BACK_DAYS = 7;

/**
 * What statements did in every five minutes for 8 days, and in every hour and day, kept 400 days: the first 200 by time and by calls, and the others together. An
 * hour of 400 statements takes 20 KB, so a week is read by days.
 */
export class StatementPeriodStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Sums up the passes of the five minutes that are over and are not summed up yet. */
  async sumMinutes(cluster: string, passes: TopStore, now: Date): Promise<void> {
    const { ms } = PERIODS.minutes;
    const end = lastMinutes(now);
    const [newest] = await this.#table.query(statementPeriods(cluster, 'minutes'), { newestFirst: true, limit: 1 });
    const after = newest ? Date.parse(`${String(newest['sk']).slice(0, 16)}Z`) + ms : 0;
    const from = Math.max(after, end - MINUTES_BACK_MS);
    if (from >= end) return;
    const tops = await passes.between(cluster, 'statements', new Date(from), new Date(end - 1));
    for (const [at, group] of Map.groupBy(tops, (top) => Math.floor(Date.parse(top.at) / ms) * ms))
      await this.#put(cluster, 'minutes', packedPeriod(periodOfTops(new Date(at).toISOString(), group)));
  }

  /** Writes an hour, packed; the same one again replaces it. */
  async putHour(cluster: string, hour: { readonly at: string }): Promise<void> {
    await this.#put(cluster, 'hours', hour);
  }

  /** Writes the days that are over and have none yet, each from its hours. */
  async rollUpDays(cluster: string, now: Date): Promise<void> {
    const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
    const [newest] = await this.#table.query(statementPeriods(cluster, 'days'), { newestFirst: true, limit: 1 });
    const after = newest ? Date.parse(String(newest['sk']).slice(0, 10)) + DAY_MS : 0;
    for (let day = Math.max(after, today - LOOK_BACK_DAYS * DAY_MS); day < today; day += DAY_MS) {
      const hours = await this.between(cluster, 'hours', new Date(day), new Date(day + DAY_MS - 1));
      if (hours.length === 0) continue;
      await this.#put(cluster, 'days', packedPeriod(mergedPeriods(new Date(day).toISOString(), hours)));
    }
  }

  /** Periods that began between two times, both included, oldest first; one that was not measured is missing. */
  async between(cluster: string, period: Period, from: Date, to: Date): Promise<StatementPeriod[]> {
    const start = (at: Date) => keys.statementPeriod(cluster, period, at).sk;
    const range = { from: start(from), to: `${start(to)}~` };
    const items = await this.#table.query(statementPeriods(cluster, period), range);
    const kind = { kind: `statements by ${period}`, schema: periodSchema, unreadable: this.#unreadable };
    const [first, last] = [from.toISOString(), to.toISOString()];
    return valuesIn(items, kind).filter(({ at }) => at >= first && at <= last);
  }

  async #put(cluster: string, period: Period, value: { readonly at: string }): Promise<void> {
    const at = new Date(value.at);
    const expires = Math.floor(at.getTime() / 1_000) + PERIODS[period].days * (DAY_MS / 1_000);
    await putValue(this.#table, keys.statementPeriod(cluster, period, at), value, { expires });
  }
}

/** The end of the last five minutes whose passes are all there, epoch milliseconds. */
export function lastMinutes(now: Date): number {
  const { ms } = PERIODS.minutes;
  return Math.floor((now.getTime() - LATE_MS) / ms) * ms;
}
