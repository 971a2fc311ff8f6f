/** A stretch of a range key, from inclusive to exclusive, in the key's own numbers; times in epoch seconds. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Coverage {
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
  /** What lies between the oldest and the newest bound and belongs to no partition. */
  readonly holes: readonly Range[];
  /** End of the unbroken stretch that holds `now`; undefined where now is in no partition. */
  readonly coveredUntil: number | undefined;
}

const TIMES = /^(date|timestamp)/;
const NUMBERS = /^(smallint|integer|bigint|numeric)/;

/** Whether bounds of this type can be compared with a clock. */
export function isTime(keyType: string): boolean {
  return TIMES.test(keyType);
}

/**
 * The range of `FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')` as the server writes it, times in UTC. Undefined for
 * list, hash and default partitions, and for keys of several columns or of types without a distance.
 */
export function parseRange(bound: string, keyType: string): Range | undefined {
  const match = /^FOR VALUES FROM \((.+)\) TO \((.+)\)$/.exec(bound);
  if (!match?.[1] || !match[2]) return undefined;
  const [from, to] = [boundValue(match[1], keyType), boundValue(match[2], keyType)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

function boundValue(text: string, keyType: string): number | undefined {
  if (text === 'MINVALUE') return Number.NEGATIVE_INFINITY;
  if (text === 'MAXVALUE') return Number.POSITIVE_INFINITY;
  const plain = text.replace(/^'(.*)'(::.*)?$/, '$1');
  if (NUMBERS.test(keyType)) return finite(Number(plain));
  if (!isTime(keyType)) return undefined;
  if (plain === 'infinity') return Number.POSITIVE_INFINITY;
  if (plain === '-infinity') return Number.NEGATIVE_INFINITY;
  const [date, time = '00:00:00'] = plain.replace(/\+00$/, '').split(' ');
  return finite(Date.parse(`${date}T${time}Z`) / 1_000);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** What a set of ranges covers. @param now in the key's numbers; undefined where the key is no time */
export function coverage(ranges: readonly Range[], now: number | undefined): Coverage {
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  const holes: Range[] = [];
  let end: number | undefined;
  let coveredUntil: number | undefined;
  let start = sorted[0]?.from ?? 0;
  const close = (until: number) => {
    if (now !== undefined && start <= now && now < until) coveredUntil = until;
  };
  for (const range of sorted) {
    if (end !== undefined && range.from > end) {
      holes.push({ from: end, to: range.from });
      close(end);
      start = range.from;
    }
    end = Math.max(end ?? range.to, range.to);
  }
  if (end !== undefined) close(end);
  return { oldest: sorted[0]?.from, newest: end, holes, coveredUntil };
}
