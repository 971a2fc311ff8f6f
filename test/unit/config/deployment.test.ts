import { describe, expect, test } from 'vitest';
import { deploymentProblems } from '../../../src/config/deployment.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { shardsOf } from '../../../src/config/shards.ts';

const parse = (config: object) => parseConfig(JSON.stringify(config), 'test', {});
const target = (cluster: string, more: object = {}) => ({
  cluster,
  host: 'db',
  auth: { iam: true, user: 'pgmon' },
  ...more,
});
const secretArn = 'arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf';

describe('what a deployment refuses', () => {
  test.each([
    ['nothing to watch', {}, 'targets: is empty'],
    [
      'a password in the file',
      { cluster: 'a', dsn: 'postgres://u:hunter2@h/d' },
      'targets[0] (a).dsn: holds a password',
    ],
    [
      'a file of this machine',
      { cluster: 'a', dsn: 'postgres://u@h/d?sslrootcert=/ca.pem' },
      'sslrootcert is a file on this machine',
    ],
    ['no log-in', { cluster: 'a', dsn: 'postgres://u@h/d' }, 'targets[0] (a).auth: is missing'],
    [
      'a group without a network',
      { targets: [target('a', { group: 'x' })] },
      'targets[0] (a).group: aws.groups has no x',
    ],
    [
      '[E12] a group named as something that every object has',
      { targets: [target('a', { group: 'constructor' })] },
      'targets[0] (a).group: aws.groups has no constructor',
    ],
    [
      'a network without a server',
      {
        targets: [target('a')],
        aws: { groups: { x: { vpc_id: 'vpc-0', subnet_ids: ['subnet-0'], security_group_ids: ['sg-0'] } } },
      },
      'aws.groups.x: no target has group: x',
    ],
    [
      'an interval that no schedule keeps',
      { targets: [target('a')], sample_intervals: { hot_path: '7s' } },
      'sample_intervals.hot_path: is 7 s',
    ],
    [
      'ninety seconds',
      { targets: [target('a')], sample_intervals: { workload: '90s' } },
      'sample_intervals.workload: is 90 s',
    ],
    [
      'a webhook of Slack',
      { targets: [target('a')], notifiers: { slack_webhook: 'https://hooks.slack.com/hunter2' } },
      'notifiers.slack_webhook: is a secret',
    ],
    [
      'a key in a channel',
      { targets: [target('a')], notifiers: { channels: [{ type: 'pagerduty', routing_key: 'hunter2' }] } },
      'notifiers.channels[0].routing_key: is a secret',
    ],
    [
      'an environment that will not be there',
      {
        targets: [target('a')],
        notifiers: { channels: [{ type: 'webhook', url: 'https://x.example', secret: { env: 'X' } }] },
      },
      'notifiers.channels[0].secret: a deployment has no environment variables',
    ],
  ])('%s', (_, config, want) => {
    const problems = deploymentProblems(parse(config));
    expect(problems.join('\n')).toContain(want);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  test('nothing where all is well, secrets by their ARN', () => {
    const config = parse({
      targets: [target('a'), { cluster: 'b', auth: { secretArn } }],
      notifiers: {
        channels: [
          { type: 'slack', url: { secretArn } },
          { type: 'pagerduty', routing_key: { secretArn } },
        ],
      },
    });
    expect(deploymentProblems(config)).toEqual([]);
  });
});

test('shards: so many targets each, by group, in the order of the file', () => {
  const config = parse({
    targets: Array.from({ length: 60 }, (_, i) => target(`t${i}`, i % 2 ? { group: 'odd' } : {})),
    aws: { shard_size: 20 },
  });
  expect(shardsOf(config).map(({ id, targets }) => [id, targets.length, targets[0]?.cluster])).toEqual([
    ['default-1', 20, 't0'],
    ['default-2', 10, 't40'],
    ['odd-1', 20, 't1'],
    ['odd-2', 10, 't41'],
  ]);
});
