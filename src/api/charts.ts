import type { Catalog } from '../collectors/catalog.ts';
import { LOOPS } from '../config/loop.ts';
import { type Labels, seriesKey } from '../metrics/sample.ts';
import type { Rollup } from '../store/rollups.ts';
import { RESOLUTIONS, type Resolution } from '../store/series.ts';
import { problem } from './problem.ts';
import type { Reading } from './reading.ts';

/** Points of one answer: more than a screen has. */
const MOST = 1_000;

export interface ChartQuestion {
  readonly cluster: string;
  readonly metrics: readonly string[];
  readonly from: Date;
  readonly to: Date;
  /** Only series with these labels. */
  readonly labels?: Labels;
  readonly stepSeconds?: number | undefined;
}

/**
 * Metrics over time, each in columns ready to plot, in the order of the question. What is stored of a target at a time holds all
 * of its metrics: several together cost what one does.
 *
 * @throws 404 for a metric that there is not, 400 for one without a history
 */
export async function chartsOf(reading: Reading, catalog: Catalog, question: ChartQuestion) {
  const { cluster, from, to, metrics, labels = {}, stepSeconds } = question;
  const { stores, intervals, now } = reading;
  const charted = metrics.map((name) => chartedMetric(catalog, name));
  const resolution = resolutionOf(from, to, now());
  const range = (to.getTime() - from.getTime()) / 1_000;
  const wanted = Object.entries(labels);
  const isWanted = (key: string) =>
    wanted.length === 0 || wanted.every(([name, value]) => parseKey(key)[name] === value);
  const steps = await stores.series.between(cluster, resolution, from, to, now(), metrics);
  const since = steps.length > 0 ? undefined : await begins(reading, cluster);
  return charted.map(({ name, type, unit, ...metric }) => {
    const loop = LOOPS.find((one) => one === metric.loop) ?? 'hot';
    // Finer than the loop there would be nothing but gaps.
    const least = Math.max(RESOLUTIONS[resolution].stepMs, intervals.get(loop) ?? 15_000) / 1_000;
    const step = Math.max(least, Math.ceil(range / MOST), stepSeconds ?? range / 240);
    const buckets = new Buckets(from, step, range);
    for (const { at, values } of steps) buckets.add(at, values, (key) => key.startsWith(`${name}{`) && isWanted(key));
    return {
      cluster,
      metric: name,
      unit: type === 'counter' ? `${unit}/s` : unit,
      resolution,
      step_seconds: step,
      since: since?.toISOString(),
      times: buckets.times(),
      series: buckets.series(),
    };
  });
}

function chartedMetric(catalog: Catalog, name: string) {
  const metric = catalog.get(name);
  if (!metric) throw problem(404, `Unknown metric ${name}.`);
  if (metric.detail) throw problem(400, `${name} belongs to single objects, which have no history.`);
  return { ...metric, name };
}

/** The finest that is kept of a range and gives no more than some hundred points: what is read of it stays below 30 read units. */
function resolutionOf(from: Date, to: Date, now: Date): Resolution {
  const hours = (to.getTime() - from.getTime()) / 3_600_000;
  const isRecent = now.getTime() - from.getTime() <= RESOLUTIONS.points.days * 86_400_000;
  if (isRecent && hours <= 3) return 'points';
  if (isRecent && hours <= 48) return 'minutes';
  return hours <= 35 * 24 ? 'hours' : 'days';
}

/** When the history of a target begins: of what is kept longest where there is some already. */
async function begins({ stores, now }: Reading, cluster: string): Promise<Date | undefined> {
  const [past, hour] = await Promise.all([
    stores.past.since(cluster, undefined, now()),
    stores.series.since(cluster, now()),
  ]);
  return past && hour ? new Date(Math.min(past.getTime(), hour.getTime())) : (past ?? hour);
}

interface Bucket {
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** Series by their key, each value in the step that it belongs to. */
class Buckets {
  readonly #from: number;
  readonly #step: number;
  readonly #count: number;
  readonly #series = new Map<string, Map<number, Bucket>>();

  constructor(from: Date, step: number, range: number) {
    this.#from = Math.floor(from.getTime() / 1_000 / step) * step;
    this.#step = step;
    this.#count = Math.ceil(range / step) + 1;
  }

  /** Adds the wanted series of a step that began at `at`. */
  add(at: string, values: Rollup['values'], isWanted: (key: string) => boolean): void {
    const i = Math.floor((Date.parse(at) / 1_000 - this.#from) / this.#step);
    for (const [key, [min, mean, max]] of Object.entries(values)) {
      if (!isWanted(key)) continue;
      const buckets = this.#series.get(key) ?? new Map<number, Bucket>();
      this.#series.set(key, buckets);
      const bucket = buckets.get(i) ?? { sum: 0, count: 0, min, max };
      bucket.sum += mean;
      bucket.count += 1;
      bucket.min = Math.min(bucket.min, min);
      bucket.max = Math.max(bucket.max, max);
      buckets.set(i, bucket);
    }
  }

  times(): number[] {
    return Array.from({ length: this.#count }, (_, i) => this.#from + i * this.#step);
  }

  series() {
    const column = (buckets: ReadonlyMap<number, Bucket>, of: (bucket: Bucket) => number) =>
      Array.from({ length: this.#count }, (_, i) => {
        const bucket = buckets.get(i);
        return bucket ? of(bucket) : null;
      });
    return [...this.#series]
      .map(([key, buckets]) => ({
        labels: parseKey(key),
        avg: column(buckets, ({ sum, count }) => sum / count),
        min: column(buckets, ({ min }) => min),
        max: column(buckets, ({ max }) => max),
      }))
      .sort((a, b) => (seriesKey('', a.labels) < seriesKey('', b.labels) ? -1 : 1))
      .slice(0, 100);
  }
}

/** The labels of a series key: name="value" pairs, the values as JSON. */
function parseKey(key: string): Labels {
  const labels: Record<string, string> = {};
  for (const [, name, value] of key.slice(key.indexOf('{')).matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)) {
    if (name && value) labels[name] = String(JSON.parse(value));
  }
  return labels;
}
