import * as z from 'zod';
import { LOOPS, type Loop } from '../config/loop.ts';
import { ALERTS_FIRING } from '../metrics/self.ts';
import { type LatestSnapshot, latestSchema, refusalOf, type Snapshot } from '../metrics/snapshot.ts';
import { keys, partitionsOf } from './keys.ts';
import { putValue, readValue } from './parts.ts';
import type { Attributes, ReadOptions, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** A removed target leaves the list after this many days. */
const FORGET_SECONDS = 30 * 86_400;
const SEEN = 'seen ';
const PROBLEM = 'problem ';
/** When the target last answered the loop, and what else the list of all targets says: JSON of {@link summarySchema}. */
const SUMMARY = 'summary ';

const summarySchema = z.object({
  goodAt: z.string().optional(),
  version: z.string().optional(),
  role: z.enum(['primary', 'standby']).optional(),
  /** Names of its databases, of the workload loop. */
  databases: z.array(z.string()).optional(),
  /** How many alerts of the loop fire, by severity. */
  firing: z.record(z.string(), z.number()),
});
type Summary = z.output<typeof summarySchema>;

/** Of every loop, when it was seen, its problem or why its role is refused, and a summary, by the names above. */
const targetSchema = z.object({ pk: z.string(), sk: z.string() }).catchall(z.string());
type Target = z.output<typeof targetSchema>;

/** How the last pass of a loop over a target ended, without what it saw. */
export interface Verdict {
  readonly cluster: string;
  readonly loop: Loop;
  readonly takenAt: string;
  readonly problem?: { readonly message: string };
  /** Undefined where an earlier version wrote it. */
  readonly summary?: Summary;
}

/** The latest snapshot of every loop and target, and the list of targets. */
export class SnapshotStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;
  /** Reads under way: an answer needs the last hot pass for each loop that it is about. */
  readonly #reading = new Map<string, Promise<LatestSnapshot | undefined>>();

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Keeps what a pass saw; of a target that did not answer, beside it what was seen when it last did. */
  async put(snapshot: Snapshot): Promise<void> {
    const { cluster, loop, takenAt, problem } = snapshot;
    const expires = Math.floor(Date.parse(takenAt) / 1_000) + FORGET_SECONDS;
    const before = snapshot.up ? undefined : await this.get(cluster, loop, { consistent: true });
    const lastGood = before?.up ? before : before?.lastGood;
    const findings = [...snapshot.findings, ...this.#unreadable.warnings(cluster).map(unreadableFinding)];
    const latest: LatestSnapshot = { ...snapshot, findings, ...(lastGood ? { lastGood } : {}) };
    await putValue(this.#table, keys.latest(cluster, loop), latest, { expires });
    await this.#table.set(keys.target(cluster), {
      [SEEN + loop]: takenAt,
      [PROBLEM + loop]: problem?.message ?? refusalOf(snapshot.findings)?.message ?? '',
      [SUMMARY + loop]: JSON.stringify(summaryOf(latest)),
      expires,
    });
  }

  /** How the last passes of all targets ended: one read of a page or two, where the snapshots of 1,000 targets are 4,000. */
  async verdicts(): Promise<Verdict[]> {
    return (await this.#targets()).flatMap(({ sk: cluster, ...item }) =>
      LOOPS.flatMap((loop) => {
        const [takenAt, problem, text] = [item[SEEN + loop], item[PROBLEM + loop], item[SUMMARY + loop]];
        if (takenAt === undefined) return [];
        const parse = () => summarySchema.parse(JSON.parse(text ?? ''));
        const summary = text && this.#unreadable.read('target', keys.target(cluster), parse, SUMMARY + loop);
        const said = { ...(problem ? { problem: { message: problem } } : {}), ...(summary ? { summary } : {}) };
        return [{ cluster, loop, takenAt, ...said }];
      }),
    );
  }

  /** When each loop last gave a snapshot of a target, RFC 3339. */
  async seen(cluster: string): Promise<ReadonlyMap<Loop, string>> {
    const found = await this.#table.get(keys.target(cluster));
    const item = found && this.#target(found);
    return new Map(
      LOOPS.flatMap((loop) => {
        const at = item?.[SEEN + loop];
        return at === undefined ? [] : [[loop, at]];
      }),
    );
  }

  /** Who asks while another reads the same shares its answer, but for consistent reads. */
  async get(cluster: string, loop: Loop, options: ReadOptions = {}): Promise<LatestSnapshot | undefined> {
    if (options.consistent) return await this.#read(cluster, loop, options);
    const key = `${loop} ${cluster}`;
    const reading =
      this.#reading.get(key) ?? this.#read(cluster, loop, options).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return await reading;
  }

  async #read(cluster: string, loop: Loop, options: ReadOptions): Promise<LatestSnapshot | undefined> {
    const kind = { kind: 'snapshot', schema: latestSchema, unreadable: this.#unreadable };
    return await readValue(this.#table, keys.latest(cluster, loop), kind, options);
  }

  /** The latest snapshots of all loops of a target that ever ran. */
  async all(cluster: string): Promise<LatestSnapshot[]> {
    const found = await Promise.all(LOOPS.map((loop) => this.get(cluster, loop)));
    return found.filter((snapshot) => snapshot !== undefined);
  }

  /** Names of all targets that were watched in the last 30 days. */
  async clusters(): Promise<string[]> {
    return (await this.#targets()).map(({ sk }) => sk).toSorted();
  }

  /** Items of all targets. One that lies where its target no longer writes is old. */
  async #targets(): Promise<Target[]> {
    const items = await Promise.all(partitionsOf('TARGETS').map((pk) => this.#table.query(pk)));
    return items.flat().flatMap((item) => {
      const target = this.#target(item);
      return target && target.pk === keys.target(target.sk).pk ? [target] : [];
    });
  }

  #target(item: Attributes): Target | undefined {
    const { expires: _, ...texts } = item;
    const key = { pk: String(item['pk']), sk: String(item['sk']) };
    return this.#unreadable.read('target', key, () => targetSchema.parse(texts));
  }
}

function summaryOf(latest: LatestSnapshot): Summary {
  const good = latest.up ? latest : latest.lastGood;
  const { version, role } = good?.server ?? {};
  const databases = latest.loop === 'workload' ? good?.rows['databases']?.map(({ db }) => String(db)) : undefined;
  const firing = latest.samples.flatMap(({ metric, labels, value }): [string, number][] =>
    metric === ALERTS_FIRING && labels['loop'] === latest.loop ? [[labels['severity'] ?? '', value]] : [],
  );
  return {
    ...(good ? { goodAt: good.takenAt } : {}),
    ...(version ? { version } : {}),
    ...(role ? { role } : {}),
    ...(databases ? { databases } : {}),
    firing: Object.fromEntries(firing),
  };
}

function unreadableFinding(message: string): Snapshot['findings'][number] {
  return { aspect: 'store', severity: 'warning', message };
}
