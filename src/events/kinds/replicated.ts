import { publications } from '../../collectors/publications.ts';
import { subscriptions } from '../../collectors/subscriptions.ts';
import type { EventDraft } from '../event.ts';
import { comparable, defineEventKind, difference } from '../kind.ts';

/** A publication of logical replication was made or dropped. */
export const publicationChanged = defineEventKind({
  name: 'publication_changed',
  loop: 'storage',
  title: 'Publication created or dropped',
  reads: [publications],
  many: (count) => `${count} publications were created or dropped`,
  compare: (comparison) =>
    comparable(comparison, publications).flatMap((place) => {
      const { gone, come } = difference(place, ({ publication }) => publication);
      const draft = (object: string, to: 'created' | 'dropped') => ({
        db: place.db,
        object,
        to,
        text: `Publication ${object} was ${to}.`,
      });
      return [
        ...come.map(({ publication }) => draft(publication, 'created')),
        ...gone.map(({ publication }) => draft(publication, 'dropped')),
      ];
    }),
});

/** A subscription of logical replication was made, dropped, disabled, enabled, or has other publications. */
export const subscriptionChanged = defineEventKind({
  name: 'subscription_changed',
  loop: 'workload',
  title: 'Subscription changed',
  reads: [subscriptions],
  many: (count) => `${count} subscriptions were changed`,
  compare: (comparison) =>
    comparable(comparison, subscriptions).flatMap((place) => {
      const { gone, come, both } = difference(place, ({ subscription }) => subscription);
      const draft = (object: string, to: 'created' | 'dropped') => ({
        object,
        to,
        text: `Subscription ${object} was ${to}.`,
      });
      return [
        ...come.map(({ subscription }) => draft(subscription, 'created')),
        ...gone.map(({ subscription }) => draft(subscription, 'dropped')),
        ...both.flatMap(([before, after]) => [...switched(before, after), ...republished(before, after)]),
      ];
    }),
});

type Subscription = ReturnType<typeof subscriptions.rowsOf>[number];

function switched(before: Subscription, { subscription, enabled }: Subscription): EventDraft[] {
  if (enabled === null || before.enabled === null || enabled === before.enabled) return [];
  const [from, to] = enabled ? ['disabled', 'enabled'] : ['enabled', 'disabled'];
  const text = enabled
    ? `Subscription ${subscription} was enabled.`
    : `Subscription ${subscription} was disabled: it receives nothing, and its slot retains WAL on the publisher.`;
  return [{ object: subscription, from, to, severity: enabled ? 'notice' : 'warning', text }];
}

function republished(before: Subscription, { subscription, publications }: Subscription): EventDraft[] {
  const [from, to] = [before.publications, publications].map((names) => names?.join(', '));
  if (from === undefined || to === undefined || from === to) return [];
  const text = `Subscription ${subscription} subscribes to ${to} instead of ${from}.`;
  return [{ object: subscription, from, to, text }];
}
