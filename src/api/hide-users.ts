import type { Event } from '../events/event.ts';
import { eventKinds } from '../events/kinds/index.ts';

const TITLES = new Map(eventKinds.filter(({ namesUsers }) => namesUsers).map(({ name, title }) => [name, title]));

/** An event as viewers see it, who see no names of users: that there was one, and not of whom. */
export function hideUsers(event: Event): Event {
  const title = TITLES.get(event.kind);
  if (title === undefined) return event;
  return {
    ...event,
    object: undefined,
    objects: undefined,
    from: undefined,
    to: undefined,
    by: undefined,
    text: `${title}.`,
  };
}
