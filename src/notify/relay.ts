import type { Rule } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { ReceiptStore } from '../store/receipts.ts';
import { type Channel, SendError, wants } from './channel.ts';
import { messageOf } from './message.ts';

/** Some channel did not take a message; the others did, and do not get it again. */
export class RelayFailed extends Error {
  override readonly name = 'RelayFailed';
}

export interface RelayOptions {
  readonly channels: readonly Channel[];
  readonly receipts: ReceiptStore;
  readonly unitOf: (rule: string) => Rule['unit'];
  readonly pageUrl: string;
  readonly now: () => Date;
}

/**
 * Hands a message on to every channel that wants it, and the end of an incident to every channel that heard of it. A
 * queue delivers at least once and in no order, so each channel gets it once, and nothing that is older than what it
 * knows of the incident. A channel that asked to be left alone is, until then.
 *
 * @throws RelayFailed where a channel did not take it: the queue brings it again
 */
export async function relay(transition: Transition, options: RelayOptions): Promise<void> {
  const { channels } = options;
  const results = await Promise.allSettled(channels.map((channel) => relayTo(channel, transition, options)));
  const failures = results.flatMap((result, i) =>
    result.status === 'rejected'
      ? [`${channels[i]?.name}: ${result.reason instanceof Error ? result.reason.message : result.reason}`]
      : [],
  );
  if (failures.length > 0)
    throw new RelayFailed(`"${transition.title}" of ${transition.cluster}: ${failures.join('; ')}`);
}

async function relayTo(
  channel: Channel,
  transition: Transition,
  { receipts, unitOf, pageUrl, now }: RelayOptions,
): Promise<void> {
  const { fingerprint, at, kind, cluster, severity, rule, incident } = transition;
  const ended = kind === 'resolved';
  const last = await receipts.get(channel.name, fingerprint);
  if (last && last.at >= at) return;
  if (!last?.open) {
    if (!ended && !wants(channel, incident?.clusters ?? [cluster], severity)) return;
    // It never heard of the beginning, and must not when that comes late.
    if (ended) return await receipts.put(channel.name, fingerprint, { at, open: false });
  }
  const until = await receipts.pausedUntil(channel.name);
  if (until > now().getTime()) throw new SendError(`asked to pause until ${new Date(until).toISOString()}`);
  try {
    await channel.send(messageOf(transition, unitOf(rule), pageUrl));
  } catch (error) {
    const seconds = error instanceof SendError ? error.retryAfterSeconds : undefined;
    if (seconds) await receipts.pause(channel.name, now().getTime() + seconds * 1_000);
    throw error;
  }
  await receipts.put(channel.name, fingerprint, { at, open: !ended });
}
