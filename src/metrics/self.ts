import type { Metric } from './metric.ts';

const own = { type: 'gauge', collector: 'pgmon', labels: [] } as const;

/** What pgmon says of itself and of whether the server answers at all. */
export const selfMetrics: readonly Metric[] = [
  {
    ...own,
    name: 'pg_up',
    loop: 'hot',
    unit: 'None',
    help: '1 where the server answered this pass, 0 where it did not.',
    cloudwatch: { by: 'cluster', fold: 'min', telling: true },
  },
  {
    ...own,
    name: 'pgmon_scrape_duration_seconds',
    loop: 'every',
    unit: 'Seconds',
    help: 'Time that the last pass of the loop took.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_last_scrape_success',
    loop: 'every',
    unit: 'None',
    help: '1 where every collector of the last pass answered or was skipped for a reason, 0 where one failed.',
    labels: ['loop'],
  },
  {
    ...own,
    type: 'counter',
    name: 'pgmon_errors_total',
    loop: 'every',
    unit: 'Count',
    help: 'Failed collectors and failed connections since pgmon began to watch.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_collectors_degraded',
    loop: 'every',
    unit: 'Count',
    help: 'Collectors that rest after failing or making a pass late; in several databases each counts.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_collector_duration_seconds',
    loop: 'every',
    unit: 'Seconds',
    help: 'Time between the answer before it and its own: those of a pass arrive together, so short ones show as 0.',
    labels: ['loop', 'collector'],
  },
  {
    ...own,
    name: 'pgmon_collector_success',
    loop: 'every',
    unit: 'None',
    help: '1 where the collector answered, 0 where it failed or rests after failing; absent where it is skipped.',
    labels: ['loop', 'collector'],
  },
];
