/** A line of a chart or a band of a stack: one value for each step of time, null where nothing was measured. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly avg: readonly (number | null)[];
}

/** Most lines of one chart; the smaller ones are one together. */
const MOST = 10;

/** Lines by the value of a label, the largest first. @param name of the line where there is no such label */
export function linesOf(series: readonly Series[], name: string, by: string | undefined): Line[] {
  const total = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const groups = Map.groupBy(series, ({ labels }) => (by ? labels[by] || '–' : name));
  const lines = [...groups].map(([group, found]) => ({ name: group, values: added(found.map(({ avg }) => avg)) }));
  lines.sort((a, b) => total(b.values) - total(a.values));
  if (lines.length <= MOST) return lines;
  const [top, rest] = [lines.slice(0, MOST - 1), lines.slice(MOST - 1)];
  return [...top, { name: `${rest.length} others`, values: added(rest.map(({ values }) => values)) }];
}

function added(columns: readonly (readonly (number | null)[])[]): (number | null)[] {
  const [first = []] = columns;
  return first.map((_, i) => {
    const known = columns.map((column) => column[i]).filter((value) => value !== null && value !== undefined);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
  });
}

/** A pass that came a little late leaves a step empty: the value before it holds for two steps. */
export function held(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value, i) => {
    const next = values.slice(i + 1, i + 3).some((one) => one !== null);
    return value ?? (next ? (values[i - 1] ?? values[i - 2] ?? null) : null);
  });
}

/** Each band on those below it. Where somebody was measured, who was not is none; where nobody was, there is a gap. */
export function stackOf(lines: readonly Line[]): (number | null)[][] {
  const [first] = lines;
  const measured = held(
    (first?.values ?? []).map((_, i) => (lines.some(({ values }) => values[i] !== null) ? 1 : null)),
  );
  const sums = measured.map(() => 0);
  const columns = lines.map(({ values }) => {
    const whole = measured.map((one, i) => (one === null ? null : (values[i] ?? lateValue(lines, values, i))));
    return whole.map((value, i) => {
      if (value === null) return null;
      sums[i] = (sums[i] ?? 0) + value;
      return sums[i] ?? 0;
    });
  });
  return columns;
}

/** In a step that a late pass left empty the value before holds; in any other, no value is none. */
function lateValue(lines: readonly Line[], values: readonly (number | null)[], i: number): number {
  const nobody = (at: number) => lines.every((line) => (line.values[at] ?? null) === null);
  if (!nobody(i)) return 0;
  return (nobody(i - 1) ? values[i - 2] : values[i - 1]) ?? 0;
}

/** Indexes of values with a gap on both sides, which no line shows; of a stack only those that have a height. */
export function lonely(
  values: ArrayLike<number | null | undefined>,
  below: ArrayLike<number | null | undefined> | undefined,
): number[] {
  const known = (i: number) => values[i] !== null && values[i] !== undefined;
  const height = (i: number) => (values[i] ?? 0) - (below?.[i] ?? 0);
  return Array.from(values).flatMap((_, i) =>
    known(i) && !known(i - 1) && !known(i + 1) && (below === undefined || height(i) > 0) ? [i] : [],
  );
}
