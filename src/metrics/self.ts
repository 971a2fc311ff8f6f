import type { Metric } from './metric.ts';

/** When a loop last ran: what tells, on `/metrics`, how old its other series are. */
export const LAST_PASS = 'pgmon_last_pass_timestamp_seconds';

/** Alerts that fire, once the rules were evaluated over the pass that says so. */
export const ALERTS_FIRING = 'pgmon_alerts_firing';

const own = { type: 'gauge', collector: 'pgmon', labels: [] } as const;

/** What pgmon says of itself and of whether the server answers at all. */
export const selfMetrics: readonly Metric[] = [
  {
    ...own,
    name: 'pg_up',
    loop: 'hot',
    unit: 'None',
    help: '1 if the server answered this pass, else 0.',
    cloudwatch: { by: 'cluster', fold: 'min', essential: true },
  },
  {
    ...own,
    name: 'pgmon_target_down',
    loop: 'hot',
    unit: 'None',
    help: '1 while the server is unreadable, with the kind of problem; else 0, with kind none.',
    labels: ['kind'],
  },
  {
    ...own,
    name: 'pgmon_loop_lateness_ratio',
    loop: 'hot',
    unit: 'None',
    help: 'Time since the last pass of each loop, as seen by the hot loop, in intervals of that loop.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_hot_lateness_ratio',
    loop: 'workload',
    unit: 'None',
    help: 'Time since the last pass of the hot loop, as seen by the workload loop, in its intervals.',
  },
  {
    ...own,
    name: 'pgmon_counters_reset',
    loop: 'every',
    unit: 'Count',
    help: 'Counters of a collector that restarted since the previous pass, in all databases; absent if none did.',
    labels: ['loop', 'collector'],
  },
  {
    ...own,
    name: ALERTS_FIRING,
    loop: 'every',
    unit: 'Count',
    help: 'Firing alerts, by severity.',
    labels: ['loop', 'severity'],
  },
  {
    ...own,
    name: 'pgmon_notifications_waiting',
    loop: 'every',
    unit: 'Count',
    help: 'Notifications that a channel has not accepted yet.',
    labels: ['loop'],
  },
  {
    ...own,
    type: 'counter',
    name: 'pgmon_notifications_given_up_total',
    loop: 'every',
    unit: 'Count',
    help: 'Notifications that expired after a day without delivery, since pgmon started.',
    labels: ['loop'],
  },
  {
    ...own,
    name: LAST_PASS,
    loop: 'every',
    unit: 'Seconds',
    help: 'Time of the last pass of the loop, in seconds since 1970. A stopped loop has nothing else on /metrics.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_scrape_duration_seconds',
    loop: 'every',
    unit: 'Seconds',
    help: 'Duration of the last pass of the loop.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_last_scrape_success',
    loop: 'every',
    unit: 'None',
    help: '1 if every collector of the last pass answered or was skipped for a reason, 0 if one failed.',
    labels: ['loop'],
  },
  {
    ...own,
    type: 'counter',
    name: 'pgmon_errors_total',
    loop: 'every',
    unit: 'Count',
    help: 'Failed collectors and failed connections since pgmon started.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_collectors_degraded',
    loop: 'every',
    unit: 'Count',
    help: 'Collectors backing off after failing or making a pass late; each database counts.',
    labels: ['loop'],
  },
  {
    ...own,
    name: 'pgmon_collector_duration_seconds',
    loop: 'every',
    unit: 'Seconds',
    help: 'Time between the arrival of the previous answer and its own; answers that arrive together share it evenly.',
    labels: ['loop', 'collector'],
  },
  {
    ...own,
    name: 'pgmon_collector_success',
    loop: 'every',
    unit: 'None',
    help: '1 if the collector answered, 0 if it failed or is backing off; absent if it was skipped.',
    labels: ['loop', 'collector'],
  },
];
