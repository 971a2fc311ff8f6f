/** Messages that a channel gets at the same time. */
const WIDTH = 16;

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 300;

/**
 * What waits for one channel. Changes of one alert go in their order, one after the other; different alerts go at the
 * same time. A channel that fails is left alone for 5 s, longer each time up to 5 min or as long as it asks, and then
 * tried with one message, each time another one: one that it never takes holds back only its own alert.
 */
export class Lane {
  /** Keys of entries, by alert. */
  readonly #queues = new Map<string, string[]>();
  readonly #busy = new Set<string>();
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  add(fingerprint: string, key: string): void {
    const queue = this.#queues.get(fingerprint);
    if (queue) queue.push(key);
    else this.#queues.set(fingerprint, [key]);
  }

  /** How many messages it may get now, epoch seconds. */
  width(now: number): number {
    if (this.#pausedUntil > now) return 0;
    return this.#failures > 0 ? 1 : WIDTH;
  }

  /** The next entries that are due, none of an alert of which one is under way. */
  take(width: number, isDue: (key: string) => boolean): string[] {
    const taken: string[] = [];
    if (width === 0) return taken;
    for (const [fingerprint, [first]] of this.#queues) {
      if (taken.length === width) break;
      if (first === undefined || this.#busy.has(fingerprint) || !isDue(first)) continue;
      this.#busy.add(fingerprint);
      taken.push(first);
    }
    return taken;
  }

  took(key: string, fingerprint: string): void {
    this.#failures = 0;
    this.remove(fingerprint, key);
  }

  /** @returns seconds after which this entry is to be tried again */
  failed(fingerprint: string, now: number, asked: number | undefined): number {
    this.#busy.delete(fingerprint);
    // Those that were sent at the same time failed of the same cause.
    if (this.#pausedUntil <= now) this.#failures += 1;
    const pause = asked ?? Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#failures - 1));
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    return pause;
  }

  remove(fingerprint: string, key: string): void {
    this.#busy.delete(fingerprint);
    const rest = (this.#queues.get(fingerprint) ?? []).filter((one) => one !== key);
    if (rest.length > 0) this.#queues.set(fingerprint, rest);
    else this.#queues.delete(fingerprint);
  }
}
