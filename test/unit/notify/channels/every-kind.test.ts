import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deploymentProblems } from '../../../../src/config/deployment.ts';
import { parseConfig } from '../../../../src/config/load.ts';
import { secretArnsOf } from '../../../../src/config/notifiers.ts';
import { type ChannelConfig, channelKinds, kindOf } from '../../../../src/notify/channels/index.ts';
import { channelsOf } from '../../../../src/notify/channels.ts';

const FOLDER = new URL('../../../../src/notify/channels/', import.meta.url);
const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;

/** The configuration with one channel. */
function configOf(channel: object) {
  return parseConfig(JSON.stringify({ notifiers: { channels: [channel] } }), 'pgmon.yaml', {});
}

function channelOf(channel: object): ChannelConfig {
  const [one] = configOf(channel).notifiers.channels;
  if (!one) throw new Error('no channel');
  return one;
}

/** The example with other values for its secrets. */
function example(kind: (typeof channelKinds)[number], value: (key: string) => unknown): object {
  return { ...kind.example, ...Object.fromEntries(kind.secretKeys.map((key) => [key, value(key)])) };
}

test('every file of the folder is a kind of the list', () => {
  const files = readdirSync(FOLDER).filter((file) => !['define.ts', 'index.ts'].includes(file));
  expect(files.map((file) => file.replace('.ts', '')).toSorted()).toEqual(
    channelKinds.map(({ kind }) => kind).toSorted(),
  );
});

describe.each(channelKinds.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  test('its example is a configuration, whose channel opens under a name that stays', () => {
    const env = { PAGERDUTY_KEY: 'k', HOOK_SECRET: 's' };
    const names = [1, 2].map(() =>
      channelsOf(configOf(kind.example).notifiers, { env, secret: async () => '' }).map(({ name }) => name),
    );
    expect(names[0]).toEqual(names[1]);
    expect(names[0]).toEqual([expect.stringMatching(new RegExp(`^${kind.kind} [0-9a-f]{8}$`))]);
  });

  test('a deployment takes its secrets from Secrets Manager, and from nowhere else', () => {
    const problems = (channel: object) =>
      deploymentProblems(configOf(channel)).filter((one) => one.startsWith('notifiers'));
    const named = example(kind, (key) => ({ secretArn: arn(key) }));
    expect(problems(named)).toEqual([]);
    expect(secretArnsOf(channelOf(named)).toSorted()).toEqual(kind.secretKeys.map(arn).toSorted());
    expect(problems(example(kind, () => ({ env: 'X' })))).toEqual(
      kind.secretKeys.map((key) =>
        expect.stringContaining(`notifiers.channels[0].${key}: a deployment has no environment`),
      ),
    );
  });

  test('is sent by the notifier, or by loops that are allowed to', () => {
    const place = { partition: 'aws', region: 'eu-west-1', account: '123456789012' };
    const grants = kindOf({ type: kind.kind }).grants(channelOf(kind.example), place);
    expect(grants.length === 0).toBe(kind.isOutside);
    for (const { actions, resource } of grants) {
      expect(actions.every((action) => /^[a-z]+:[A-Z]\w+$/.test(action))).toBe(true);
      expect(resource).toMatch(/^arn:aws:[a-z]+:eu-west-1:123456789012:\w/);
    }
  });
});
