import type { Metric } from '../metrics/metric.ts';
import { selfMetrics } from '../metrics/self.ts';
import type { Collector } from './collector.ts';

/** Every metric by name, from the collectors' declarations and our own; built once per set of collectors. */
export type Catalog = ReadonlyMap<string, Metric>;

export function catalogOf(collectors: readonly Collector[]): Catalog {
  const catalog = new Map<string, Metric>(selfMetrics.map((metric) => [metric.name, metric]));
  for (const metric of collectors.flatMap(metricsOf)) {
    const known = catalog.get(metric.name);
    if (known && (known.type !== metric.type || known.unit !== metric.unit || known.help !== metric.help)) {
      throw new Error(`${metric.name} is declared by ${known.collector} and, differently, by ${metric.collector}`);
    }
    catalog.set(metric.name, known ?? metric);
  }
  return catalog;
}

function metricsOf(collector: Collector): Metric[] {
  const origin = { loop: collector.loop, collector: collector.name };
  const common = collector.scope === 'database' ? ['db'] : [];
  const own = Object.entries(collector.columns).flatMap(([name, column]) => (column.kind === 'label' ? [name] : []));
  const labels = [...common, ...own];
  const detail = Object.values(collector.columns).some((column) => column.kind === 'label' && column.detail);
  return [
    ...Object.values(collector.columns).flatMap((column): Metric[] => {
      if (column.kind !== 'metric') return [];
      const { type, unit, help, cloudwatch } = column;
      return [
        {
          name: column.metric,
          type,
          unit,
          help,
          labels,
          ...origin,
          ...(cloudwatch ? { cloudwatch } : {}),
          ...(detail ? { detail: true as const } : {}),
        },
      ];
    }),
    ...Object.entries(collector.metrics ?? {}).map(([name, spec]) => ({
      ...spec,
      name,
      labels: [...common, ...spec.labels],
      ...origin,
    })),
    ...(collector.answerTime ? [{ ...collector.answerTime, labels: [], ...origin }] : []),
  ];
}
