/** Units as CloudWatch spells them; `Seconds` and `Bytes` are Prometheus' base units too. */
export type Unit = 'Count' | 'Bytes' | 'Seconds' | 'Percent' | 'None' | 'Count/Second' | 'Bytes/Second';

/**
 * `untyped` is for names the specification fixed against Prometheus' conventions (a gauge that ends in `_total`):
 * declared as a gauge, `promtool check metrics` would refuse it.
 */
export type MetricType = 'gauge' | 'counter' | 'untyped';

/** How a metric with finer labels is folded into one CloudWatch metric for a cluster or for a database. */
export interface CloudWatchRule {
  readonly by: 'cluster' | 'db';
  readonly fold: 'sum' | 'max' | 'min';
  /**
   * One of the seven that matter most: published when `cloudwatch.metrics` is `essential`. All are of the hot loop, so that
   * one call a minute carries them.
   */
  readonly essential?: true;
}

/** What a metric is: the one source of `# HELP`, CloudWatch units, the metric reference and the page's legends. */
export interface MetricSpec {
  readonly type: MetricType;
  readonly unit: Unit;
  readonly help: string;
  readonly cloudwatch?: CloudWatchRule;
  /**
   * The label that names one of many objects (a relation, an index, a statement). Such series are capped by top N and
   * kept in snapshots, not in the history of every minute.
   */
  readonly detail?: true;
}

/** A metric in the catalog: with its name, labels and origin. */
export interface Metric extends MetricSpec {
  readonly name: string;
  readonly labels: readonly string[];
  readonly loop: string;
  readonly collector: string;
}
