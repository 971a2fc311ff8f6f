/** A line of a chart or a band of a stack: one value for each step of time, null where nothing was measured. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly avg: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** Most lines of one chart; the smaller ones are one together. */
const MOST = 10;

/**
 * Lines by the value of a label, the largest first.
 *
 * @param name of the line where there is no such label
 * @param of a step its average, or its largest value
 */
export function linesOf(
  series: readonly Series[],
  name: string,
  by: string | undefined,
  of: 'avg' | 'max' = 'avg',
): Line[] {
  const total = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const groups = Map.groupBy(series, ({ labels }) => (by ? labels[by] || '–' : name));
  const lines = [...groups].map(([group, found]) => ({ name: group, values: added(found.map((one) => one[of])) }));
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

/** Steps that a pass which came late may leave empty. */
const LATE = 2;

/** The step that each step shows: itself, or the one before a gap that a late pass left; null where nothing was measured. */
function shownSteps(measured: readonly boolean[]): (number | null)[] {
  return measured.map((known, i) => {
    if (known) return i;
    const before = measured.lastIndexOf(true, i);
    const after = measured.indexOf(true, i);
    return before >= 0 && after >= 0 && after - before - 1 <= LATE ? before : null;
  });
}

/** Values without the gaps that late passes left: the value before holds until the next. */
export function held(values: readonly (number | null)[]): (number | null)[] {
  const steps = shownSteps(values.map((value) => value !== null));
  return steps.map((step) => (step === null ? null : (values[step] ?? null)));
}

/** Each band on those below it. Where somebody was measured, who was not is none; where nobody was, there is a gap. */
export function stackOf(lines: readonly Line[]): (number | null)[][] {
  const [first] = lines;
  const measured = (first?.values ?? []).map((_, i) => lines.some(({ values }) => (values[i] ?? null) !== null));
  const steps = shownSteps(measured);
  const sums = steps.map(() => 0);
  return lines.map(({ values }) =>
    steps.map((step, i) => {
      if (step === null) return null;
      sums[i] = (sums[i] ?? 0) + (values[step] ?? 0);
      return sums[i] ?? 0;
    }),
  );
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
