import { useState } from 'react';
import { type Answers, useApi } from '../api.ts';
import { useRoute } from '../route.ts';
import { instantOf, useTime } from '../time.ts';
import { colorTokens } from './chart/band-colors.ts';
import { DataTable } from './chart/data-table.tsx';
import { useHappened } from './chart/happened.ts';
import { Legend } from './chart/legend.tsx';
import { Before, type Mark, Marks, Moment, type Span, Spans } from './chart/marks.tsx';
import { Plot } from './chart/plot.tsx';
import { linesOf } from './chart/series.ts';
import type { Threshold } from './chart/thresholds.ts';
import { askChart } from './chart/together.ts';
import { Empty } from './panel.tsx';
import { ChartSkeleton } from './skeleton.tsx';

interface ChartProps {
  readonly metric: string;
  readonly label: string;
  /** The label that distinguishes the series; without it, the chart's own name stands for all. */
  readonly by?: string;
  /** Names for values of that label which say little. */
  readonly names?: Readonly<Record<string, string>>;
  readonly stacked?: boolean;
  /** The largest value of each step, not its average: of what one looks for the worst of, such as waiting sessions. */
  readonly peak?: boolean;
  readonly onMoment?: (at: Date) => void;
}

/** A metric over the range of the page, with what happened meanwhile, and the thresholds that it must not cross. */
export function Chart({ metric, label, by, names, stacked = false, peak = false, onMoment }: ChartProps) {
  const { params } = useRoute();
  const { range } = useTime();
  const happened = useHappened(metric);
  const scope = { cluster: params['cluster'], ...range };
  const { data, problem, pending } = useApi('/history', { ...scope, metric }, 15_000, () => askChart(metric, scope));
  if (problem && !data) return <Empty>{problem.message}</Empty>;
  if (!data) return <ChartSkeleton />;
  return <TimeChart {...happened} {...data} {...{ label, by, names, stacked, peak, pending, onMoment }} />;
}

type History = Pick<Answers['/history'], 'times' | 'series' | 'unit' | 'step_seconds'>;

interface TimeChartProps extends History {
  readonly label: string;
  readonly by?: string | undefined;
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly stacked?: boolean;
  readonly peak?: boolean;
  /** What is shown is of the range before: the new one is on its way. */
  readonly pending?: boolean;
  readonly marks?: readonly Mark[];
  readonly spans?: readonly Span[];
  readonly thresholds?: readonly Threshold[];
  readonly onMoment?: ((at: Date) => void) | undefined;
}

/** Series over the range of the page: the plot, its legend with values, and the table behind it. */
export function TimeChart(props: TimeChartProps) {
  const { label, by, stacked = false, unit, times, pending = false, marks = [], spans = [], thresholds = [] } = props;
  const time = useTime();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number>();
  const lines = linesOf(props.series, label, by, props.peak ? 'max' : 'avg').map(({ name, values }) => ({
    name: props.names?.[name] ?? name,
    values,
  }));
  const colors = colorTokens(lines.map(({ name }) => name));
  const shown = lines.filter(({ name }) => !hidden.has(name));
  const within = rangeOf(time, times);
  const first = times.find((_, i) => lines.some(({ values }) => (values[i] ?? null) !== null));
  const moment = time.isNow ? undefined : instantOf(time.at);
  const toggle = (name: string) =>
    setHidden((now) => new Set(now.has(name) ? [...now].filter((one) => one !== name) : [...now, name]));
  return (
    <div className="chart" data-pending={pending || undefined}>
      <Plot
        label={label}
        lines={shown}
        {...{ times, unit, stacked, colors, thresholds, cursor, ...within }}
        onCursor={setCursor}
        onZoom={time.zoom}
        onUnzoom={time.unzoom}
        onMoment={props.onMoment}
        spans={
          <>
            <Spans spans={spans} {...within} />
            {first === undefined ? (
              <p className="plot-empty">
                <span>Nothing was measured in this range.</span>
              </p>
            ) : (
              <Before first={first} {...within} />
            )}
            {moment && <Moment at={moment.getTime() / 1_000} {...within} />}
          </>
        }
        marks={(width) => <Marks {...{ marks, width }} {...within} />}
      />
      <Legend {...{ lines, hidden, colors, unit, stacked, times, cursor, thresholds }} onToggle={toggle}>
        <DataTable label={label} unit={unit} times={times} lines={lines} />
      </Legend>
    </div>
  );
}

/** The range of the address in epoch seconds. While it moves along with now, it ends where the data does. */
function rangeOf({ from, to }: { from: string; to: string }, times: readonly number[]): { from: number; to: number } {
  const now = new Date();
  const [start, end] = [instantOf(from, now) ?? now, instantOf(to, now) ?? now];
  const last = times.at(-1);
  const ends = to === 'now' && last !== undefined ? last : end.getTime() / 1_000;
  return { from: ends - (end.getTime() - start.getTime()) / 1_000, to: ends };
}
