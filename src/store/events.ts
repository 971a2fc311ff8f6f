import pLimit from 'p-limit';
import * as z from 'zod';
import { shortHash } from '../alerts/fingerprint.ts';
import { type Event, type EventSeverity, eventSchema } from '../events/event.ts';
import { pack, unpack } from './codec.ts';
import { absent } from './condition.ts';
import { eventMonth, keys } from './keys.ts';
import { newestOf } from './newest.ts';
import { putValue, valuesIn } from './parts.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const KEEP_SECONDS = 400 * 86_400;
const DAY_MS = 86_400_000;
/** Targets that an event is posted to at the same time. */
const limit = pLimit(25);

const storedSchema = z.array(eventSchema);

/** Most items that one reading takes: a rare kind among a year of others would otherwise be searched for in all of them. */
const MOST_ITEMS = 2_000;

/** Where a page ends: a time, and of the events of that time the id. */
export interface EventCursor {
  readonly at: string;
  readonly id: string;
}

export interface EventQuery {
  readonly from: Date;
  readonly to: Date;
  readonly limit: number;
  /** Only after this one, going back in time. */
  readonly after?: EventCursor | undefined;
  /** Whether the routine of the server is wanted, too. */
  readonly routine: boolean;
  readonly matches?: (event: Event) => boolean;
}

export interface EventPage {
  /** Newest first. */
  readonly events: readonly Event[];
  /** Where the next page begins; absent where there is none. A page may be short, or empty, and have a next one. */
  readonly next?: EventCursor;
}

/** Whether an event is of the routine of a server: these are kept apart. */
export function isRoutine(severity: EventSeverity): boolean {
  return severity === 'info';
}

/** Events of every target, kept 400 days. */
export class EventStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Adds events of one target; those of one minute share an item. The same events again replace themselves. */
  async append(cluster: string, events: readonly Event[]): Promise<void> {
    const groups = Map.groupBy(events, ({ at, severity }) => `${isRoutine(severity)} ${minuteOf(at)}`);
    for (const group of groups.values()) {
      const [first] = group;
      if (!first) continue;
      const minute = new Date(`${minuteOf(first.at)}:00Z`);
      const own = group.length === 1 ? first.id : shortHash(group.map(({ id }) => id).join(' '));
      const expires = Math.floor(minute.getTime() / 1_000) + KEEP_SECONDS;
      await putValue(this.#table, keys.event(cluster, isRoutine(first.severity), minute, own), group, { expires });
    }
  }

  /**
   * Adds an event that somebody posted to these targets. One with an id is added once: again, it is what it was.
   *
   * @returns the event as it is kept, and whether it is new
   */
  async post(clusters: readonly string[], posted: Omit<Event, 'cluster'>): Promise<{ event: Event; isNew: boolean }> {
    const written = await Promise.all(clusters.map((cluster) => limit(() => this.#postOne({ ...posted, cluster }))));
    const [first] = written;
    if (!first) throw new Error('posted to no target');
    return { event: first.event, isNew: written.some(({ isNew }) => isNew) };
  }

  /** The id is taken first: where the process ends in between, the next try finds it and completes the event. */
  async #postOne(event: Event): Promise<{ event: Event; isNew: boolean }> {
    const key = keys.postedEvent(event.cluster, event.id);
    const expires = Math.floor(Date.parse(event.at) / 1_000) + KEEP_SECONDS;
    const isNew = await this.#table.putIf(key, { data: pack(event), expires }, absent('data'));
    const known = isNew ? undefined : await this.#table.get(key, { consistent: true });
    const parse = () => eventSchema.parse(unpack(z.instanceof(Uint8Array).parse(known?.['data'])));
    const kept = (known && this.#unreadable.read('posted event', key, parse)) ?? event;
    await this.append(event.cluster, [kept]);
    return { event: kept, isNew };
  }

  /** Events between two times, both included, the newest first by time and id. */
  async between(cluster: string, { from, to, limit, after, routine, matches }: EventQuery): Promise<EventPage> {
    const found: Event[] = [];
    const ids = new Set<string>();
    const [first, last] = [from.toISOString(), after && after.at < to.toISOString() ? after.at : to.toISOString()];
    const isPast = (event: Event) => after !== undefined && newestFirst(event, after) <= 0;
    const stored = { kind: 'events', schema: storedSchema, unreadable: this.#unreadable };
    let read = 0;
    for await (const group of this.#minutes(cluster, first, last, routine)) {
      const events = valuesIn(group, stored)
        .flat()
        .filter((one) => one.at >= first && one.at <= last && !isPast(one))
        .toSorted(newestFirst);
      for (const event of events) {
        if (ids.has(event.id) || !(matches?.(event) ?? true)) continue;
        const previous = found.at(-1);
        if (found.length === limit && previous) return { events: found, next: cursorOf(previous) };
        ids.add(event.id);
        found.push(event);
      }
      read += group.length;
      // Everything of this minute was seen: the next page begins before it.
      if (read >= MOST_ITEMS)
        return { events: found, next: { at: `${String(group[0]?.['sk']).slice(0, 16)}:00.000Z`, id: '' } };
    }
    return { events: found };
  }

  /** Items of one minute after the other, the newest first. */
  async *#minutes(cluster: string, first: string, last: string, routine: boolean) {
    let group: Awaited<ReturnType<Table['query']>> = [];
    for (const month of monthsBack(first, last)) {
      const partitions = [eventMonth(cluster, false, month), ...(routine ? [eventMonth(cluster, true, month)] : [])];
      for await (const item of newestOf(this.#table, partitions, `${minuteOf(last)}~`)) {
        const minute = String(item['sk']).slice(0, 16);
        if (minute < minuteOf(first)) break;
        if (group.length > 0 && minute !== String(group[0]?.['sk']).slice(0, 16)) {
          yield group;
          group = [];
        }
        group.push(item);
      }
    }
    if (group.length > 0) yield group;
  }
}

/** Order of events, for sorting: newest first, by time and id. */
export function newestFirst(a: EventCursor, b: EventCursor): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

function cursorOf({ at, id }: Event): EventCursor {
  return { at, id };
}

/** The first of every month that a range touches, the last one first. */
function* monthsBack(first: string, last: string): Generator<Date> {
  const month = new Date(`${last.slice(0, 7)}-01T00:00:00Z`);
  for (; month.getTime() > Date.parse(first) - 31 * DAY_MS && month.toISOString().slice(0, 7) >= first.slice(0, 7); ) {
    yield new Date(month);
    month.setUTCMonth(month.getUTCMonth() - 1);
  }
}

function minuteOf(at: string): string {
  return at.slice(0, 16);
}
