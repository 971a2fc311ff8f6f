/** A place on a range key, column by column, in the columns' own numbers; times in epoch seconds. */
export type Bound = readonly number[];

/** A stretch of a range key, from inclusive to exclusive. */
export interface Range {
  readonly from: Bound;
  readonly to: Bound;
}

/** A stretch of the key's first column. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Coverage {
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
  /** What lies between the oldest and the newest bound and belongs to no partition. */
  readonly holes: readonly Stretch[];
  /** End of the unbroken stretch that holds `now`; undefined where now is in no partition. */
  readonly coveredUntil: number | undefined;
}

const TIMES = /^(date|timestamp)/;
const NUMBERS = /^(smallint|integer|bigint|numeric)/;
const DAY = 86_400;

/** Whether bounds of this type can be compared with a clock. */
export function isTime(keyType: string): boolean {
  return TIMES.test(keyType);
}

/**
 * The range of `FOR VALUES FROM ('2026-01-01', 5) TO ('2026-02-01', MINVALUE)` as the server writes it, times in UTC.
 * Undefined for list, hash and default partitions, and where a column's type has no order that is known here.
 */
export function parseRange(bound: string, keyTypes: readonly string[]): Range | undefined {
  const match = /^FOR VALUES FROM \((.+)\) TO \((.+)\)$/s.exec(bound);
  if (!match?.[1] || !match[2]) return undefined;
  const [from, to] = [boundOf(match[1], keyTypes), boundOf(match[2], keyTypes)];
  return from && to ? { from, to } : undefined;
}

function boundOf(text: string, keyTypes: readonly string[]): Bound | undefined {
  const values = text.match(/'(?:[^']|'')*'|[^',\s]+/g) ?? [];
  if (values.length !== keyTypes.length) return undefined;
  const numbers = values.map((value, i) => boundValue(value, keyTypes[i] ?? ''));
  return numbers.every((value) => value !== undefined) ? normal(numbers, keyTypes) : undefined;
}

/** (31 January, MAXVALUE) is where (1 February, MINVALUE) begins: nothing lies between two neighboring days or integers. */
function normal(values: readonly number[], keyTypes: readonly string[]): Bound {
  const open = values.findIndex(
    (value, i) => i > 0 && value === Number.POSITIVE_INFINITY && stepOf(keyTypes[i - 1]) > 0,
  );
  if (open < 1) return values;
  return values.map((value, i) => {
    if (i < open - 1) return value;
    return i === open - 1 ? value + stepOf(keyTypes[i]) : Number.NEGATIVE_INFINITY;
  });
}

function stepOf(type = ''): number {
  if (type === 'date') return DAY;
  return /^(smallint|integer|bigint)$/.test(type) ? 1 : 0;
}

function boundValue(text: string, keyType: string): number | undefined {
  if (text === 'MINVALUE') return Number.NEGATIVE_INFINITY;
  if (text === 'MAXVALUE') return Number.POSITIVE_INFINITY;
  const plain = text.replace(/^'(.*)'$/s, '$1');
  if (NUMBERS.test(keyType)) return finite(Number(plain));
  if (!isTime(keyType)) return undefined;
  if (plain === 'infinity') return Number.POSITIVE_INFINITY;
  if (plain === '-infinity') return Number.NEGATIVE_INFINITY;
  const [, year, month, day, hours = 0, minutes = 0, seconds = 0, era] = TIME.exec(plain) ?? [];
  if (year === undefined) return undefined;
  const days = daysSince1970(era ? 1 - Number(year) : Number(year), Number(month), Number(day));
  return days * DAY + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

/** As the server writes it, in UTC: `2026-01-31`, `2026-01-31 12:00:00+00`, `0044-03-15 00:00:00+00 BC`. */
const TIME = /^(\d+)-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d(?:\.\d+)?))?(?:\+00)?( BC)?$/;

/** Of any year: a Date ends in 275760, and reads neither 10000 nor BC. Year 0 is 1 BC. */
function daysSince1970(year: number, month: number, day: number): number {
  // Years begin in March, so that the day that comes every four years is the last of one.
  const shifted = month <= 2 ? year - 1 : year;
  const [era, ofEra] = [Math.floor(shifted / 400), shifted - Math.floor(shifted / 400) * 400];
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + dayOfYear - 719_468;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Orders two places on the same key as the server does. */
function compare(a: Bound, b: Bound): number {
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? value;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** What a set of ranges covers. @param now in the numbers of the key's first column; undefined where it is no time */
export function coverage(ranges: readonly Range[], now: number | undefined): Coverage {
  const sorted = ranges.toSorted((a, b) => compare(a.from, b.from));
  const holes: Stretch[] = [];
  let end: Bound | undefined;
  let coveredUntil: number | undefined;
  let start = sorted[0]?.from[0] ?? 0;
  const close = (until = 0) => {
    if (now !== undefined && start <= now && now < until) coveredUntil = until;
  };
  for (const { from, to } of sorted) {
    if (end !== undefined && compare(from, end) > 0) {
      holes.push({ from: end[0] ?? 0, to: from[0] ?? 0 });
      close(end[0]);
      start = from[0] ?? 0;
    }
    end = end === undefined || compare(to, end) > 0 ? to : end;
  }
  if (end !== undefined) close(end[0]);
  return { oldest: sorted[0]?.from[0], newest: end?.[0], holes, coveredUntil };
}
