import type { ReactNode } from 'react';
import { clock, unitText } from '../../format.ts';
import { paint } from '../../paint.ts';
import type { Line } from './series.ts';
import type { Threshold } from './thresholds.ts';

interface LegendProps {
  readonly lines: readonly Line[];
  readonly hidden: ReadonlySet<string>;
  readonly colors: ReadonlyMap<string, string>;
  readonly unit: string;
  /** In a stack, who was not measured with the others is none. */
  readonly stacked: boolean;
  readonly times: readonly number[];
  /** The step under the cursor; without one, the last that was measured. */
  readonly cursor: number | undefined;
  readonly thresholds: readonly Threshold[];
  readonly onToggle: (name: string) => void;
  readonly children?: ReactNode;
}

/** Each line with its color and its value under the cursor, or its latest one. Pressing one hides its line, or shows it again. */
export function Legend({
  lines,
  hidden,
  colors,
  unit,
  stacked,
  times,
  cursor,
  thresholds,
  onToggle,
  children,
}: LegendProps) {
  const measured = (i: number) => lines.some(({ values }) => (values[i] ?? null) !== null);
  const last = times.findLastIndex((_, i) => measured(i));
  const shown = cursor ?? last;
  const time = times[shown];
  const none = stacked && measured(shown) ? 0 : Number.NaN;
  return (
    <div className="legend">
      {time !== undefined && (
        <span className="legend-time">
          {cursor === undefined && 'Latest '}
          {clock(new Date(time * 1_000))}
        </span>
      )}
      {lines.map(({ name, values }) => (
        <button
          key={name}
          type="button"
          className="legend-line"
          aria-pressed={!hidden.has(name)}
          onClick={() => onToggle(name)}
        >
          <svg width="10" height="10" aria-hidden="true">
            <rect width="10" height="10" rx="2" fill={paint(colors.get(name) ?? '--series-1')} />
          </svg>
          {name} <strong>{unitText(values[shown] ?? none, unit)}</strong>
        </button>
      ))}
      {thresholds.map(({ severity, value }) => (
        <span key={severity} className={`legend-threshold ${severity}`}>
          {severity} {unitText(value, unit)}
        </span>
      ))}
      {children}
    </div>
  );
}
