import { zone } from '../settings.ts';

/** A moment as a field for dates and times has it, in the zone that the page shows. */
export function toInput(time: Date | undefined): string {
  if (!time) return '';
  const offsetMs = zone.get() === 'utc' ? 0 : time.getTimezoneOffset() * 60_000;
  return new Date(time.getTime() - offsetMs).toISOString().slice(0, 19);
}

/** The moment that such a field says; undefined where it is empty. */
export function fromInput(text: string): Date | undefined {
  const time = new Date(zone.get() === 'utc' ? `${text}Z` : text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
