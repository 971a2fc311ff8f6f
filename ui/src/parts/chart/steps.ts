const DAY = 86_400;

/** Steps of a time axis that people use, in seconds. */
export const TIME_STEPS = [
  ...[1, 5, 15, 30, 60, 300, 900, 1_800],
  ...[3_600, 2 * 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600],
  ...[DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, 90 * DAY, 180 * DAY, 365 * DAY],
];

/** Round numbers of bytes: four times 256 B are 1 kB, and five times 200 B are no round number. */
const BYTES = [0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5, 10, 20, 50, 100, 256, 512].map((n) => n * 1_024 ** power));

/** Round lengths of time: no marks at 100 s. */
const SECONDS = [
  ...[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1].flatMap((power) => [1, 2, 5].map((n) => n * power)),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200],
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * DAY),
];

const tens = (least: number, most: number) =>
  Array.from({ length: most - least + 1 }, (_, i) => 10 ** (least + i)).flatMap((power) =>
    [1, 2, 5].map((n) => n * power),
  );

/** No half sessions. */
const WHOLE = tens(0, 15);
const ANY = tens(-9, 15);

/** Steps of a value axis for a unit of the API. */
export function valueSteps(unit: string): number[] {
  if (unit.startsWith('Bytes')) return BYTES;
  if (unit === 'Seconds') return SECONDS;
  return unit === 'Count' ? WHOLE : ANY;
}

/**
 * The ends of a value axis: from zero, or below it, to a little above the largest value; a threshold that the values come near is
 * in sight.
 */
export function valueRange(
  least: number | null,
  most: number | null,
  unit: string,
  thresholds: readonly number[],
): [number, number] {
  const largest = Math.max(0, most ?? 0);
  const near = thresholds.filter((one) => one > 0 && largest >= one / 2);
  const top = Math.max(largest, ...near) * 1.08;
  const smallest = unit.startsWith('Bytes') ? 1_024 : unit === 'Count' ? 1 : unit === 'Percent' ? 1 : 0;
  return [Math.min(0, least ?? 0), Math.max(top, smallest) || 1];
}
