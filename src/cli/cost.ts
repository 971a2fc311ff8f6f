import { type Config, configSchema } from '../config/schema.ts';
import { API_REQUESTS, type Bill, billOf } from '../cost/bill.ts';
import { measuredCounts } from '../cost/counts.ts';
import { listPrices } from '../cost/prices.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';

const dollars = (value: number) => `$${value.toFixed(2)}`;

/** What a month of the configuration costs on AWS, before anything is deployed. */
export function costCommand(options: { config?: string; servers?: string; json?: boolean }): void {
  const given = readConfig(options.config);
  const config = withServers(given, options.servers);
  const bill = billOf(config, measuredCounts, listPrices);
  const settings = settingsOf(config, bill);
  if (options.json) {
    printJson({ prices: listPrices.date, counts: measuredCounts.date, ...bill, settings });
    return;
  }
  printTable(
    ['service', 'what', 'list price', 'with free tier'],
    [
      ...bill.lines.map(({ service, what, list, withFreeTier }) => [
        service,
        what,
        dollars(list),
        dollars(withFreeTier),
      ]),
      [
        '',
        `per month, ${bill.targets} ${bill.targets === 1 ? 'server' : 'servers'}`,
        dollars(bill.list),
        dollars(bill.withFreeTier),
      ],
      ['', 'each', dollars(bill.list / bill.targets), dollars(bill.withFreeTier / bill.targets)],
      [
        '',
        'of it for the past of each, in DynamoDB',
        dollars(bill.past / bill.targets),
        dollars(bill.past / bill.targets),
      ],
      ['', 'plus the dashboard, shared by all', dollars(bill.dashboard.list), dollars(bill.dashboard.withFreeTier)],
    ],
  );
  printText('\nWhat a setting would change per month, at list price:');
  printTable(
    ['setting', 'changes the bill by'],
    settings.map(({ setting, changesBy }) => [setting, `${changesBy < 0 ? '−' : '+'}${dollars(Math.abs(changesBy))}`]),
  );
  printText(
    [
      '',
      `Prices: ${listPrices.source} (src/cost/prices.json, ${listPrices.date}).`,
      `Not looked up: ${listPrices.unsure.join(', ')}.`,
      `Counts: ${measuredCounts.source} (src/cost/counts.json, ${measuredCounts.date}).`,
      `Assumed: a month of ${listPrices.hoursAMonth} hours, ${API_REQUESTS.toLocaleString('en-US')} API requests, no data out of the region.`,
      'SNS messages, Secrets Manager calls, widgets and the Lambdas of the API cost a few cents. A server with replicas, slots',
      'or an archive has up to five more metrics.',
    ].join('\n'),
  );
}

/** As if there were so many servers like the first. */
function withServers(config: Config, servers: string | undefined): Config {
  const [first = example] = config.targets;
  if (servers === undefined) return config.targets.length > 0 ? config : { ...config, targets: [first] };
  const count = Number(servers);
  if (!Number.isInteger(count) || count < 1 || count > 1_000)
    throw new CommandFailure(EXIT.usage, `--servers must be a whole number from 1 to 1000, not ${servers}`);
  return { ...config, targets: Array.from({ length: count }, (_, i) => ({ ...first, cluster: `server-${i + 1}` })) };
}

const [example] = configSchema.parse({
  targets: [{ cluster: 'server-1', host: 'server-1.example.com', auth: { iam: true, user: 'pgmon' } }],
}).targets as [Config['targets'][number]];

/** Settings that are worth a thought, and what each alone would change. */
function settingsOf(config: Config, bill: Bill): { setting: string; changesBy: number }[] {
  const { aws, cloudwatch, sample_intervals, targets } = config;
  const change = (setting: string, changed: Partial<Config>) => ({
    setting,
    changesBy: billOf({ ...config, ...changed }, measuredCounts, listPrices).list - bill.list,
  });
  const secretEach = targets.map((target, i) => ({
    ...target,
    auth: { secretArn: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${i}` },
  }));
  const iamEach = targets.map((target) => ({ ...target, auth: { iam: true as const, user: 'pgmon' } }));
  const usesSecrets = targets.some(({ auth }) => auth && 'secretArn' in auth);
  return [
    cloudwatch.metrics === 'default'
      ? change('cloudwatch.metrics: essential', { cloudwatch: { ...cloudwatch, metrics: 'essential' } })
      : change('cloudwatch.metrics: default', { cloudwatch: { ...cloudwatch, metrics: 'default' } }),
    change('sample_intervals.hot_path: 60s', { sample_intervals: { ...sample_intervals, hot_path: 60_000 } }),
    usesSecrets
      ? change('auth: { iam: true } for every server', { targets: iamEach })
      : change('auth: { secretArn } for every server, each its own', { targets: secretEach }),
    aws.topic_key === 'own'
      ? change('aws.topic_key: none', { aws: { ...aws, topic_key: 'none' } })
      : change('aws.topic_key: own', { aws: { ...aws, topic_key: 'own' } }),
    ...(config.http.tokens.length === 0 && !config.http.oidc
      ? [
          change('http.tokens, hashes instead of a secret', {
            http: { ...config.http, tokens: [{ name: 'one', role: 'viewer', sha256: '0'.repeat(64) }] },
          }),
        ]
      : []),
    change('aws.network with two subnets and the endpoints monitoring, sns, secretsmanager, events', {
      aws: {
        ...aws,
        network: {
          vpc_id: 'vpc-0',
          subnet_ids: ['subnet-0', 'subnet-1'],
          security_group_ids: ['sg-0'],
          endpoints: ['dynamodb', 'monitoring', 'sns', 'secretsmanager', 'events'],
          route_table_ids: ['rtb-0'],
        },
      },
    }),
    change('notifiers.channels: one of Slack, PagerDuty, a webhook or mail', {
      notifiers: {
        ...config.notifiers,
        channels: [
          ...config.notifiers.channels,
          {
            type: 'slack',
            url: { secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:slack' },
            min_severity: 'info',
          },
        ],
      },
    }),
  ];
}
