import type uPlot from 'uplot';
import type { Answers } from '../../api.ts';
import { paint } from '../../paint.ts';

/** A line that a value must not cross. */
export interface Threshold {
  readonly value: number;
  readonly severity: string;
}

type Rules = Answers['/alerts/rules']['items'];

/** The thresholds of the rules that compare the very values of a metric. */
export function thresholdsOf(rules: Rules, metric: string): Threshold[] {
  return rules
    .filter((rule) => rule.metric === metric && /[<>]/.test(rule.comparison))
    .flatMap(({ thresholds }) => Object.entries(thresholds).map(([severity, value]) => ({ severity, value })));
}

/** Dashed lines in the color of their severity, where they are within the axis. */
export function drawThresholds(u: uPlot, thresholds: readonly Threshold[]): void {
  const { ctx, bbox } = u;
  const { min = 0, max = 0 } = u.scales['y'] ?? {};
  for (const { value, severity } of thresholds) {
    if (value < (min ?? 0) || value > (max ?? 0)) continue;
    const y = Math.round(u.valToPos(value, 'y', true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = paint(severity === 'critical' ? '--bad' : severity === 'warning' ? '--warn' : '--accent');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}
