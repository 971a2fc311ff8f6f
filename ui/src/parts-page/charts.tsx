import { useState } from 'react';
import type { Mark, Span } from '../parts/chart/marks.tsx';
import { TimeChart } from '../parts/chart.tsx';
import { Panel } from '../parts/panel.tsx';
import { ChartSkeleton } from '../parts/skeleton.tsx';

const STEP = 15;
const COUNT = 240;

type Shape = (i: number) => number | null;

/** Waves without chance: the same picture at every drawing. */
const wave =
  (least: number, most: number, period: number): Shape =>
  (i) =>
    least + (most - least) * (0.5 + 0.5 * Math.sin((i / period) * 2 * Math.PI));

const gap =
  (shape: Shape, from: number, to: number): Shape =>
  (i) =>
    i >= from && i < to ? null : shape(i);

/** Charts of each kind, of the last hour. */
export function Charts() {
  // As it was at first: Back leads to the same picture, however long after.
  const [end] = useState(() => Math.floor(Date.now() / 1_000 / STEP) * STEP);
  const times = Array.from({ length: COUNT }, (_, i) => end - (COUNT - 1 - i) * STEP);
  const at = (i: number) => times[i] ?? end;
  const series = (shapes: Readonly<Record<string, Shape>>) =>
    Object.entries(shapes).map(([name, shape]) => {
      const values = times.map((_, i) => shape(i));
      return { labels: { name }, avg: values, min: values, max: values };
    });
  const waits = series({
    CPU: wave(0.5, 2, 50),
    IO: gap(wave(0, 1.5, 31), 120, 240),
    Lock: (i) => (i > 150 && i < 190 ? 6 : 0),
    LWLock: (i) => (i % 60 === 0 ? 2 : 0),
    Client: () => 0,
  });
  const marks: Mark[] = [
    { id: 'd', at: at(60), kind: 'deploy', severity: 'notice', text: 'deploy 4711' },
    { id: 's', at: at(61), kind: 'setting', severity: 'info', text: 'work_mem: from 4MB to 64MB' },
    { id: 'f', at: at(152), kind: 'alert firing', severity: 'critical', text: 'Blocking locks: 12 sessions wait' },
    { id: 'r', at: at(191), kind: 'alert resolved', severity: 'info', text: 'Resolved: Blocking locks' },
    { id: 'w', at: at(110), kind: 'vacuum', severity: 'warning', text: 'public.orders was vacuumed' },
  ];
  const spans: Span[] = [
    { id: 'lock', from: at(152), to: at(191), severity: 'critical', text: 'Blocking locks' },
    { id: 'open', from: at(215), to: undefined, severity: 'warning', text: 'Long transaction' },
  ];
  const thresholds = [
    { value: 30, severity: 'warning' },
    { value: 120, severity: 'critical' },
  ];
  const chart = { times, step_seconds: STEP, by: 'name' };
  return (
    <div className="columns">
      <Panel title="A stack with events and alerts">
        <TimeChart {...chart} label="Active sessions" unit="Count" series={waits} stacked marks={marks} spans={spans} />
      </Panel>
      <Panel title="A line with its thresholds">
        <TimeChart
          {...chart}
          label="Longest wait"
          unit="Seconds"
          series={series({ 'longest wait': wave(0, 80, 80) })}
          thresholds={thresholds}
        />
      </Panel>
      <Panel title="Lines with gaps, and a point alone">
        <TimeChart
          {...chart}
          label="Size"
          unit="Bytes"
          series={series({
            shop: gap(wave(2e9, 3e9, 90), 90, 130),
            crm: (i) => (i === 110 ? 2.2e9 : null),
            postgres: () => 8e6,
          })}
        />
      </Panel>
      <Panel title="More series than colors">
        <TimeChart
          {...chart}
          label="Transactions"
          unit="Count/s"
          series={series(Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`db${i}`, wave(i, i + 3, 40 + i)])))}
        />
      </Panel>
      <Panel title="One minute of data">
        <TimeChart
          {...chart}
          label="Connections"
          unit="Count"
          series={series({ active: (i) => (i > COUNT - 5 ? 4 : null) })}
        />
      </Panel>
      <Panel title="Nothing measured">
        <TimeChart {...chart} label="Replay lag" unit="Seconds" series={[]} />
      </Panel>
      <Panel title="On its way">
        <ChartSkeleton />
      </Panel>
      <Panel title="Of the range before">
        <TimeChart {...chart} label="Latency" unit="Seconds" series={series({ shop: wave(0.001, 0.03, 30) })} pending />
      </Panel>
    </div>
  );
}
