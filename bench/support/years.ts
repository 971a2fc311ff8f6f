import { DatabaseSync } from 'node:sqlite';
import type { Load } from '../../src/collectors/activity/load.ts';
import { storeFile } from '../../src/local/local-table.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { historyPoint, type Point } from '../../src/store/history.ts';
import { rollUp } from '../../src/store/rollups.ts';
import type { Stores } from '../../src/store/stores.ts';

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
  const statements = seen.others.find(({ loop }) => loop === 'workload')?.rows['statements'] ?? [];
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
    await stores.top.append(cluster, 'statements', [{ at: hot[0] ?? '', rows: [...statements] }]);
    const { load } = seen;
    if (load)
      await stores.activity.append(
        cluster,
        hot.map((time) => ({ ...load, at: time })),
      );
    const at = new Date(minute + 100_000);
    if (minute % (10 * MINUTE_MS) === 0) await stores.series.blockPoints(cluster, at);
    if (minute % HOUR_MS !== 0) continue;
    await stores.series.rollUp(cluster, at);
    await stores.activity.rollUp(cluster, at);
    for (const lists of seen.others)
      await stores.past.putLists({ ...lists, takenAt: new Date(minute + 1_000).toISOString() });
  }
}

/** Copies everything that is stored of a target to others, row by row as it is. */
export function copyTarget(folder: string, from: string, to: readonly string[]): void {
  const database = new DatabaseSync(storeFile(folder), { timeout: 5_000 });
  const copy = database.prepare(`
    INSERT INTO item (pk, sk, expires, attributes)
    SELECT replace(pk, ?, ?), sk, expires, attributes FROM item WHERE pk LIKE ?`);
  database.exec('BEGIN');
  for (const name of to) copy.run(`#${from}`, `#${name}`, `%#${from}%`);
  database.exec('COMMIT');
  database.close();
}

function passAt(hot: Snapshot, takenAt: string): Snapshot {
  const activity = hot.rows['activity']?.map((row) => ({ ...row, sessions: Math.ceil(Math.random() * 40) })) ?? [];
  return { ...hot, takenAt, rows: { ...hot.rows, activity }, samples: [], rates: [], noRates: {} };
}

function jittered({ at, values }: Point): Point {
  const entries = Object.entries(values).map(([key, value]): [string, number] => [
    key,
    Number.isInteger(value) ? value + Math.floor(Math.random() * 3) : value * (1 + Math.random() / 10),
  ]);
  return { at, values: Object.fromEntries(entries) };
}
