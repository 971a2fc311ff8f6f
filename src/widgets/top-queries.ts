import { html } from 'hono/html';
import * as z from 'zod';
import { secondsText } from '../alerts/format.ts';
import { bar, table, taken } from './parts.ts';
import { meta, type Widget } from './widget.ts';

const answer = meta.extend({
  items: z.array(
    z.object({
      db: z.string(),
      queryid: z.string(),
      text: z.string().nullable(),
      calls: z.number(),
      exec_seconds: z.number(),
      mean_seconds: z.number().nullable(),
      share: z.number(),
    }),
  ),
});

/** Statements by the time they took, of the last quarter of an hour. */
export const topQueries: Widget = {
  title: 'Top queries',
  collectors: ['statements'],
  body: async (ask, cluster) => {
    const found = await ask(`/api/v1/top-queries?cluster=${encodeURIComponent(cluster)}&window=15m&limit=15`, answer);
    return html`${taken(found)}${table(
      [
        { head: 'Share', cell: ({ share }) => bar(share) },
        { head: 'Time', kind: 'number', cell: ({ exec_seconds }) => secondsText(exec_seconds) },
        { head: 'Calls', kind: 'number', cell: ({ calls }) => calls.toLocaleString('en-US') },
        {
          head: 'Mean',
          minor: true,
          kind: 'number',
          cell: ({ mean_seconds }) => (mean_seconds === null ? '–' : secondsText(mean_seconds)),
        },
        { head: 'Database', minor: true, cell: ({ db }) => db },
        {
          head: 'Statement',
          kind: 'wide',
          cell: ({ text, queryid }) =>
            html`<code>${(text ?? `queryid ${queryid}`).replace(/\s+/g, ' ').slice(0, 300)}</code>`,
        },
      ],
      found.items,
      'No statement ran in the last 15 minutes, or pg_stat_statements is not installed.',
    )}`;
  },
};
