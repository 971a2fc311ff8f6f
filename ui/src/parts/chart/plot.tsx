import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import uPlot from 'uplot';
import { clock, unitText } from '../../format.ts';
import { theme, zone } from '../../settings.ts';
import { type Handlers, HEIGHT, optionsOf, type Shape } from './options.ts';
import { held, type Line, stackOf } from './series.ts';

interface PlotProps extends Omit<Shape, 'names'>, Omit<Handlers, 'onCursor'> {
  readonly label: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** The shown range in epoch seconds: of what was asked for, not of what there is. */
  readonly from: number;
  readonly to: number;
  readonly cursor: number | undefined;
  readonly onCursor: (index: number | undefined) => void;
  /** Spans lie under the lines, marks over them. Both are placed in percent of the range. */
  readonly spans: ReactNode;
  readonly marks: (width: number) => ReactNode;
}

/** The plot of a chart, by uPlot: it is made once for its lines, and gets data and range as they change. */
export function Plot({ label, times, lines, from, to, cursor, spans, marks, ...rest }: PlotProps) {
  const { colors, unit, stacked, thresholds } = rest;
  const container = useRef<HTMLDivElement>(null);
  const [made, setMade] = useState<{ plot: uPlot; shape: string }>();
  const [, setWidth] = useState(0);
  // Without a line there is still a range to drag in and to return from.
  const drawn = lines.length > 0 ? lines : [{ name: '', values: times.map(() => null) }];
  const names = drawn.map(({ name }) => name);
  const current = useRef<Handlers>(rest);
  current.current = rest;
  const columns = stacked ? stackOf(drawn) : drawn.map(({ values }) => held(values));
  const data: uPlot.AlignedData = [[...times], ...columns];
  const shape = JSON.stringify([names, unit, stacked, zone.get()]);
  // Of another shape it is gone, and the next one is on its way.
  const plot = made?.shape === shape ? made.plot : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: made again when its shape changes; data is set below
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const fresh = new uPlot(
      optionsOf(element, { names, colors, unit, stacked }, () => current.current),
      data,
      element,
    );
    setMade({ plot: fresh, shape });
    const observer = new ResizeObserver(() => {
      fresh.setSize({ width: element.clientWidth, height: HEIGHT });
      setWidth(element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      fresh.destroy();
    };
  }, [shape]);
  useEffect(() => {
    plot?.batch(() => {
      plot.setData(data, false);
      plot.setScale('x', { min: from, max: to });
    });
  });
  const colored = theme.use();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colors of the same plot
  useEffect(() => {
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => plot?.redraw(false);
    redraw();
    scheme.addEventListener('change', redraw);
    return () => scheme.removeEventListener('change', redraw);
  }, [plot, colored, thresholds.length]);

  const shown = cursor ?? times.length - 1;
  const move = (event: KeyboardEvent) => {
    if (!plot) return;
    const next = nextIndex(event.key, shown, times.length, event.shiftKey);
    const time = next === undefined ? undefined : times[next];
    if (event.key === 'Enter' && times[shown] !== undefined) rest.onMoment?.(new Date(times[shown] * 1_000));
    if (event.key === 'Escape') place(plot, -10);
    if (time === undefined) return;
    event.preventDefault();
    place(plot, plot.valToPos(time, 'x'));
  };
  const time = times[shown];
  const said = lines.slice(0, 6).map(({ name, values }) => `${name} ${unitText(values[shown] ?? Number.NaN, unit)}`);
  return (
    <>
      <div
        className="plot-keys"
        role="slider"
        tabIndex={0}
        aria-label={`${label}: the arrow keys move through time`}
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, times.length - 1)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={time === undefined ? 'no data' : `${clock(new Date(time * 1_000))}: ${said.join(', ')}`}
        onKeyDown={move}
      />
      <div className="plot" ref={container} />
      {plot && createPortal(spans, plot.under)}
      {plot && createPortal(marks(plot.over.clientWidth), plot.over)}
    </>
  );
}

/** Moves the cursor of a plot, and with it those of all others. uPlot shares it if the third argument says so, which its types lack. */
function place(plot: uPlot, left: number): void {
  const set = plot.setCursor as (at: { left: number; top: number }, fire: boolean, share: boolean) => void;
  set({ left, top: left < 0 ? -10 : 1 }, true, true);
}

function nextIndex(key: string, index: number, count: number, far: boolean): number | undefined {
  const step = far ? 10 : 1;
  const next = { ArrowLeft: index - step, ArrowRight: index + step, Home: 0, End: count - 1 }[key];
  return next === undefined ? undefined : Math.max(0, Math.min(count - 1, next));
}
