import * as z from 'zod';
import { secondsText } from '../alerts/format.ts';
import { incidentDetails, shownDetails, shownIncident, shownOf } from '../api/shown-incident.ts';
import { timeOf } from '../api/time.ts';
import type { Config } from '../config/schema.ts';
import { type IncidentRange, incidentsIn, openIncident, timesOf } from '../store/incident-reading.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';
import { running } from './running.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

const clustersOf = (config: Config): string[] =>
  config.targets.length > 0 ? config.targets.map(({ cluster }) => cluster) : ['demo'];

const answer = z.object({
  times: z
    .object({ incidents: z.number(), mtta_seconds: z.number().nullable(), mttr_seconds: z.number().nullable() })
    .optional(),
  items: z.array(shownIncident),
});

/** Incidents, the newest first, with the mean times to acknowledge and to end them. */
export async function incidentsCommand(
  options: Options & {
    readonly since: string;
    readonly cluster?: string;
    readonly open?: boolean;
    readonly limit: string;
  },
): Promise<ExitCode> {
  const config = readConfig(options.config);
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new CommandFailure(EXIT.usage, '--limit must be 1 to 500');
  const now = new Date();
  const from = timeOf(/^\d+[smhdw]$/.test(options.since) ? `-${options.since}` : options.since, now);
  if (!from || from >= now)
    throw new CommandFailure(EXIT.usage, `--since must be a time such as 24h, 7d or RFC 3339, not ${options.since}`);
  const clusters = clustersOf(config);
  if (options.cluster !== undefined && !clusters.includes(options.cluster))
    throw new CommandFailure(EXIT.usage, `no target is named ${options.cluster}`);
  const query = new URLSearchParams({
    from: from.toISOString(),
    limit: String(limit),
    ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
    ...(options.open ? { state: 'open' } : {}),
  });
  const { times, items } = await running(config, 'GET', `/incidents?${query}`, undefined, answer, async (stores) => {
    const range: IncidentRange = {
      clusters: options.cluster === undefined ? clusters : [options.cluster],
      from,
      to: now,
      state: options.open ? 'open' : undefined,
    };
    const { incidents } = await incidentsIn(stores.incidents, range, limit);
    const { count, mtta, mttr } = await timesOf(stores.incidents, range);
    return {
      times: { incidents: count, mtta_seconds: mtta, mttr_seconds: mttr },
      items: incidents.map((incident) => shownOf(incident, now)),
    };
  });
  if (options.json) {
    printJson({ times, incidents: items });
    return EXIT.done;
  }
  if (items.length === 0) {
    printText(`no incidents since ${from.toISOString()}`);
    return EXIT.done;
  }
  printTable(
    ['Opened', 'State', 'Lasted', 'Target', 'What', 'Alerts', 'Acknowledged', 'Id'],
    items.map((one) => [
      clock(one.opened_at),
      one.state === 'open' ? `open ${one.severity}` : `ended ${one.highest}`,
      secondsText(one.seconds),
      one.clusters.length > 3 ? `${one.clusters.length} targets` : one.clusters.join(', '),
      `${one.title}: ${one.message}`,
      String(one.alerts.all),
      one.acknowledged ? (one.acknowledged.by ?? 'yes') : '',
      one.id,
    ]),
  );
  const mean = (seconds: number | null | undefined) => (seconds == null ? 'none' : secondsText(seconds));
  printText(`mean time to acknowledge: ${mean(times?.mtta_seconds)}; to end: ${mean(times?.mttr_seconds)}`);
  return EXIT.done;
}

/** One incident with its alerts and its timeline. */
export async function incidentCommand(id: string, options: Options): Promise<ExitCode> {
  const config = readConfig(options.config);
  const one = await running(
    config,
    'GET',
    `/incidents/${encodeURIComponent(id)}`,
    undefined,
    shownDetails,
    async (stores) => {
      const incident =
        (await openIncident(stores.incidents, clustersOf(config), id)) ?? (await stores.incidents.past(id));
      if (!incident) throw new CommandFailure(EXIT.found, `no incident has the id ${id}`);
      return incidentDetails(incident, new Date(), true);
    },
  );
  if (options.json) {
    printJson(one);
    return EXIT.done;
  }
  const end = one.ended_at === null ? 'open' : `ended at ${clock(one.ended_at)}`;
  printText(`${one.title} on ${one.clusters.join(', ')}: ${one.message}`);
  printText(
    `${one.highest}, caused by ${one.cause.text}, since ${clock(one.since)}, ${end}, ${secondsText(one.seconds)}`,
  );
  printTable(
    ['Time', 'What', 'Text'],
    one.timeline.map(({ at, kind, severity, text }) => [clock(at), severity ? `${kind} ${severity}` : kind, text]),
  );
  printTable(
    ['Severity', 'Target', 'Alert', 'Message'],
    one.worst.map(({ severity, cluster, rule, message, ended_at }) => [
      ended_at === null ? severity : `${severity}, over`,
      cluster,
      rule,
      message,
    ]),
  );
  return EXIT.done;
}

/** Acknowledges an incident: it is not repeated any more. */
export async function acknowledgeCommand(id: string, options: Options & { readonly by?: string }): Promise<ExitCode> {
  const config = readConfig(options.config);
  const path = `/incidents/${encodeURIComponent(id)}/acknowledge`;
  const body = options.by === undefined ? {} : { by: options.by };
  await running(config, 'POST', path, body, z.unknown(), async (stores) => {
    const incident = await openIncident(stores.incidents, clustersOf(config), id);
    if (!incident || incident.endedAt !== undefined)
      throw new CommandFailure(EXIT.found, `no open incident has the id ${id}`);
    await stores.acknowledgements.put({ fingerprint: id, at: new Date().toISOString(), by: options.by });
    return undefined;
  });
  if (options.json) printJson({ acknowledged: id });
  else printText(`incident ${id} acknowledged`);
  return EXIT.done;
}

function clock(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
