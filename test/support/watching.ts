import type { Loop } from '../../src/config/loop.ts';
import { eventsOf } from '../../src/events/compare.ts';
import type { Event } from '../../src/events/event.ts';
import { eventKinds } from '../../src/events/kinds/index.ts';
import { type Known, knownAfter } from '../../src/events/last-good.ts';
import { TestLoop } from './pass.ts';

/** A loop whose passes are compared, each with what was last seen. */
export class Watching {
  readonly loop: TestLoop;
  #known: Known | undefined;

  constructor(dsn: string, loop: Loop) {
    this.loop = new TestLoop(dsn, { loop });
  }

  /** One pass, and what changed since the one before. */
  async events(): Promise<Event[]> {
    const current = await this.loop.snapshot();
    const before = this.#known;
    this.#known = knownAfter(before, current, eventKinds);
    if (!before) return [];
    const comparison = { last: before.last, previous: before.good ?? before.last, current, now: new Date() };
    return eventsOf(eventKinds, comparison, (kind, error) => {
      throw new Error(kind, { cause: error });
    });
  }

  /** Passes until there is an event of this kind (of this object): statistics of 12 to 14 come late. */
  async until(kind: string, object?: string): Promise<Event> {
    const seen: Event[] = [];
    for (let i = 0; i < 100; i++) {
      seen.push(...(await this.events()));
      const found = seen.find((event) => event.kind === kind && (object === undefined || event.object === object));
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no ${kind} of ${object} among ${JSON.stringify(seen)}`);
  }
}
