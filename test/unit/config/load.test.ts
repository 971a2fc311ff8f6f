import { describe, expect, test } from 'vitest';
import { scalarKeys } from '../../../src/config/environment.ts';
import { ConfigError, parseConfig } from '../../../src/config/load.ts';
import { configSchema } from '../../../src/config/schema.ts';

function problems(yaml: string, env: Record<string, string> = {}): readonly string[] {
  try {
    parseConfig(yaml, 'pgmon.yaml', env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const SECTION_8 = `
cluster: "hydro-prod"
dsn: "postgres://monitor:secret@pg-host:5432/postgres?sslmode=require"
sample_intervals: { hot_path: "15s", workload: "60s", storage: "10m", hourly: "1h" }
limits: { top_relations: 50, top_indexes: 50, top_queries: 50 }
alerts: { connections_warn: 0.80, long_txn_warn_s: 300, long_txn_crit_s: 1800, repl_warn_s: 30, repl_crit_s: 300 }
notifiers: { slack_webhook: "", email_smtp: "" }
http: { bind: "0.0.0.0:8181" }
security: { read_only_enforce: true, redact_sql_text: true }
timeouts: { statement_timeout_ms: 3000, lock_timeout_ms: 1000 }
`;

test('the example of the specification parses whole, the short form as one target', () => {
  const config = parseConfig(SECTION_8, 'pgmon.yaml', {});
  expect(config.targets.map(({ cluster }) => cluster)).toEqual(['hydro-prod']);
  expect(config.sample_intervals).toEqual({ hot_path: 15_000, workload: 60_000, storage: 600_000, hourly: 3_600_000 });
  expect(config.http.bind).toBe('0.0.0.0:8181');
});

test('nothing at all gives every default', () => {
  expect(parseConfig('', 'x', {})).toMatchObject({ targets: [], limits: { top_queries: 50 }, log_level: 'info' });
});

test.each([
  ['unknown key', 'limit: 1', 'limit: is not a known key (did you mean limits?)'],
  ['unknown key below', 'limits: { top: 1 }', 'limits.top: is not a known key'],
  ['wrong type', 'limits: { top_queries: many }', 'limits.top_queries: must be a number, not "many"'],
  ['too small', 'limits: { top_queries: 0 }', 'limits.top_queries: must be at least 1, not 0'],
  ['not one of', 'log_level: loud', 'log_level: must be debug or info or warn or error or silent, not "loud"'],
  [
    '[E12] no length of time',
    'sample_intervals: { hot_path: 15 }',
    'sample_intervals.hot_path: must be a duration with a unit: write 15s for 15 seconds, not 15',
  ],
  [
    '[E12] a webhook that is a number',
    'notifiers: { slack_webhook: 5 }',
    'notifiers.slack_webhook: must be empty, or an https:// URL',
  ],
  ['[E12] a page that is no URL', 'notifiers: { page_url: nowhere }', 'notifiers.page_url: must be an https:// URL'],
  [
    '[E12] a channel of no kind',
    'notifiers: { channels: [{ type: pigeon }] }',
    'notifiers.channels[0].type: must be one of slack, pagerduty, webhook, smtp, sns, eventbridge',
  ],
  [
    '[E12] a channel whose secret is a number',
    'notifiers: { channels: [{ type: pagerduty, routing_key: 7 }] }',
    'notifiers.channels[0].routing_key: must be text, or { env: "NAME" } or { secretArn:',
  ],
  [
    'out of bounds',
    'sample_intervals: { hot_path: 1s }',
    'sample_intervals.hot_path: must be between 5s and 60s, not "1s"',
  ],
  ['a name with a space', 'cluster: a b\ndsn: postgres://h/d', 'cluster: must be 1 to 63 letters'],
  ['no way to log in', 'targets: [{ cluster: a }]', 'targets[0]: needs a dsn, or auth'],
  ['half an auth', 'targets: [{ cluster: a, host: h, auth: { iam: true } }]', 'targets[0].auth: must be either'],
  ['a cluster without dsn', 'cluster: a', 'dsn: is required with cluster'],
  [
    'one name twice',
    'targets: [{ cluster: a, dsn: "postgres://h/d" }, { cluster: a, dsn: "postgres://i/d" }]',
    'targets: has two targets named a',
  ],
  [
    'lock timeout above statement timeout',
    'timeouts: { lock_timeout_ms: 5000 }',
    'timeouts.lock_timeout_ms: must not be longer',
  ],
  ['a list', '- 1', 'must be a mapping'],
])('%s', (_name, yaml, said) => {
  expect(problems(yaml)).toEqual([expect.stringContaining(said)]);
});

test('a former value of cloudwatch.metrics still works', () => {
  const { metrics } = parseConfig('cloudwatch: { metrics: telling }', 'pgmon.yaml', {}).cloudwatch;
  expect(metrics).toBe('essential');
});

test('all problems come at once', () => {
  expect(problems('limit: 1\nlog_level: loud\nlimits: { top_queries: 0 }')).toHaveLength(3);
  // Those of several keys, too, where one of the keys is wrong itself.
  const several = `
    limits: { top_queries: 0 }
    targets: [{ cluster: a, dns: postgres://h/d }, { cluster: a, dsn: postgres://h/d?sslmode=foo }, 7]
    alerts: { long_txn_warn_s: 9, long_txn_crit_s: 3, custom: [{ name: x }, { name: x }] }
    timeouts: { lock_timeout_ms: 5000, connect_timeout_ms: 1 }`;
  expect(problems(several)).toEqual([
    'targets[0].dns: is not a known key (did you mean dsn?)',
    'targets[0]: needs a dsn, or auth with secretArn or iam',
    'targets[1].dsn: has an sslmode other than disable, allow, prefer, require, verify-ca, verify-full',
    'targets[2]: must be a mapping, not 7',
    'limits.top_queries: must be at least 1, not 0',
    'alerts.custom[0].metric: must be text and is missing',
    'alerts.custom[1].metric: must be text and is missing',
    'alerts.custom: has two rules named x: names must be unique',
    'alerts.long_txn_crit_s: must not be below long_txn_warn_s',
    'timeouts.connect_timeout_ms: must be at least 100, not 1',
    'timeouts.lock_timeout_ms: must not be longer than statement_timeout_ms',
    'targets: has two targets named a: names must be unique',
  ]);
});

test.each([
  ['sslmode=prefer&application_name=x&connect_timeout=3', []],
  ['ssl_mode=require', ['dsn: has an unknown parameter ssl_mode (did you mean sslmode?)']],
  ['sslkey=secret', ['dsn: has sslkey: pgmon logs in by password or token only']],
])('a DSN with ?%s', (parameters, said) => {
  expect(problems(`dsn: "postgres://u:p@h/d?${parameters}"`)).toEqual(said);
});

describe('secrets', () => {
  test.each([
    ['a DSN of another kind', 'dsn: mysql://u:hunter2@h/d'],
    ['a DSN that is no URL', 'dsn: "postgres://u:hunter2@h:99999/d"'],
    ['a webhook', 'notifiers: { slack_webhook: "hunter2 is no url" }'],
    ['broken YAML around one', 'dsn: "postgres://u:hunter2@h/d\nlimits: ['],
    ['[E12] a DSN in place of a name', 'cluster: "postgres://u:hunter2@h/d"'],
    ['[E12] a DSN in place of the name of a target', 'targets: [{ cluster: "postgres://u:hunter2@h/d" }]'],
    ['[E12] a DSN in place of a key', '"postgres://u:hunter2@h/d": 1'],
    ['[E12] a DSN where a path is', 'store: "postgres://u:hunter2@h/d"'],
    ['a secret ARN that is none', 'targets: [{ cluster: a, auth: { secretArn: hunter2 } }]'],
  ])('%s is not echoed', (_name, yaml) => {
    const found = problems(yaml);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).not.toContain('hunter2');
  });
});

describe('environment', () => {
  test('every scalar key has a variable, named after its path', () => {
    const variables = scalarKeys(configSchema).map(({ variable }) => variable);
    expect(variables).toEqual(
      expect.arrayContaining([
        'PGMON_DSN',
        'PGMON_CLUSTER',
        'PGMON_ALERTS_CONNECTIONS_WARN',
        'PGMON_SAMPLE_INTERVALS_HOT_PATH',
        'PGMON_SECURITY_READ_ONLY_ENFORCE',
        'PGMON_NOTIFIERS_SLACK_WEBHOOK',
        'PGMON_CANARY_STATEMENT',
        'PGMON_LOG_LEVEL',
      ]),
    );
    expect(new Set(variables).size).toBe(variables.length);
  });

  test('it wins over the file and is typed as the key is', () => {
    const config = parseConfig('limits: { top_queries: 10 }', 'x', {
      PGMON_LIMITS_TOP_QUERIES: '7',
      PGMON_SECURITY_READ_ONLY_ENFORCE: 'false',
      PGMON_DSN: 'postgres://u@127.0.0.1/d',
      PGMON_LOG_LEVEL: '',
    });
    expect(config).toMatchObject({
      limits: { top_queries: 7 },
      security: { read_only_enforce: false },
      log_level: 'info',
    });
    expect(config.targets).toHaveLength(1);
  });

  test('a wrong one is named', () => {
    expect(problems('', { PGMON_SECURITY_READ_ONLY_ENFORCE: 'maybe' })).toEqual([
      'security.read_only_enforce (from PGMON_SECURITY_READ_ONLY_ENFORCE): must be true or false, not "maybe"',
    ]);
  });

  test.each([
    ['PGMON_SECURTY_READ_ONLY_ENFORCE', 'did you mean PGMON_SECURITY_READ_ONLY_ENFORCE?'],
    ['PGMON_DNS', 'did you mean PGMON_DSN?'],
    ['pgmon_dsn', 'did you mean PGMON_DSN?'],
    ['PGMON_ZZZZZZZZZZZZZZZZ', 'is not a variable that pgmon reads'],
  ])('[E12] %s overrides nothing, and is refused', (name, said) => {
    expect(problems('', { [name]: 'hunter2' })).toEqual([expect.stringContaining(said)]);
    expect(problems('', { [name]: 'hunter2' })[0]).not.toContain('hunter2');
  });

  test('[E12] variables that are not overrides are left alone', () => {
    const env = {
      PGMON_TOKEN: 'of the command line',
      PGMON_TEST_MAJORS: '18',
      PGMON_SERVICE_HOST: '10.0.0.1', // what Kubernetes gives beside a service called pgmon
      PGMON_PORT_8181_TCP_ADDR: '10.0.0.1',
      PGMON_PORT: 'tcp://10.0.0.1:8181',
      PGMON_WEB_SERVICE_PORT_HTTP: '80',
      PGMON_SLACK: 'https://hooks.example/x',
      PATH: '/bin',
    };
    const yaml = 'notifiers: { channels: [{ type: slack, url: { env: PGMON_SLACK } }] }';
    expect(problems(yaml, env)).toEqual([]);
  });
});

test('[M6] an anchor that contains itself is one problem', () => {
  expect(() => parseConfig('cluster: &a\n  b: *a\n', 'pgmon.yaml', {})).toThrow(
    /^pgmon\.yaml has a problem:\n {2}an alias \(\*name\) stands inside what its own anchor \(&name\) marks: write the values out$/,
  );
  const shared =
    'targets: [{ cluster: a, dsn: "postgres://h/d", labels: &l {} }, { cluster: b, dsn: "postgres://h/d", labels: *l }]';
  expect(() => parseConfig(shared, 'pgmon.yaml', {})).not.toThrow(/its own anchor/);
});

test.each([
  ['[saturday]', 'days must be mon, tue, wed, thu, fri, sat, sun'],
  ['saturday', 'days must be a list of mon, tue, wed, thu, fri, sat, sun'],
])('[M8] days: %s is one problem that names the words that are allowed', (days, said) => {
  const yaml = `alerts: { maintenance: [{ days: ${days}, from: "22:00", to: "02:00" }] }`;
  expect(() => parseConfig(yaml, 'pgmon.yaml', {})).toThrow(
    `pgmon.yaml has a problem:\n  alerts.maintenance[0]: ${said}`,
  );
});
