import * as z from 'zod';
import { silenceSchema } from '../alerts/suppression.ts';
import { alertHistoryRoute, alertsRoute, silencesRoute } from '../api/alert-routes.ts';
import { durationMs } from '../config/scalars.ts';
import { LABEL_NAME } from '../metrics/sample.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';
import { callApi, cliUser, withReader } from './reader.ts';
import { askedTime, clockOf, type TimeOptions } from './times.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

const shownSilence = silenceSchema.omit({ createdAt: true }).extend({ created_at: z.string() });

/** Tells nobody of matching alerts for a while. */
export async function silenceCommand(
  options: Options & {
    readonly cluster?: string;
    readonly rule?: string;
    readonly label?: readonly string[];
    readonly for: string;
    readonly comment?: string;
  },
): Promise<ExitCode> {
  const config = readConfig(options.config);
  if (durationMs(options.for) === undefined)
    throw new CommandFailure(EXIT.usage, `--for must be a duration such as 2h, not ${options.for}`);
  const labels = Object.fromEntries((options.label ?? []).map(labelOf));
  const asked = {
    cluster: options.cluster || undefined,
    rule: options.rule || undefined,
    labels: options.label?.length ? labels : undefined,
    comment: options.comment || undefined,
  };
  const silence = await callApi(config, 'POST', '/silences', shownSilence, {
    ...asked,
    for: options.for,
    by: cliUser(),
  });
  if (options.json) printJson(silence);
  else printText(`silence ${silence.id} until ${silence.until}; pgmon alerts unsilence ${silence.id} ends it`);
  return EXIT.done;
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  if (!LABEL_NAME.test(name))
    throw new CommandFailure(EXIT.usage, `--label must be name=value, such as relation=public.orders, not ${text}`);
  return [name, text.slice(at + 1)];
}

/** Silences that hold now. */
export async function silencesCommand(options: Options): Promise<ExitCode> {
  const config = readConfig(options.config);
  const { items: silences } = await withReader(config, (read) => read(silencesRoute, {}));
  if (options.json) printJson({ silences });
  else if (silences.length === 0) printText('no silences');
  else
    printTable(
      ['Id', 'Until', 'Target', 'Rule', 'Labels', 'By', 'Comment'],
      silences.map(({ id, until, cluster, rule, labels, by, comment }) => [
        id,
        until,
        cluster ?? 'all',
        rule ?? 'all',
        labels ? JSON.stringify(labels) : 'all',
        by ?? '',
        comment ?? '',
      ]),
    );
  return EXIT.done;
}

/** Acknowledges an open alert: it is not repeated, and its end is still sent. */
export async function acknowledgeCommand(fingerprint: string, options: Options): Promise<ExitCode> {
  const config = readConfig(options.config);
  const by = cliUser();
  await callApi(config, 'POST', `/alerts/${encodeURIComponent(fingerprint)}/acknowledge`, z.unknown(), { by });
  if (options.json) printJson({ acknowledged: fingerprint, by });
  else printText(`${fingerprint} acknowledged by ${by}`);
  return EXIT.done;
}

/** Open alerts, each with the fingerprint that `acknowledge` takes. */
export async function openCommand(options: Options & { readonly cluster?: string }): Promise<ExitCode> {
  const config = readConfig(options.config);
  const { items } = await withReader(config, (read) => read(alertsRoute, { cluster: options.cluster }));
  const alerts = items.filter(({ state }) => state === 'firing');
  if (options.json) printJson({ alerts });
  else if (alerts.length === 0) printText('no open alerts');
  else
    printTable(
      ['Fingerprint', 'Severity', 'Target', 'Rule', 'Since', 'Message', 'Acknowledged'],
      alerts.map(({ fingerprint, severity, cluster, rule, since, message, acknowledged }) => [
        fingerprint,
        severity,
        cluster,
        rule,
        since.slice(0, 19).replace('T', ' '),
        message,
        acknowledged ? (acknowledged.by ?? 'yes') : '',
      ]),
    );
  return EXIT.done;
}

/** Ends a silence. */
export async function unsilenceCommand(id: string, options: Options): Promise<ExitCode> {
  const config = readConfig(options.config);
  await callApi(config, 'DELETE', `/silences/${encodeURIComponent(id)}`, z.unknown());
  if (options.json) printJson({ ended: id });
  else printText(`silence ${id} ended`);
  return EXIT.done;
}

/** What happened to alerts, the newest first. */
export async function historyCommand(
  options: Options & TimeOptions & { readonly limit: string; readonly cluster?: string },
): Promise<ExitCode> {
  const config = readConfig(options.config);
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new CommandFailure(EXIT.usage, '--limit must be 1 to 500');
  const range = askedTime(options, new Date());
  const query = { limit: String(limit), cluster: options.cluster, ...range };
  const { items: transitions, since } = await withReader(config, (read) => read(alertHistoryRoute, query));
  const clock = clockOf(options);
  if (options.json) printJson({ transitions });
  else if (transitions.length === 0)
    printText(
      `no alerts ${Object.keys(range).length === 0 ? 'so far' : 'in this range'}${since === undefined ? '' : `; the data begins at ${clock.text(since)} (${clock.zone})`}`,
    );
  else
    printTable(
      [`Time (${clock.zone})`, 'Change', 'Target', 'Rule', 'Message'],
      transitions.map(({ at, kind, severity, cluster, rule, message, suppressed }) => [
        clock.text(at),
        `${kind} ${severity}`,
        cluster,
        rule,
        suppressed ? `${message}\n(${suppressed})` : message,
      ]),
    );
  return EXIT.done;
}
