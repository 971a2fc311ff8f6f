import type * as z from 'zod';
import type { ChannelKind } from './define.ts';
import { eventbridge } from './eventbridge.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { smtp } from './smtp.ts';
import { sns } from './sns.ts';
import { webhook } from './webhook.ts';

/** Every kind of channel, in the order of the reference. */
export const channelKinds = [slack, pagerduty, webhook, smtp, sns, eventbridge] as const;

/** A channel of the configuration, of any kind. */
export type ChannelConfig = z.output<(typeof channelKinds)[number]['schema']>;

/** The kind of a channel: whoever has it gives it the channel that it was asked for. */
export function kindOf({ type }: Pick<ChannelConfig, 'type'>): ChannelKind {
  const found = channelKinds.find(({ kind }) => kind === type);
  if (!found) throw new Error(`unknown channel type ${type}`);
  return found as ChannelKind;
}
