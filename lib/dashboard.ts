import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectorsOf } from '../src/collectors/index.ts';
import type { Config } from '../src/config/schema.ts';
import { type WidgetName, widgets } from '../src/widgets/index.ts';

/** Stands for the chosen target in the dashboard's source, wherever it is needed. */
const CLUSTER = 'PGMON_CLUSTER';

/** Graphs of metrics that are read together, first; whatever else is published has a graph of its own after them. */
const GRAPHS: readonly { readonly title: string; readonly metrics: readonly string[] }[] = [
  { title: 'Up', metrics: ['pg_up'] },
  { title: 'Connections', metrics: ['pg_client_connections', 'pg_active_sessions'] },
  { title: 'Blocked', metrics: ['pg_blocked_sessions_total'] },
  {
    title: 'Longest',
    metrics: ['pg_longest_transaction_seconds', 'pg_longest_idle_in_transaction_seconds', 'pg_longest_blocked_seconds'],
  },
];

const PER_ROW = 4;

/** The operations view of a target, chosen at the top, and what numbers alone do not tell. */
export class Dashboard extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, config: Config, widget: lambda.IFunction) {
    super(scope, id);
    const { stackName, region } = Stack.of(this);
    const { namespace, metrics: publication } = config.cloudwatch;
    const catalog = catalogOf(collectorsOf(config));
    const published = [...catalog.values()].filter(
      ({ cloudwatch: rule }) => rule && (publication === 'default' || rule.essential),
    );
    const metric = (name: string) => {
      const { cloudwatch: rule } = catalog.get(name) ?? {};
      return new cloudwatch.Metric({
        namespace,
        metricName: name,
        dimensionsMap: { cluster: CLUSTER },
        statistic: rule?.fold === 'min' ? cloudwatch.Stats.MINIMUM : cloudwatch.Stats.MAXIMUM,
        period: Duration.minutes(1),
        label: name,
      });
    };
    const chosen = new Set(GRAPHS.flatMap(({ metrics }) => metrics));
    const others = published
      .filter(({ name }) => !chosen.has(name))
      .map(({ name }) => ({ title: name, metrics: [name] }));
    const all = [...GRAPHS, ...others]
      .map(({ title, metrics }) => ({
        title,
        metrics: metrics.filter((name) => published.some((one) => one.name === name)),
      }))
      .filter(({ metrics }) => metrics.length > 0);
    const graph = ({ title, metrics }: { title: string; metrics: readonly string[] }) =>
      new cloudwatch.GraphWidget({ title, width: 6, height: 5, left: metrics.map(metric), leftYAxis: { min: 0 } });
    const custom = (name: WidgetName, width: number, height: number) =>
      new cloudwatch.CustomWidget({
        title: widgets[name].title,
        functionArn: widget.functionArn,
        width,
        height,
        params: { widget: name, cluster: CLUSTER },
        updateOnTimeRangeChange: false,
      });
    const rows = Array.from({ length: Math.ceil(all.length / PER_ROW) }, (_, i) =>
      all.slice(i * PER_ROW, (i + 1) * PER_ROW),
    );
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: stackName,
      defaultInterval: Duration.hours(3),
      variables: [
        new cloudwatch.DashboardVariable({
          id: 'cluster',
          label: 'Target',
          type: cloudwatch.VariableType.PATTERN,
          value: CLUSTER,
          inputType: cloudwatch.VariableInputType.SELECT,
          values: cloudwatch.Values.fromSearchComponents({
            namespace,
            dimensions: ['cluster'],
            metricName: 'pg_up',
            populateFrom: 'cluster',
          }),
          defaultValue: cloudwatch.DefaultValue.value(config.targets[0]?.cluster ?? ''),
          visible: true,
        }),
      ],
      widgets: [
        [custom('open-alerts', 24, 6)],
        ...rows.map((row) => row.map(graph)),
        [custom('top-queries', 14, 10), custom('lock-tree', 10, 10)],
        [custom('autovacuum', 12, 9), custom('storage', 12, 9)],
      ],
    });
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`;
  }
}
