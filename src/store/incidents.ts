import * as z from 'zod';
import {
  type Incident,
  incidentSchema,
  openedAtOf,
  type PastIncident,
  pastIncidentSchema,
  pastOf,
} from '../incidents/incident.ts';
import { pack, unpack } from './codec.ts';
import { incidentMonth, keys, partitionsOf } from './keys.ts';
import { newestOf } from './newest.ts';
import { putValue, readValue } from './parts.ts';
import type { ReadOptions, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const OPEN_SECONDS = 30 * 86_400;
const PAST_DAYS = 400;
const PAST_SECONDS = PAST_DAYS * 86_400;

/** Calendar months in which 400 days can be. */
const KEPT_MONTHS = 15;

const bytesSchema = z.instanceof(Uint8Array);
const storedSchema = z.object({ revision: z.number(), folded: z.number(), incidents: z.array(incidentSchema) });

/** Open incidents of a target after a write. */
export interface IncidentState {
  /** Grows with every write; messages in the outbox have that of the state which knows of them. */
  readonly revision: number;
  /** Revision of the hot loop's alerts whose transitions are in it. */
  readonly folded: number;
  readonly incidents: readonly Incident[];
}

/** Incidents: those that are open in an item of each target, those that are over by the month in which they opened. */
export class IncidentStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** @param options consistent for the loop that continues from them */
  async open(cluster: string, options: ReadOptions = {}): Promise<IncidentState> {
    const kind = { kind: 'incidents', schema: storedSchema, unreadable: this.#unreadable };
    return (
      (await readValue(this.#table, keys.incidents(cluster), kind, options)) ?? {
        revision: 0,
        folded: 0,
        incidents: [],
      }
    );
  }

  async putOpen(cluster: string, state: IncidentState, now: Date): Promise<void> {
    const expires = Math.floor(now.getTime() / 1_000) + OPEN_SECONDS;
    await putValue(this.#table, keys.incidents(cluster), state, { expires });
  }

  /** Writing one twice leaves one, as it was last. */
  async putPast(cluster: string, incident: Incident): Promise<void> {
    const openedAt = openedAtOf(incident.id);
    await this.#table.put(keys.pastIncident(cluster, openedAt, incident.id), {
      data: pack(pastOf(incident)),
      expires: Math.floor(incident.endedAt ?? incident.openedAt) + PAST_SECONDS,
    });
  }

  /** One that is over, by its id, which says when it opened. */
  async past(id: string): Promise<PastIncident | undefined> {
    const openedAt = openedAtOf(id);
    if (Number.isNaN(openedAt.getTime())) return undefined;
    const { sk } = keys.pastIncident('', openedAt, id);
    for (const pk of partitionsOf(incidentMonth(openedAt))) {
      const item = await this.#table.get({ pk, sk });
      if (item) return this.#pastIn(item);
    }
    return undefined;
  }

  /** Those that opened before a time, the newest first, for as long as somebody takes them; 400 days at most. */
  async *walk(before: string, from: Date): AsyncGenerator<PastIncident> {
    const last = new Date(before.slice(0, 24));
    const month = new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth()));
    const oldest = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth()));
    for (let i = 0; i < KEPT_MONTHS && month >= oldest; i++) {
      for await (const item of newestOf(this.#table, partitionsOf(incidentMonth(month)), before)) {
        const sk = String(item['sk']);
        if (sk < from.toISOString()) return;
        if (sk === before) continue;
        const incident = this.#pastIn(item);
        if (incident) yield incident;
      }
      month.setUTCMonth(month.getUTCMonth() - 1);
    }
  }

  #pastIn(item: Readonly<Record<string, unknown>>): PastIncident | undefined {
    const key = { pk: String(item['pk']), sk: String(item['sk']) };
    return this.#unreadable.read('incident', key, () =>
      pastIncidentSchema.parse(unpack(bytesSchema.parse(item['data']))),
    );
  }
}
