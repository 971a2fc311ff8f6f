import { randomBytes } from 'node:crypto';
import { eventsRoute } from '../api/event-routes.ts';
import { timeOf } from '../api/time.ts';
import type { Event } from '../events/event.ts';
import { eventKinds } from '../events/kinds/index.ts';
import { newEvent, postedEvent, reservedKind } from '../events/posted.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';
import { withReader } from './reader.ts';
import { clustersOf, running } from './running.ts';
import { askedTime, type Clock, clockOf, pastTime, type TimeOptions } from './times.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly cluster?: string;
}

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
  options: Options & TimeOptions & { readonly since?: string; readonly kind?: string; readonly all?: boolean },
): Promise<ExitCode> {
  const config = readConfig(options.config);
  const now = new Date();
  if (options.since !== undefined && options.from !== undefined)
    throw new CommandFailure(EXIT.usage, '--since is another word for --from: give one of them');
  const range = {
    ...askedTime(options, now),
    ...(options.since === undefined ? {} : { from: pastTime('--since', options.since, now) }),
  };
  const clusters = options.cluster === undefined ? clustersOf(config) : [options.cluster];
  const severity = options.all ? 'info' : 'notice';
  const answers = await withReader(config, async (read) => {
    const found = [];
    for (const cluster of clusters)
      found.push(await read(eventsRoute, { cluster, ...range, severity, kind: options.kind, limit: String(LIMIT) }));
    return found;
  });
  const events = answers
    .flatMap(({ items }): Event[] => items)
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, LIMIT);
  const clock = clockOf(options);
  if (options.json) printJson({ events });
  else if (events.length === 0) printText(nothingFound(answers, clock));
  else
    printTable(
      [`Time (${clock.zone})`, 'Target', 'Kind', 'Database', 'What'],
      events.map(({ at, cluster, kind, db, text }) => [clock.text(at), cluster, kind, db ?? '', text]),
    );
  return EXIT.done;
}

/** That there are none, of when, and where the data begins if that is later. */
function nothingFound(
  answers: readonly { from: string; to: string; since?: string | undefined }[],
  clock: Clock,
): string {
  const [first] = answers;
  if (!first) return 'no events';
  const begins = answers.flatMap(({ since }) => since ?? []).toSorted()[0];
  const since = begins === undefined ? '' : `; the data begins at ${clock.text(begins)}`;
  return `no events from ${clock.text(first.from)} to ${clock.text(first.to)} (${clock.zone})${since}`;
}
