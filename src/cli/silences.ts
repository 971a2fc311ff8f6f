import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { effectiveRules } from '../alerts/effective.ts';
import { unknownSubject } from '../alerts/silence-subject.ts';
import { silenceSchema } from '../alerts/suppression.ts';
import { alertHistoryRoute } from '../api/alert-routes.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { durationMs } from '../config/scalars.ts';
import { LABEL_NAME } from '../metrics/sample.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printTable, printText } from './output.ts';
import { withReader } from './reader.ts';
import { clustersOf, running } from './running.ts';
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
  const ms = durationMs(options.for);
  if (ms === undefined) throw new CommandFailure(EXIT.usage, `--for must be a duration such as 2h, not ${options.for}`);
  const labels = Object.fromEntries((options.label ?? []).map(labelOf));
  const asked = {
    cluster: options.cluster || undefined,
    rule: options.rule || undefined,
    labels: options.label?.length ? labels : undefined,
    comment: options.comment || undefined,
  };
  const silence = await running(
    config,
    'POST',
    '/silences',
    { ...asked, for: options.for },
    shownSilence,
    async (stores) => {
      const clusters = clustersOf(config);
      const rules = effectiveRules(config.alerts, catalogOf(collectorsOf(config))).rules.map(({ id }) => id);
      const unknown = unknownSubject(asked, clusters, rules);
      if (unknown) throw new CommandFailure(EXIT.usage, unknown);
      const now = Date.now();
      const { createdAt, ...made } = {
        ...asked,
        id: randomBytes(4).toString('hex'),
        until: new Date(now + ms).toISOString(),
        createdAt: new Date(now).toISOString(),
      };
      await stores.silences.put({ ...made, createdAt });
      return { ...made, created_at: createdAt };
    },
  );
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
  const schema = z.object({ items: z.array(shownSilence) });
  const { items: silences } = await running(config, 'GET', '/silences', undefined, schema, async (stores) => ({
    items: (await stores.silences.active(new Date())).map(({ createdAt, ...one }) => ({
      ...one,
      created_at: createdAt,
    })),
  }));
  if (options.json) printJson({ silences });
  else if (silences.length === 0) printText('no silences');
  else
    printTable(
      ['Id', 'Until', 'Target', 'Rule', 'Labels', 'Comment'],
      silences.map(({ id, until, cluster, rule, labels, comment }) => [
        id,
        until,
        cluster ?? 'all',
        rule ?? 'all',
        labels ? JSON.stringify(labels) : 'all',
        comment ?? '',
      ]),
    );
  return EXIT.done;
}

/** Ends a silence. */
export async function unsilenceCommand(id: string, options: Options): Promise<ExitCode> {
  const config = readConfig(options.config);
  const gone = await running(
    config,
    'DELETE',
    `/silences/${encodeURIComponent(id)}`,
    undefined,
    z.unknown(),
    async (stores) => {
      if (await stores.silences.delete(id)) return undefined;
      throw new CommandFailure(EXIT.found, `no silence has the id ${id}`);
    },
  );
  if (options.json) printJson({ ended: id, answer: gone });
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
