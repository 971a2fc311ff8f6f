import { html } from 'hono/html';
import * as z from 'zod';
import { valueText } from '../alerts/format.ts';
import { table, taken } from './parts.ts';
import { meta, type Widget } from './widget.ts';

const bytes = z.number().nullish();
const tables = meta.extend({
  items: z.array(
    z.object({ db: z.string(), relation: z.string(), size_bytes: bytes, indexes_bytes: bytes, growth_bytes: bytes }),
  ),
});
const databases = meta.extend({ items: z.array(z.object({ db: z.string(), size_bytes: bytes })) });

const size = (value: number | null | undefined) => (value == null ? '–' : valueText(value, 'Bytes'));

/** Databases and the largest tables, with what they grew. */
export const storage: Widget = {
  title: 'Storage',
  collectors: ['database_sizes', 'table_sizes'],
  body: async (ask, cluster) => {
    const path = `/api/v1/storage?cluster=${encodeURIComponent(cluster)}`;
    const [all, largest] = await Promise.all([
      ask(`${path}&kind=databases&sort=-size_bytes&limit=10`, databases),
      ask(`${path}&kind=tables&sort=-size_bytes&limit=12`, tables),
    ]);
    const line = all.items.map(({ db, size_bytes }) => `${db} ${size(size_bytes)}`).join(' · ');
    return html`${taken(largest)}<p>${line}</p>${table(
      [
        { head: 'Table', kind: 'wide', cell: ({ relation }) => relation },
        { head: 'Database', minor: true, cell: ({ db }) => db },
        { head: 'Size', kind: 'number', cell: ({ size_bytes }) => size(size_bytes) },
        { head: 'Indexes', kind: 'number', cell: ({ indexes_bytes }) => size(indexes_bytes) },
        {
          head: 'Growth',
          kind: 'number',
          cell: ({ growth_bytes: grown }) => (grown == null ? '–' : `${grown > 0 ? '+' : ''}${size(grown)}`),
        },
      ],
      largest.items,
      'No tables.',
    )}`;
  },
};
