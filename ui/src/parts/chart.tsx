import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { type Answers, useApi } from '../api.ts';
import { clock, tick, unitText } from '../format.ts';
import { useRoute } from '../route.ts';
import { instantOf, useTime } from '../time.ts';
import { Empty } from './panel.tsx';

type History = Answers['/history'];

interface ChartProps {
  readonly metric: string;
  readonly label: string;
  readonly labels?: string | undefined;
  /** The label that distinguishes the series; without it, the chart's own name stands for all. */
  readonly by?: string;
  readonly stacked?: boolean;
  readonly onMoment?: (at: Date) => void;
}

/** Round numbers of bytes. */
const BYTE_STEPS = [0, 1, 2, 3, 4].flatMap((power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * 1_024 ** power),
);

/** Round numbers of time: no marks at 100 s. */
const SECOND_STEPS = [
  ...[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1].flatMap((power) => [1, 2, 5].map((n) => n * power)),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200],
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * 86_400),
];

/** Most series with a color of their own; the smaller ones are one together. */
const COLORS = 8;

/** A metric over the chosen range. */
export function Chart({ metric, label, labels, by, stacked = false, onMoment }: ChartProps) {
  const { params } = useRoute();
  const time = useTime();
  // A question is the same for a quarter of a minute, so that its answer can be kept.
  const now = new Date(Math.ceil(Date.now() / 15_000) * 15_000);
  const { data, problem } = useApi('/history', {
    cluster: params['cluster'],
    metric,
    labels,
    from: instantOf(time.from, now)?.toISOString(),
    to: instantOf(time.to, now)?.toISOString(),
  });
  const last = useRef<History>(undefined);
  if (data) last.current = data;
  const shown = data ?? last.current;
  if (problem && !shown) return <Empty>{problem.message}</Empty>;
  if (!shown) return <div className="chart waiting">Loading…</div>;
  if (shown.series.length === 0) return <Empty>No data in this range.</Empty>;
  return <Plot history={shown} label={label} by={by} stacked={stacked} onMoment={onMoment} />;
}

interface PlotProps {
  readonly history: History;
  readonly label: string;
  readonly by: string | undefined;
  readonly stacked: boolean;
  readonly onMoment: ((at: Date) => void) | undefined;
}

interface Zoom {
  readonly min: number;
  readonly max: number;
}

interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

function Plot({ history, label, by, stacked, onMoment }: PlotProps) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  /** What the reader has drawn out to look at closer: it stays when new data comes. */
  const zoom = useRef<Zoom>(undefined);
  const lines = linesOf(history, label, by).map(({ name, values }) => ({
    name,
    // In a stack nobody there is none, not a gap.
    values: stacked ? values : held(values),
  }));
  const shape = `${lines.map(({ name }) => name).join('\n')} ${history.unit} ${stacked}`;
  const data = dataOf(history.times, lines, stacked);

  // biome-ignore lint/correctness/useExhaustiveDependencies: rebuilt when its shape changes; data is set below
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const made = new uPlot(optionsOf(element, lines, history.unit, stacked, zoom, onMoment), data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: 200 }));
    observer.observe(element);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => made.redraw();
    scheme.addEventListener('change', redraw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', redraw);
      made.destroy();
    };
  }, [shape]);
  useEffect(() => {
    const [first, last] = [data[0][0], data[0].at(-1)];
    const shown = plot.current;
    if (!shown || first === undefined || last === undefined) return;
    shown.batch(() => {
      shown.setData(data, false);
      shown.setScale('x', zoom.current ?? { min: first, max: last });
    });
  });

  const latest = lines.map(
    ({ name, values }) => `${name} ${unitText(values.findLast((value) => value !== null) ?? 0, history.unit)}`,
  );
  return <div className="chart" ref={container} role="img" aria-label={`${label}: ${latest.slice(0, 8).join(', ')}`} />;
}

function linesOf({ series }: History, label: string, by: string | undefined): Line[] {
  const total = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const groups = Map.groupBy(series, ({ labels }) => (by ? labels[by] || '–' : label));
  const lines = [...groups].map(([name, group]) => ({ name, values: added(group.map(({ avg }) => avg)) }));
  lines.sort((a, b) => total(b.values) - total(a.values));
  const [top, rest] = [lines.slice(0, COLORS - 1), lines.slice(COLORS - 1)];
  if (rest.length <= 1) return [...top, ...rest];
  return [...top, { name: `${rest.length} others`, values: added(rest.map(({ values }) => values)) }];
}

/** A pass that came a little late leaves a step empty: the value before it holds for two steps. */
function held(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value, i) => {
    const next = values.slice(i + 1, i + 3).some((one) => one !== null);
    return value ?? (next ? (values[i - 1] ?? values[i - 2] ?? null) : null);
  });
}

function added(columns: readonly (readonly (number | null)[])[]): (number | null)[] {
  const [first = []] = columns;
  return first.map((_, i) => {
    const known = columns.map((column) => column[i]).filter((value) => value !== null && value !== undefined);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
  });
}

function dataOf(times: readonly number[], lines: readonly Line[], stacked: boolean): uPlot.AlignedData {
  if (!stacked) return [[...times], ...lines.map(({ values }) => [...values])];
  // Where somebody was measured, who was not is none: each band stands on those below it.
  const measured = times.map((_, i) => lines.some(({ values }) => values[i] !== null));
  const sums = times.map(() => 0);
  const stacks = lines.map(({ values }) =>
    times.map((_, i) => {
      if (!measured[i]) return null;
      sums[i] = (sums[i] ?? 0) + (values[i] ?? 0);
      return sums[i] ?? 0;
    }),
  );
  return [[...times], ...stacks];
}

/** Values with a gap on both sides; of a stack only those that have a height. */
function lonely(
  values: uPlot.AlignedData[number],
  line: number,
  below: uPlot.AlignedData[number] | undefined,
): number[] {
  const known = (i: number) => values[i] !== null && values[i] !== undefined;
  const height = (i: number) => (values[i] ?? 0) - (line > 0 ? (below?.[i] ?? 0) : 0);
  return [...values].flatMap((_, i) =>
    known(i) && !known(i - 1) && !known(i + 1) && (below === undefined || height(i) > 0) ? [i] : [],
  );
}

function optionsOf(
  element: HTMLElement,
  lines: readonly Line[],
  unit: string,
  stacked: boolean,
  zoom: { current: Zoom | undefined },
  onMoment: ((at: Date) => void) | undefined,
): uPlot.Options {
  const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: () => css('--muted'),
    grid: { stroke: () => css('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  const raw = (u: uPlot, i: number, index: number | null) => {
    if (index === null) return '–';
    const value = u.data[i]?.[index];
    if (value === null || value === undefined) return '–';
    const below = stacked && i > 1 ? (u.data[i - 1]?.[index] ?? 0) : 0;
    return unitText(value - below, unit);
  };
  return {
    width: element.clientWidth,
    height: 200,
    padding: [8, 8, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    legend: { show: true, live: true },
    scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), (most ?? 0) > 0 ? (most ?? 0) * 1.08 : 1] } },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((value) => tick(value, step)) },
      {
        ...axis,
        size: 70,
        ...(unit.startsWith('Bytes') ? { incrs: BYTE_STEPS } : unit === 'Seconds' ? { incrs: SECOND_STEPS } : {}),
        values: (_, splits) => splits.map((value) => unitText(value, unit)),
      },
    ],
    series: [
      { value: (_, time) => (time === null ? '' : clock(new Date(time * 1_000).toISOString())) },
      ...lines.map(({ name }, i) => ({
        label: name,
        stroke: () => css(`--series-${i + 1}`),
        ...(stacked ? { fill: () => `${css(`--series-${i + 1}`)}cc` } : {}),
        // A stack is areas only: the line of a band without height would be drawn over the band below it.
        width: stacked ? 0 : 1.6,
        // A value between two gaps has no line: a dot shows it.
        points: {
          show: true,
          size: 5,
          filter: (u: uPlot, series: number) =>
            lonely(u.data[series] ?? [], i, stacked ? u.data[series - 1] : undefined),
        },
        value: (u: uPlot, _: number, seriesIndex: number, index: number | null) => raw(u, seriesIndex, index),
      })),
    ],
    // Of a stack the upper bands lie behind the lower ones.
    ...(stacked ? { bands: lines.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })) } : {}),
    hooks: {
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width > 0) zoom.current = { min: u.posToVal(left, 'x'), max: u.posToVal(left + width, 'x') };
        },
      ],
      setScale: [
        (u, key) => {
          const { min, max } = u.scales[key] ?? {};
          if (key === 'x') u.root.parentElement?.setAttribute('data-shown', `${min} ${max}`);
        },
      ],
      ready: [
        (u) => {
          u.over.addEventListener('dblclick', () => {
            zoom.current = undefined;
          });
          if (!onMoment) return;
          u.over.addEventListener('click', () => {
            const time = u.data[0][u.cursor.idx ?? -1];
            if (time !== undefined) onMoment(new Date(time * 1_000));
          });
        },
      ],
    },
  };
}
