import type { Severity } from '../../alerts/rule.ts';
import { webUrl } from '../../config/scalars.ts';
import { postJson } from '../http.ts';
import type { Message } from '../message.ts';
import { defineChannel } from './define.ts';

const COLOR: Readonly<Record<Severity, string>> = { info: '#2f6fdb', warning: '#c77700', critical: '#c62828' };

/** Slack's incoming webhook. */
export const slack = defineChannel({
  kind: 'slack',
  help: 'A Slack channel.',
  secrets: { url: webUrl.describe('Incoming webhook.') },
  schema: {},
  example: { url: 'https://hooks.slack.com/services/…', min_severity: 'warning' },
  address: ({ url }) => url,
  send: (message, { url }) => postJson(url, JSON.stringify(bodyOf(message))),
});

function bodyOf({ transition, subject, lines, link }: Message): object {
  const color = transition.kind === 'resolved' ? '#2e7d32' : COLOR[transition.severity];
  const text = lines.map(escaped).join('\n');
  const button = { type: 'button', text: { type: 'plain_text', text: 'Open pgmon' }, url: link };
  return {
    text: escaped(subject),
    attachments: [
      {
        color,
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: `*${escaped(subject)}*\n${text}`.slice(0, 3_000) } },
          ...(link ? [{ type: 'actions', elements: [button] }] : []),
        ],
      },
    ],
  };
}

/** The three characters that mean something to Slack. */
function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
