import type { Rule } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { ToldStore } from '../store/told.ts';
import { type Channel, wants } from './channel.ts';
import { messageOf } from './message.ts';

/** Some channel did not take a message; the others did, and are not told again. */
export class RelayFailed extends Error {
  override readonly name = 'RelayFailed';
}

export interface RelayOptions {
  readonly channels: readonly Channel[];
  readonly told: ToldStore;
  readonly unitOf: (rule: string) => Rule['unit'];
  readonly pageUrl: string;
}

/**
 * Hands a transition on to every channel that wants it. A queue delivers at least once and in no order, so each channel
 * is told once, and nothing that is older than what it knows of the alert.
 *
 * @throws RelayFailed where a channel did not take it: the queue brings it again
 */
export async function relay(transition: Transition, options: RelayOptions): Promise<void> {
  const { channels, told, unitOf, pageUrl } = options;
  const results = await Promise.allSettled(
    channels.map(async (channel) => {
      if (!wants(channel, transition)) return;
      const last = await told.last(channel.name, transition.fingerprint);
      if (last !== undefined && last >= transition.at) return;
      await channel.send(messageOf(transition, unitOf(transition.rule), pageUrl));
      await told.put(channel.name, transition.fingerprint, transition.at);
    }),
  );
  const failures = results.flatMap((result, i) =>
    result.status === 'rejected'
      ? [`${channels[i]?.name}: ${result.reason instanceof Error ? result.reason.message : result.reason}`]
      : [],
  );
  if (failures.length > 0)
    throw new RelayFailed(`"${transition.title}" of ${transition.cluster}: ${failures.join('; ')}`);
}
