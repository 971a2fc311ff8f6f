import * as z from 'zod';
import { type Load, loadSchema, meanLoad } from '../collectors/activity/load.ts';
import { activityDay, activityPeriods, keys } from './keys.ts';
import { appendToMinute, readMinutes } from './minutes.ts';
import { putValue, valuesIn } from './parts.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PASS_DAYS = 7;
const PERIOD_DAYS = 400;

/** Of the first day of passes some may be gone. */
const LOOK_BACK_MS = (PASS_DAYS - 1) * DAY_MS;

const PERIODS = { hours: HOUR_MS, days: DAY_MS } as const;
export type Period = keyof typeof PERIODS;

/** A chart of a day has no more points. */
export const MINUTES_MS = 300_000;

const loadsSchema = z.array(loadSchema);

/**
 * Who was active, by wait, statement, application, user and database: of every pass and the mean of five minutes for 7 days, and
 * the mean of every hour and day for 400. A pass of ten active sessions takes 300 bytes, where its sessions with their texts take 10 KB: six hours are
 * read in one page, and hours and days keep longer ranges as cheap.
 */
export class ActivityStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Adds passes; those of one minute go into one write. A quiet pass is kept too: without it nobody could tell it from a gap. */
  async append(cluster: string, loads: readonly Load[]): Promise<void> {
    for (const [minute, group] of Map.groupBy(loads, ({ at }) => at.slice(0, 16))) {
      const at = new Date(`${minute}:00Z`);
      const name = `at ${group[0]?.at.slice(17, 23) ?? ''}`;
      await appendToMinute(this.#table, keys.activity(cluster, at), name, group, expiryOf(at, PASS_DAYS));
    }
  }

  /** Passes between two times, both included, oldest first. */
  async passes(cluster: string, from: Date, to: Date): Promise<Load[]> {
    const kind = { kind: 'activity', schema: loadsSchema, unreadable: this.#unreadable };
    const loads = (await readMinutes(this.#table, (day) => activityDay(cluster, day), from, to, kind)).flat();
    const [first, last] = [from.toISOString(), to.toISOString()];
    return loads.filter(({ at }) => at >= first && at <= last).sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** Means of five minutes that began between two times, both included, oldest first; of what has none yet, made of its passes. */
  async minutes(cluster: string, from: Date, to: Date): Promise<Load[]> {
    const range = { from: periodOf('hours', from), to: `${periodOf('hours', to)}~` };
    const items = await this.#table.query(activityPeriods(cluster, 'minutes'), range);
    const kept = valuesIn(items, { kind: 'activity', schema: loadsSchema, unreadable: this.#unreadable }).flat();
    const hours = new Set(items.map(({ sk }) => String(sk).slice(0, 13)));
    const first = Math.floor(from.getTime() / MINUTES_MS) * MINUTES_MS;
    const gaps: [number, number][] = [];
    for (let at = first; at <= to.getTime(); at = (Math.floor(at / HOUR_MS) + 1) * HOUR_MS) {
      const end = Math.min((Math.floor(at / HOUR_MS) + 1) * HOUR_MS - 1, to.getTime());
      const last = gaps.at(-1);
      if (hours.has(periodOf('hours', new Date(at)))) continue;
      if (last && last[1] === at - 1) last[1] = end;
      else gaps.push([at, end]);
    }
    const passes = await Promise.all(gaps.map(([a, b]) => this.passes(cluster, new Date(a), new Date(b))));
    const [start, end] = [new Date(first).toISOString(), to.toISOString()];
    return [...kept, ...byMinutes(passes.flat())]
      .filter(({ at }) => at >= start && at <= end)
      .sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** Hours or days that began between two times, both included, oldest first. */
  async periods(cluster: string, period: Period, from: Date, to: Date): Promise<Load[]> {
    const range = { from: periodOf(period, from), to: `${periodOf(period, to)}~` };
    const items = await this.#table.query(activityPeriods(cluster, period), range);
    return valuesIn(items, { kind: 'activity', schema: loadSchema, unreadable: this.#unreadable });
  }

  /** Writes the hours that are over and have none yet from their passes, and the days from their hours. */
  async rollUp(cluster: string, now: Date): Promise<void> {
    for (const start of await this.#missing(cluster, 'hours', now)) {
      const loads = await this.passes(cluster, start, new Date(start.getTime() + HOUR_MS - 1));
      const [key, expires] = [keys.activityPeriod(cluster, 'minutes', start), expiryOf(start, PASS_DAYS)];
      if (loads.length > 0) await putValue(this.#table, key, byMinutes(loads), { expires });
      await this.#put(cluster, 'hours', start, meanLoad(start.toISOString(), loads));
    }
    for (const start of await this.#missing(cluster, 'days', now)) {
      const loads = await this.periods(cluster, 'hours', start, new Date(start.getTime() + DAY_MS - 1));
      await this.#put(cluster, 'days', start, meanLoad(start.toISOString(), loads));
    }
  }

  async #put(cluster: string, period: Period, at: Date, load: Load | undefined): Promise<void> {
    const expires = expiryOf(at, PERIOD_DAYS);
    if (load) await putValue(this.#table, keys.activityPeriod(cluster, period, at), load, { expires });
  }

  /** Starts of those that are over, after the newest one that is there, as far back as passes are kept. */
  async #missing(cluster: string, period: Period, now: Date): Promise<Date[]> {
    const ms = PERIODS[period];
    const [newest] = await this.#table.query(activityPeriods(cluster, period), { newestFirst: true, limit: 1 });
    const oldest = Math.ceil((now.getTime() - LOOK_BACK_MS) / ms) * ms;
    const after = newest ? Date.parse(timeOf(String(newest['sk']))) + ms : oldest;
    const starts: Date[] = [];
    for (let start = Math.max(oldest, after); start + ms <= now.getTime(); start += ms) starts.push(new Date(start));
    return starts;
  }
}

function byMinutes(passes: readonly Load[]): Load[] {
  const groups = Map.groupBy(passes, ({ at }) => Math.floor(Date.parse(at) / MINUTES_MS) * MINUTES_MS);
  return [...groups].flatMap(([at, group]) => meanLoad(new Date(at).toISOString(), group) ?? []);
}

function periodOf(period: Period, at: Date): string {
  return at.toISOString().slice(0, period === 'hours' ? 13 : 10);
}

/** The time of a sort key, which is that of an hour or a day, and of a part of one where it is large. */
function timeOf(sk: string): string {
  const [start = ''] = sk.split('#', 1);
  return start.length === 10 ? `${start}T00:00:00Z` : `${start}:00:00Z`;
}

function expiryOf(at: Date, days: number): number {
  return Math.floor((at.getTime() + days * DAY_MS) / 1_000);
}
