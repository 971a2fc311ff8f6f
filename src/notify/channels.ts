import { allChannels, channelNames, type NotifiersConfig, slackSecretRefs } from '../config/notifiers.ts';
import type { Channel } from './channel.ts';
import { type SecretPlaces, textOf } from './channels/define.ts';
import { type ChannelConfig, kindOf } from './channels/index.ts';

/**
 * The channels of a configuration, those of the short keys first.
 *
 * @throws MissingSecret where the environment lacks one
 */
export function channelsOf(config: NotifiersConfig, places: SecretPlaces): readonly Channel[] {
  return openAll(allChannels(config), places);
}

/**
 * Names do not depend on the place in the list, so that the outbox knows a channel again after a restart with another
 * list.
 *
 * @throws MissingSecret where the environment lacks one
 */
export function openAll(configs: readonly ChannelConfig[], places: SecretPlaces): readonly Channel[] {
  const names = channelNames(configs);
  return configs.map((config, i) => kindOf(config).open(names[i] ?? config.type, config, places));
}

/**
 * The signing secrets of Slack's apps, for whoever takes what their buttons send.
 *
 * @throws MissingSecret where the environment lacks one
 */
export function slackSecrets(config: NotifiersConfig, places: SecretPlaces): readonly (() => Promise<string>)[] {
  return slackSecretRefs(config).map((value) => textOf(value, 'slack', places));
}
