import { html } from 'hono/html';
import * as z from 'zod';
import { table } from './parts.ts';
import type { Widget } from './widget.ts';

const answer = z.object({
  items: z.array(
    z.object({
      cluster: z.string(),
      title: z.string(),
      state: z.string(),
      severity: z.enum(['info', 'warning', 'critical']),
      since: z.string(),
      message: z.string(),
      action: z.string(),
    }),
  ),
});

const CLASS = { info: 'quiet', warning: 'warn', critical: 'bad' } as const;

/** Alerts of all targets, the worst first. */
export const openAlerts: Widget = {
  title: 'Open alerts',
  collectors: [],
  body: async (ask) => {
    const { items } = await ask('/api/v1/alerts', answer);
    return html`${table(
      [
        {
          head: 'Severity',
          cell: ({ severity, state }) =>
            html`<span class="${CLASS[severity]}">${severity}${state === 'pending' ? ' soon' : ''}</span>`,
        },
        { head: 'Target', cell: ({ cluster }) => cluster },
        { head: 'Since', cell: ({ since }) => `${since.slice(0, 16).replace('T', ' ')}` },
        {
          head: 'Alert and action',
          kind: 'wide',
          cell: ({ title, message, action }) =>
            html`<strong>${title}</strong>: ${message}.<br><span class="quiet">${action}</span>`,
        },
      ],
      items,
      'No alert is open.',
    )}`;
  },
};
