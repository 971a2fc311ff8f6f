import type { ChannelConfig } from '../notify/channels/index.ts';
import { dsnTls, parseDsn } from './dsn.ts';
import { secretsOf } from './notifiers.ts';
import type { Config } from './schema.ts';
import { DEFAULT_GROUP } from './shards.ts';
import type { TargetConfig } from './target.ts';

const SECRET_PLACE = 'put it into Secrets Manager and write { secretArn: "arn:aws:secretsmanager:…" }';

/**
 * What stands in the way of deploying a configuration that is valid by itself: secrets in the file, intervals that no
 * schedule keeps, groups without a network. Empty where nothing does.
 */
export function deploymentProblems(config: Config): string[] {
  const { targets, notifiers, aws } = config;
  const used = new Set(targets.map(({ group }) => group ?? DEFAULT_GROUP));
  return [
    ...(targets.length === 0 ? ['targets: is empty: add at least one server'] : []),
    ...targets.flatMap((target, i) => targetProblems(target, `targets[${i}]`, config)),
    ...Object.entries(config.sample_intervals).flatMap(([loop, ms]) => intervalProblems(loop, ms)),
    ...(notifiers.slack_webhook
      ? [
          `notifiers.slack_webhook: is a secret: ${SECRET_PLACE} as the url of a channel: notifiers.channels: [{ type: slack, url: … }]`,
        ]
      : []),
    ...(notifiers.email_smtp
      ? ['notifiers.email_smtp: holds a password: use aws.emails, or a channel of type smtp whose url is { secretArn }']
      : []),
    ...notifiers.channels.flatMap((channel, i) => channelProblems(channel, `notifiers.channels[${i}]`)),
    ...Object.keys(aws.groups).flatMap((group) =>
      group === DEFAULT_GROUP
        ? [`aws.groups.${group}: is reserved for targets without a group: set their network in aws.network`]
        : used.has(group)
          ? []
          : [`aws.groups.${group}: no target has group: ${group}`],
    ),
  ];
}

function targetProblems({ cluster, dsn, auth, group }: TargetConfig, place: string, { aws }: Config): string[] {
  const name = `${place} (${cluster})`;
  return [
    ...(dsn && parseDsn(dsn).password
      ? [`${name}.dsn: holds a password, which a deployment refuses: use auth: { secretArn } or { iam: true, user }`]
      : []),
    ...(dsn && dsnTls(dsn).rootCert
      ? [`${name}.dsn: sslrootcert is a file on this machine: set tls.ca instead, which is deployed as text`]
      : []),
    ...(auth ? [] : [`${name}.auth: is missing: a deployment logs in with { secretArn } or { iam: true, user }`]),
    ...(group && group !== DEFAULT_GROUP && !Object.hasOwn(aws.groups, group)
      ? [`${name}.group: aws.groups has no ${group}: add it with the network that reaches this server`]
      : []),
  ];
}

/** A schedule fires once a minute at most; shorter intervals are passes inside of one minute. */
function intervalProblems(loop: string, ms: number): string[] {
  const seconds = ms / 1_000;
  if (seconds < 60 ? 60 % seconds === 0 : seconds % 60 === 0) return [];
  return [
    `sample_intervals.${loop}: is ${seconds} s: a deployment takes whole minutes, or even fractions of one (5s, 6s, 10s, 12s, 15s, 20s, 30s)`,
  ];
}

function channelProblems(channel: ChannelConfig, place: string): string[] {
  return secretsOf(channel).flatMap(([key, value]) => {
    if (typeof value === 'string') return [`${place}.${key}: is a secret: ${SECRET_PLACE}`];
    if (typeof value === 'object' && value !== null && 'env' in value)
      return [`${place}.${key}: a deployment has no environment variables: ${SECRET_PLACE}`];
    return [];
  });
}
