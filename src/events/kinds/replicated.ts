import { publications } from '../../collectors/publications.ts';
import { subscriptions } from '../../collectors/subscriptions.ts';
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

/** A subscription of logical replication was made or dropped. */
export const subscriptionChanged = defineEventKind({
  name: 'subscription_changed',
  loop: 'workload',
  title: 'Subscription created or dropped',
  reads: [subscriptions],
  many: (count) => `${count} subscriptions were created or dropped`,
  compare: (comparison) =>
    comparable(comparison, subscriptions).flatMap((place) => {
      const { gone, come } = difference(place, ({ subscription }) => subscription);
      const draft = (object: string, to: 'created' | 'dropped') => ({
        object,
        to,
        text: `Subscription ${object} was ${to}.`,
      });
      return [
        ...come.map(({ subscription }) => draft(subscription, 'created')),
        ...gone.map(({ subscription }) => draft(subscription, 'dropped')),
      ];
    }),
});
