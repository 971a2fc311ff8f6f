import * as z from 'zod';
import { catalogRules } from '../alerts/rules/index.ts';
import { type RunbookPage, runbook } from '../alerts/runbook.ts';
import { selfRunbook } from '../alerts/self-runbook.ts';
import { canaryStatement } from '../collectors/canary.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectors } from '../collectors/index.ts';
import { configSchema } from '../config/schema.ts';
import { channelReference } from './channel-reference.ts';

/** Files that follow from the code, by path: checked in, so that editors and readers have them, and never edited. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['pgmon.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['docs/metrics.md', metricReference()],
    ['docs/runbook.md', runbookText()],
    ['docs/channels.md', channelReference()],
  ]);
}

function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'pgmon configuration' };
}

function metricReference(): string {
  const catalog = catalogOf([...collectors, canaryStatement('SELECT 1')]);
  const rows = [...catalog.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, unit, labels, loop, collector, cloudwatch, help }) =>
      [
        `\`${name}\``,
        type,
        unit,
        ['cluster', ...labels].join(', '),
        loop,
        collector,
        cloudwatch ? `${cloudwatch.fold} by ${cloudwatch.by}` : '',
        help,
      ].join(' | '),
    );
  return [
    '# Metrics',
    '',
    'Written by `npm run generate` from the collectors; a test of `npm run check` keeps it so.',
    '',
    'Every metric carries the label `cluster`. Those of one database carry `db`; a value of the whole server has none,',
    'which Prometheus treats as the empty label. Counters are cumulative on `/metrics` and rates per second on CloudWatch.',
    'A loop that missed five passes, and at least 5 min, is on `/metrics` with `pgmon_last_pass_timestamp_seconds` alone: alert on',
    '`time() - pgmon_last_pass_timestamp_seconds`. Names of databases in CloudWatch dimensions are percent-encoded where they are',
    'not printable ASCII.',
    '`untyped` marks a gauge whose name ends in `_total`. The column CloudWatch says how the labels are folded there;',
    'where it is empty, the metric is not published to it.',
    '',
    '| metric | type | unit | labels | loop | collector | CloudWatch | meaning |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

function runbookText(): string {
  return [
    '# Runbook',
    '',
    'Written by `npm run generate` from `src/alerts/runbook.ts`. One page for each rule of the catalog, under its id.',
    '`pgmon alerts list` prints thresholds and where they come from; `alerts.rules.<id>` in the configuration changes them,',
    '`pgmon alerts silence --rule <id> --for 2h` keeps a rule quiet for a while.',
    '',
    ...catalogRules.flatMap(({ id, title }) => {
      const page = runbook[id];
      if (!page) throw new Error(`no page in the runbook for the rule ${id}`);
      return pageText(id, title, page);
    }),
    '# Alarms on pgmon itself',
    '',
    'Alarms of CloudWatch that a deployment makes (`src/alerts/self-runbook.ts`). They go to the topic of all alerts.',
    '',
    ...Object.entries(selfRunbook).flatMap(([id, page]) => pageText(id, `Alarm “${id.replaceAll('_', ' ')}”`, page)),
  ].join('\n');
}

function pageText(id: string, title: string, page: RunbookPage): string[] {
  return [
    `## ${id}`,
    '',
    `*${title}.*`,
    '',
    `**What it means.** ${page.meaning}`,
    '',
    `**Look further.** ${page.look}`,
    '',
    `**Resolve.** ${page.resolve}`,
    '',
    `**Make it quieter.** ${page.quieter}`,
    '',
  ];
}
