import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../src/collectors/statements/deltas.ts';
import { addedToHour, type Hours, storedTally } from '../../../src/collectors/statements/hours.ts';
import {
  addWork,
  mergedPeriods,
  noWork,
  packedPeriod,
  periodSchema,
  type Work,
} from '../../../src/collectors/statements/period.ts';
import { measuredCounts } from '../../../src/cost/counts.ts';
import { listPrices } from '../../../src/cost/prices.ts';
import { pack } from '../../../src/store/codec.ts';

const HOUR_MS = 3_600_000;
const BEGAN = Date.parse('2026-03-01T10:00:00Z');

/** The same numbers every time, of no pattern that a compression finds. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** So many statements, each of which works in every minute, some a thousand times as much as others. */
function load(count: number) {
  const random = randomOf(7);
  const all = Array.from({ length: count }, () => ({
    queryid: String(BigInt(Math.floor(random() * 2 ** 53)) * 977n),
    weight: 10 ** (3 * random()),
  }));
  return (): Statement[] =>
    all.map(({ queryid, weight }) => {
      const calls = Math.ceil(weight * random());
      const meanSeconds = Math.round(random() * 1e6) / 1e9;
      const interval: Work = {
        ...noWork(),
        calls,
        seconds: calls * meanSeconds,
        squaredSeconds: calls * meanSeconds ** 2 * (1 + random()),
        rows: calls * Math.ceil(random() * 10),
        blocksHit: calls * Math.ceil(random() * 20),
        blocksRead: Math.floor(calls * random()),
        blockReadSeconds: Math.round(calls * random() * 1e6) / 1e9,
        walBytes: Math.floor(calls * random() * 300),
      };
      return { db: 'shop', queryid, isNew: false, total: interval, interval };
    });
}

/** An hour by the minute; `atMinute` gets what is known, and gives what the next minute knows. */
function anHour(minute: () => Statement[], atMinute: (hours: Hours, minute: number) => Partial<Hours>): Hours {
  let hours: Partial<Hours> = {};
  for (let i = 1; i <= 59; i++) hours = atMinute(addedToHour(hours, minute(), 60, BEGAN + i * 60_000), i);
  return addedToHour(hours, minute(), 60, BEGAN + HOUR_MS + 60_000);
}

const sum = (works: Iterable<Work>) => {
  const all = noWork();
  for (const work of works) addWork(all, work);
  return all;
};

const periodOf = ({ finished }: Hours) => periodSchema.parse(finished);

describe('an hour of 5,000 statements', { timeout: 60_000 }, () => {
  test('a process that is killed halfway: the sum of all is exact, and so are the first of the hour', () => {
    const whole = periodOf(anHour(load(5_000), (hours) => hours));
    const killed = periodOf(
      anHour(load(5_000), (hours, minute) =>
        minute === 30 && hours.tally ? { ...hours, tally: storedTally(hours.tally) } : hours,
      ),
    );
    const calls = ({ statements, rest }: typeof whole) => sum([...statements.map(({ work }) => work), rest.work]);
    for (const field of ['calls', 'rows', 'blocksHit', 'blocksRead', 'walBytes'] as const)
      expect([field, calls(killed)[field]]).toEqual([field, calls(whole)[field]]);
    // Whoever came back after it is counted among the others twice.
    expect(whole.rest.statements + whole.statements.length).toBe(5_000);
    expect(killed.rest.statements).toBeGreaterThanOrEqual(whole.rest.statements);
    expect(calls(killed).seconds).toBeCloseTo(calls(whole).seconds, 4);
    // Nobody among the first by time was behind 500 others halfway.
    const byTime = (one: typeof whole) => one.statements.toSorted((a, b) => b.work.seconds - a.work.seconds);
    const first = byTime(whole).slice(0, 200);
    expect(byTime(killed).slice(0, 200)).toEqual(first);
  });

  test('what the table keeps of it costs less than what remains of $0.40 a month', () => {
    const { dynamoDb, hoursAMonth } = listPrices;
    const units = (value: unknown) => Math.ceil(pack(value).length / 1_024);
    let [written, before] = [0, 0];
    const ended = anHour(load(5_000), (hours, minute) => {
      if (minute % 10 === 0 && hours.tally) {
        written += units(storedTally(hours.tally));
        before += units(hours.tally);
      }
      return hours;
    });
    const hour = periodOf(ended);
    // Until it is surely in the table, the hour that is over is in the state, too.
    const [hourUnits, offered] = [units(ended.finished), 3];
    const hours = Array.from({ length: 24 }, () => hour);
    const day = packedPeriod(mergedPeriods(hour.at, hours));
    const anHourUnits = written + (1 + offered) * hourUnits + units(day) / 24;
    const keptGb = (400 * (24 * pack(ended.finished).length + pack(day).length)) / 1_024 ** 3;
    const dollars = (unitsAnHour: number, gb: number) =>
      (unitsAnHour * hoursAMonth * dynamoDb.millionWriteUnits) / 1e6 +
      gb * (dynamoDb.storageGbMonth + dynamoDb.recoveryGbMonth);
    const { writeUnits, storedGbPerTarget } = measuredCounts.past;
    const month = dollars(writeUnits + anHourUnits, storedGbPerTarget + keptGb);
    console.log(
      JSON.stringify({ written, before, hourUnits, keptGb, month, whole: dollars(writeUnits + before, keptGb) }),
    );
    expect(month).toBeLessThan(0.4);
  });
});
