import { DatabaseSync } from 'node:sqlite';
import type { Load } from '../../src/collectors/activity/load.ts';
import { packedPeriod } from '../../src/collectors/statements/period.ts';
import { periodOfTops } from '../../src/collectors/statements/shown.ts';
import { storeFile } from '../../src/local/local-table.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { historyPoint, type Point } from '../../src/store/history.ts';
import { rollUp } from '../../src/store/rollups.ts';
import type { Stores } from '../../src/store/stores.ts';
import type { Top } from '../../src/store/top.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What real loops saw of a server, from which its past is made. */
export interface Seen {
  readonly hot: Snapshot;
  readonly others: readonly Snapshot[];
  readonly isCharted: (metric: string) => 'gauge' | 'rate' | 'none';
  readonly load: Load | undefined;
}

export interface Length {
  /** Days of passes every 15 seconds, and of hourly lists. */
  readonly passDays: number;
  /** Days of roll-ups of every hour and of daily lists; before those, up to 400, there is one hour of each day, and no lists. */
  readonly hourDays: number;
}

/**
 * Writes the past of a target by the stores' own functions, as a Lambda writes it: the four hot passes of a minute at once. Values
 * are those that were seen, each a little different from pass to pass, which compresses worse than a quiet server.
 */
export async function writePast(stores: Stores, seen: Seen, { passDays, hourDays }: Length, now: Date): Promise<void> {
  const { cluster } = seen.hot;
  const end = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  const first = Math.floor((end - passDays * DAY_MS) / HOUR_MS) * HOUR_MS;
  const points = [seen.hot, ...seen.others.filter(({ loop }) => loop === 'workload')].map((snapshot) => ({
    loop: snapshot.loop,
    point: historyPoint(snapshot, seen.isCharted),
  }));
  const all = Object.assign({}, ...points.map(({ point }) => point.values));
  for (let day = Math.floor((end - 400 * DAY_MS) / DAY_MS) * DAY_MS; day < first; day += DAY_MS) {
    const isWhole = end - day <= hourDays * DAY_MS;
    for (let hour = day; hour < Math.min(first, day + (isWhole ? DAY_MS : HOUR_MS)); hour += HOUR_MS) {
      const steps = [0, 1, 2].map((i) => jittered({ at: new Date(hour + i).toISOString(), values: all }));
      const rollup = rollUp(new Date(hour), steps);
      if (rollup) await stores.series.addHour(cluster, rollup);
    }
    if (!isWhole) continue;
    for (const lists of seen.others)
      await stores.past.putLists({ ...lists, takenAt: new Date(day + 1_000).toISOString() });
  }
  const statements = (seen.others.find(({ loop }) => loop === 'workload')?.rows['statements'] ?? []).map((row) => ({
    ...row,
    interval_seconds: 60,
  }));
  let hour: Top[] = [];
  for (const snapshot of [seen.hot, ...seen.others])
    await stores.snapshots.put({ ...snapshot, takenAt: new Date(end).toISOString() });
  for (let minute = first; minute <= end; minute += MINUTE_MS) {
    const hot = [0, 15, 30, 45].map((second) => new Date(minute + second * 1_000).toISOString());
    await stores.past.append(
      cluster,
      hot.map((takenAt) => passAt(seen.hot, takenAt)),
    );
    for (const { loop, point } of points) {
      const times = loop === 'hot' ? hot : hot.slice(0, 1);
      await stores.history.append(
        cluster,
        loop,
        times.map((at) => jittered({ ...point, at })),
      );
    }
    const top = { at: hot[0] ?? '', rows: statements.map(varied) };
    await stores.top.append(cluster, 'statements', [top]);
    hour.push(top);
    const { load } = seen;
    if (load)
      await stores.activity.append(
        cluster,
        hot.map((time) => ({ ...load, at: time })),
      );
    const at = new Date(minute + 100_000);
    if (minute % (5 * MINUTE_MS) === 0) await stores.statementPeriods.sumMinutes(cluster, stores.top, at);
    if (minute % (10 * MINUTE_MS) === 0) await stores.series.blockPoints(cluster, at);
    if (minute % HOUR_MS !== 0) continue;
    const over = hour.filter((one) => Date.parse(one.at) < minute);
    hour = hour.filter((one) => Date.parse(one.at) >= minute);
    if (over.length > 0) {
      await stores.statementPeriods.putHour(
        cluster,
        packedPeriod(periodOfTops(new Date(minute - HOUR_MS).toISOString(), over)),
      );
      await stores.statementPeriods.rollUpDays(cluster, at);
    }
    await stores.series.rollUp(cluster, at);
    await stores.activity.rollUp(cluster, at);
    for (const lists of seen.others)
      await stores.past.putLists({ ...lists, takenAt: new Date(minute + 1_000).toISOString() });
  }
}

/** Copies everything that is stored of a target to others, row by row as it is. */
export function copyTarget(folder: string, from: string, to: readonly string[]): void {
  const database = new DatabaseSync(storeFile(folder), { timeout: 5_000 });
  // What is lost of a copy by a crash is made again.
  database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
  const copy = database.prepare(`
    INSERT INTO item (pk, sk, expires, attributes)
    SELECT replace(pk, ?, ?), sk, expires, attributes FROM item WHERE pk LIKE ?`);
  for (const name of to) copy.run(`#${from}`, `#${name}`, `%#${from}%`);
  database.close();
}

function passAt(hot: Snapshot, takenAt: string): Snapshot {
  const activity = hot.rows['activity']?.map((row) => ({ ...row, sessions: Math.ceil(Math.random() * 40) })) ?? [];
  return { ...hot, takenAt, rows: { ...hot.rows, activity }, samples: [], rates: [], noRates: {} };
}

/** A row of the list as in another pass: its numbers a little different. */
function varied(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { values } = jittered({
    at: '',
    values: Object.fromEntries(
      Object.entries(row).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
  });
  return { ...row, ...values, interval_seconds: row['interval_seconds'] };
}

function jittered({ at, values }: Point): Point {
  const entries = Object.entries(values).map(([key, value]): [string, number] => [
    key,
    Number.isInteger(value) ? value + Math.floor(Math.random() * 3) : value * (1 + Math.random() / 10),
  ]);
  return { at, values: Object.fromEntries(entries) };
}
