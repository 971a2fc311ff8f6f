import type { Transition } from '../../src/alerts/transition.ts';
import { notifiersSchema } from '../../src/config/notifiers.ts';
import type { Channel } from '../../src/notify/channel.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { messageOf } from '../../src/notify/message.ts';
import { HttpReceiver, type Received } from './receivers.ts';

/** A change of one critical alert of 3 min; its id is `id-<kind>`. */
export function transitionOf(kind: Transition['kind']): Transition {
  return {
    id: `id-${kind}`,
    fingerprint: 'f1',
    kind,
    at: '2026-03-02T03:15:00.000Z',
    cluster: 'shop',
    rule: 'blocking_locks',
    title: 'Blocking locks',
    severity: 'critical',
    labels: { db: 'shop' },
    value: 200,
    threshold: 120,
    since: '2026-03-02T03:12:00.000Z',
    message: 'A session has been waiting for a lock for 3 min, the longest of 2 that wait',
    headline: `2 sessions blocked${kind === 'resolved' ? '' : ' for 3 min'} by billing <x>`,
    action: 'End the root of the lock tree (view Locks), or wait for it.',
    panel: 'locks',
    ...(kind === 'resolved'
      ? { until: '2026-03-02T03:15:00.000Z' }
      : {
          culprit: {
            pid: 4711,
            state: 'idle in transaction',
            seconds: 360,
            transaction_seconds: 400,
            application: 'billing <x>',
            db: 'shop',
            relation: 'public."odd & orders"',
            query: 'UPDATE "odd & orders" SET total = ? WHERE id < ?',
            blocks: [12, 13],
            blocked: 2,
          },
          remedy: { sql: 'SELECT pg_terminate_backend(4711);', effect: 'frees 2 sessions, rolls back 7 min of work' },
        }),
  };
}

/** The channels of a configuration, `notifiers` in the file. */
export function openChannels(notifiers: object, env: Readonly<Record<string, string>> = {}): readonly Channel[] {
  return channelsOf(notifiersSchema.parse(notifiers), { env, secret: async () => '' });
}

/**
 * What a receiver gets of an alert by a channel: that it fires and that it is over, where nothing else is said.
 *
 * @param channel the configuration of a channel that posts to this URL
 */
export async function sentBy(
  channel: (url: string) => object,
  options: { kinds?: readonly Transition['kind'][]; env?: Readonly<Record<string, string>> } = {},
): Promise<readonly Received[]> {
  const { kinds = ['firing', 'resolved'], env } = options;
  const receiver = new HttpReceiver();
  try {
    const [opened] = openChannels({ channels: [channel(await receiver.listen())] }, env);
    for (const kind of kinds)
      await opened?.send(messageOf(transitionOf(kind), 'Seconds', 'https://pgmon.example.com/'));
    return receiver.received;
  } finally {
    receiver.close();
  }
}
