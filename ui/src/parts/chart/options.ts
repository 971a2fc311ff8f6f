import uPlot from 'uplot';
import { tick, unitText } from '../../format.ts';
import { paint } from '../../paint.ts';
import { zone } from '../../settings.ts';
import { lonely } from './series.ts';
import { TIME_STEPS, valueRange, valueSteps } from './steps.ts';
import { drawThresholds, type Threshold } from './thresholds.ts';

/** What a plot is made of; it is made again when one of these changes. */
export interface Shape {
  readonly names: readonly string[];
  readonly colors: ReadonlyMap<string, string>;
  readonly unit: string;
  readonly stacked: boolean;
}

/** What may change while a plot stands. */
export interface Handlers {
  readonly thresholds: readonly Threshold[];
  readonly onCursor: (index: number | undefined) => void;
  readonly onZoom: (from: Date, to: Date) => void;
  readonly onUnzoom: () => void;
  readonly onMoment: ((at: Date) => void) | undefined;
}

export const HEIGHT = 200;

/** Shortest drag that selects a range, in pixels: less is a click. */
const LEAST_DRAG = 6;
/** A second click within this makes both a double click. */
const DOUBLE_CLICK_MS = 250;

/** All charts of the page share one cursor, by time. */
const CURSORS = uPlot.sync('page').key;

/** @param current the handlers of the last render */
export function optionsOf(
  element: HTMLElement,
  { names, colors, unit, stacked }: Shape,
  current: () => Handlers,
): uPlot.Options {
  const color = (i: number) => colors.get(names[i] ?? '') ?? '--series-1';
  const axis: uPlot.Axis = {
    stroke: () => paint('--muted'),
    grid: { stroke: () => paint('--grid'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [10, 22, 0, 0],
    ...(zone.get() === 'utc'
      ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') }
      : {}),
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG },
      // The place of the cursor is shared, not what is pressed: one drag is one change of the range.
      sync: {
        key: CURSORS,
        scales: ['x', null],
        setSeries: false,
        filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
      },
      bind: { dblclick: () => () => null },
    },
    scales: {
      y: {
        range: (_, least, most) =>
          valueRange(
            least,
            most,
            unit,
            current().thresholds.map(({ value }) => value),
          ),
      },
    },
    axes: [
      {
        ...axis,
        incrs: TIME_STEPS,
        space: 76,
        size: 28,
        values: (_, splits, __, ___, step) => splits.map((value) => tick(value, step)),
      },
      {
        ...axis,
        // As wide as its longest text.
        size: (_, values) => 16 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)),
        incrs: valueSteps(unit),
        values: (_, splits) => splits.map((value) => unitText(value, unit)),
      },
    ],
    series: [
      {},
      ...names.map((label, i) => ({
        label,
        stroke: () => paint(color(i)),
        fill: () => paint(color(i), stacked ? 0.85 : names.length === 1 ? 0.12 : 0),
        // A stack is areas only: the line of a band without height would be drawn over the band below it.
        width: stacked ? 0 : 1.6,
        // A value between two gaps has no line: a dot shows it.
        points: {
          show: true,
          size: 5,
          fill: () => paint(color(i)),
          filter: (u: uPlot, series: number) =>
            lonely(u.data[series] ?? [], stacked ? (i > 0 ? u.data[series - 1] : []) : undefined),
        },
      })),
    ],
    // Of a stack the upper bands lie behind the lower ones.
    ...(stacked ? { bands: names.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })) } : {}),
    hooks: hooksOf(current),
  };
}

function hooksOf(current: () => Handlers): uPlot.Hooks.Arrays {
  return {
    setCursor: [(u) => current().onCursor((u.cursor.left ?? -1) < 0 ? undefined : (u.cursor.idx ?? undefined))],
    setSelect: [
      (u) => {
        const { left, width } = u.select;
        if (width < LEAST_DRAG) return;
        current().onZoom(new Date(u.posToVal(left, 'x') * 1_000), new Date(u.posToVal(left + width, 'x') * 1_000));
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
    setScale: [
      (u, key) => {
        const { min, max } = u.scales[key] ?? {};
        if (key === 'x') u.root.parentElement?.setAttribute('data-shown', `${min} ${max}`);
      },
    ],
    draw: [(u) => drawThresholds(u, current().thresholds)],
    ready: [(u) => listen(u, current)],
  };
}

/** A click is a moment, unless a second one makes it the way back from a zoom, or it ends a drag. */
function listen(u: uPlot, current: () => Handlers): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let pressed = 0;
  u.over.addEventListener('mousedown', ({ clientX }) => {
    pressed = clientX;
  });
  u.over.addEventListener('click', ({ clientX, target }) => {
    const time = u.data[0][u.cursor.idx ?? -1];
    if (time === undefined || Math.abs(clientX - pressed) >= LEAST_DRAG || target !== u.over) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => current().onMoment?.(new Date(time * 1_000)), DOUBLE_CLICK_MS);
  });
  u.over.addEventListener('dblclick', () => {
    clearTimeout(waiting);
    current().onUnzoom();
  });
}
