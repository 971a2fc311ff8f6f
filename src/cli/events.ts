import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { timeOf } from '../api/time.ts';
import type { Config } from '../config/schema.ts';
import { type Event, eventSchema } from '../events/event.ts';
import { eventKinds } from '../events/kinds/index.ts';
import { newEvent, postedEvent, reservedKind } from '../events/posted.ts';
import { eventsAndAlerts } from '../store/event-reading.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';
import { running } from './running.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly cluster?: string;
}

const clustersOf = (config: Config): string[] =>
  config.targets.length > 0 ? config.targets.map(({ cluster }) => cluster) : ['demo'];

/** Posts an event, such as a deployment, to one target or to all. */
export async function eventCommand(
  text: string,
  options: Options & {
    readonly kind?: string;
    readonly at?: string;
    readonly object?: string;
    readonly by?: string;
    readonly id?: string;
  },
): Promise<ExitCode> {
  const { config: file, json, ...asked } = options;
  const config = readConfig(file);
  const { data, error } = newEvent.safeParse({ text, ...asked });
  const [issue] = error?.issues ?? [];
  if (!data) throw new CommandFailure(EXIT.usage, `${issue?.path.join('.') || 'event'}: ${issue?.message}`);
  const posted = await running(config, 'POST', '/events', data, postedEvent, async (stores) => {
    const { cluster, at = 'now', id = randomBytes(8).toString('hex'), ...rest } = data;
    const now = new Date();
    const time = timeOf(at, now);
    if (!time || time > now) throw new CommandFailure(EXIT.usage, `--at must be a time such as -5m or now, not ${at}`);
    const reserved = reservedKind(rest.kind, eventKinds);
    if (reserved) throw new CommandFailure(EXIT.usage, reserved);
    const clusters = clustersOf(config);
    if (cluster !== undefined && !clusters.includes(cluster))
      throw new CommandFailure(EXIT.usage, `no target is named ${cluster}`);
    const targets = cluster === undefined ? clusters : [cluster];
    const draft = { ...rest, id, at: time.toISOString(), severity: 'notice', source: 'posted' } as const;
    const { cluster: _, ...event } = (await stores.events.post(targets, draft)).event;
    return { ...event, clusters: targets };
  });
  if (json) printJson(posted);
  else printText(`${posted.kind} ${posted.id} at ${posted.at}, on ${few(posted.clusters)}`);
  return EXIT.done;
}

function few(names: readonly string[]): string {
  return names.length > 5 ? `${names.length} targets` : names.join(', ');
}

const LIMIT = 500;

/** What changed, the newest first; of every target where none is named. */
export async function eventsCommand(
  options: Options & { readonly since: string; readonly kind?: string; readonly all?: boolean },
): Promise<ExitCode> {
  const config = readConfig(options.config);
  const now = new Date();
  // `24h` is what people write for the last 24 hours.
  const from = timeOf(/^\d+[smhdw]$/.test(options.since) ? `-${options.since}` : options.since, now);
  if (!from || from >= now)
    throw new CommandFailure(EXIT.usage, `--since must be a time such as 24h, 7d or RFC 3339, not ${options.since}`);
  const kinds = options.kind?.split(',');
  const severity = options.all ? 'info' : 'notice';
  const clusters = options.cluster === undefined ? clustersOf(config) : [options.cluster];
  const found: Event[] = [];
  for (const cluster of clusters) {
    const query = new URLSearchParams({
      cluster,
      from: from.toISOString(),
      severity,
      limit: String(LIMIT),
      ...(kinds ? { kind: kinds.join(',') } : {}),
    });
    const schema = z.object({ items: z.array(eventSchema) });
    const { items } = await running(config, 'GET', `/events?${query}`, undefined, schema, async (stores) => {
      const matches = ({ kind, severity: own }: Event) =>
        kinds ? kinds.includes(kind) : options.all || own !== 'info';
      const page = { from, to: now, limit: LIMIT, routine: options.all === true || kinds !== undefined, matches };
      return { items: [...(await eventsAndAlerts(stores, cluster, page)).events] };
    });
    found.push(...items);
  }
  const events = found.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, LIMIT);
  if (options.json) printJson({ events });
  else if (events.length === 0) printText(`no events since ${from.toISOString()}`);
  else
    printTable(
      ['Time', 'Target', 'Kind', 'Database', 'What'],
      events.map(({ at, cluster, kind, db, text }) => [
        at.slice(0, 19).replace('T', ' '),
        cluster,
        kind,
        db ?? '',
        text,
      ]),
    );
  return EXIT.done;
}
