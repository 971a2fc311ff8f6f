import { html } from 'hono/html';
import * as z from 'zod';
import { secondsText } from '../alerts/format.ts';
import { table, taken } from './parts.ts';
import { meta, type Widget } from './widget.ts';

const number = z.number().nullish();
const tables = meta.extend({
  items: z.array(
    z.object({
      db: z.string(),
      relation: z.string(),
      dead_tuples: number,
      live_tuples: number,
      vacuum_threshold: number,
      autovacuum_seconds: number,
    }),
  ),
});
const progress = meta.extend({
  items: z.array(
    z.object({ pid: number, relation: z.string().nullish(), phase: z.string().nullish(), age_seconds: number }),
  ),
});

const count = (value: number | null | undefined) => (value == null ? '–' : Math.round(value).toLocaleString('en-US'));

/** Tables with most dead rows against the threshold at which autovacuum comes, and vacuums at work. */
export const autovacuum: Widget = {
  title: 'Autovacuum',
  collectors: ['vacuum', 'vacuum_progress'],
  body: async (ask, cluster) => {
    const path = `/api/v1/autovacuum?cluster=${encodeURIComponent(cluster)}`;
    const [found, working] = await Promise.all([
      ask(`${path}&kind=tables&sort=-dead_tuples&limit=12`, tables),
      ask(`${path}&kind=progress`, progress),
    ]);
    return html`${taken(found)}${table(
      [
        { head: 'Table', kind: 'wide', cell: ({ relation }) => relation },
        { head: 'Database', minor: true, cell: ({ db }) => db },
        {
          head: 'Dead rows',
          kind: 'number',
          cell: ({ dead_tuples, vacuum_threshold }) =>
            html`<span class="${(dead_tuples ?? 0) > (vacuum_threshold ?? Number.POSITIVE_INFINITY) ? 'warn' : ''}">${count(dead_tuples)}</span>`,
        },
        { head: 'Threshold', minor: true, kind: 'number', cell: ({ vacuum_threshold }) => count(vacuum_threshold) },
        { head: 'Live rows', minor: true, kind: 'number', cell: ({ live_tuples }) => count(live_tuples) },
        {
          head: 'Autovacuum',
          kind: 'number',
          cell: ({ autovacuum_seconds: ago }) => (ago == null ? 'never' : `${secondsText(ago)} ago`),
        },
      ],
      found.items,
      'No table has dead rows, or this is a standby.',
    )}${
      working.items.length === 0
        ? html`<p class="quiet">No vacuum runs now.</p>`
        : working.items.map(
            ({ pid, relation, phase, age_seconds }) =>
              html`<p>pid ${pid}: ${relation ?? '–'}, ${phase ?? '–'}, for ${secondsText(age_seconds ?? 0)}</p>`,
          )
    }`;
  },
};
