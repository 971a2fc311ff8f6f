import type { Metric } from './metric.ts';
import type { Labels, Sample } from './sample.ts';

/** Samples of one target, for the text format. */
export interface ClusterSamples {
  readonly cluster: string;
  readonly samples: readonly Sample[];
}

/**
 * The text format 0.0.4: samples of all targets grouped by metric, each with its HELP and TYPE from the catalog, in a
 * fixed order. Samples of metrics that the catalog does not know are left out, and values that are not finite.
 */
export function prometheusText(catalog: ReadonlyMap<string, Metric>, clusters: readonly ClusterSamples[]): string {
  const lines = new Map<string, string[]>();
  for (const { cluster, samples } of clusters) {
    for (const { metric, labels, value } of samples) {
      if (!Number.isFinite(value)) continue;
      const list = lines.get(metric) ?? [];
      list.push(`${metric}{${labelText({ cluster, ...labels })}} ${value}`);
      lines.set(metric, list);
    }
  }
  const blocks: string[] = [];
  for (const [name, { type, help }] of [...catalog].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const series = lines.get(name);
    if (series) blocks.push(`# HELP ${name} ${helpText(help)}`, `# TYPE ${name} ${type}`, ...series);
  }
  return blocks.length > 0 ? `${blocks.join('\n')}\n` : '';
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`)
    .join(',');
}

function helpText(help: string): string {
  return help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}
