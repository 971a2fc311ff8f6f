import * as z from 'zod';
import type { Severity } from '../../alerts/rule.ts';
import { webUrl } from '../../config/scalars.ts';
import { postJson } from '../http.ts';
import { type Message, namedLinks, remedyLabel, statementLabel } from '../message.ts';
import { defineChannel } from './define.ts';

const COLOR: Readonly<Record<Severity, string>> = { info: '#2f6fdb', warning: '#c77700', critical: '#c62828' };

/** Limits of Block Kit: more of a text refuses the whole message. */
const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;

/** What the buttons ask for, by the name that comes back with a click; their value is the fingerprint of the alert. */
export const SLACK_ACTIONS = [
  { id: 'pgmon_acknowledge', text: 'Acknowledge' },
  { id: 'pgmon_silence', text: 'Silence 1 h' },
] as const;

/** Slack's incoming webhook. */
export const slack = defineChannel({
  kind: 'slack',
  help:
    'A Slack channel. With `signing_secret`, messages have buttons to acknowledge and to silence for an hour: set the ' +
    'Request URL of the app (Interactivity) to `https://<address of the API>/slack/actions`.',
  secrets: {
    url: webUrl.describe('Incoming webhook.'),
    signing_secret: z.string().min(1).optional().describe('Signing secret of the Slack app that the webhook is of.'),
  },
  schema: {},
  example: { url: 'https://hooks.slack.com/services/…', min_severity: 'warning' },
  address: ({ url }) => url,
  send: (message, { url, signing_secret }) =>
    postJson(url, JSON.stringify(bodyOf(message, signing_secret !== undefined))),
});

/** The subject as a header, the rest beside a bar in the color of the severity. `text` is what a notification shows. */
function bodyOf(message: Message, isInteractive: boolean): object {
  const { transition, subject, statement, remedy } = message;
  const color = transition.kind === 'resolved' ? '#2e7d32' : COLOR[transition.severity];
  const isOpen = transition.kind !== 'resolved' && transition.kind !== 'test';
  const links = isInteractive ? { ...message, silenceLink: undefined } : message;
  const buttons = [
    ...namedLinks(links).map(({ text, url }) => ({ type: 'button', text: { type: 'plain_text', text }, url })),
    ...(isInteractive && isOpen ? SLACK_ACTIONS.map((one) => actionButton(one, transition.fingerprint)) : []),
  ];
  return {
    text: escaped(subject, SECTION),
    blocks: [{ type: 'header', text: { type: 'plain_text', text: escaped(subject, HEADER) } }],
    attachments: [
      {
        color,
        blocks: [
          section(message.what),
          { type: 'section', fields: fieldsOf(message) },
          ...(statement ? code(statementLabel(statement), statement.text) : []),
          ...(remedy ? [...code(remedyLabel(remedy), remedy.sql), section(`It ${remedy.effect}.`)] : []),
          ...(message.advice ? [section(message.advice)] : []),
          ...(buttons.length > 0 ? [{ type: 'actions', elements: buttons }] : []),
        ],
      },
    ],
  };
}

function fieldsOf({ transition, when, who, action }: Message): object[] {
  const fields = [
    ['Target', transition.cluster],
    ['When', when],
    ['Who', who],
    ['What to do', action],
  ];
  return fields.flatMap(([name, text]) =>
    text ? [{ type: 'mrkdwn', text: `*${name}*\n${escaped(text, FIELD - 20)}` }] : [],
  );
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: escaped(text, SECTION) } };
}

/** Text as it is, to be copied: of a preformatted block nothing is read as markup. */
function code(label: string, text: string): object[] {
  const element = { type: 'text', text: text.slice(0, SECTION) };
  return [
    { type: 'section', text: { type: 'mrkdwn', text: `*${escaped(label, FIELD)}*` } },
    { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [element] }] },
  ];
}

function actionButton({ id, text }: (typeof SLACK_ACTIONS)[number], value: string): object {
  return { type: 'button', action_id: id, value, text: { type: 'plain_text', text } };
}

/** With the three characters escaped that mean something to Slack, and cut before it is longer than that. */
function escaped(text: string, limit: number): string {
  const whole = text.replace(/[&<>]/g, (one) => (one === '&' ? '&amp;' : one === '<' ? '&lt;' : '&gt;'));
  if (whole.length <= limit) return whole;
  return `${whole.slice(0, limit - 1).replace(/&[a-z]*$|[\ud800-\udbff]$/, '')}…`;
}
