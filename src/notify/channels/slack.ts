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

/** The subject as a header, the rest beside a bar in the color of the severity. `text` is what a notification shows. */
function bodyOf(message: Message): object {
  const { transition, subject, statement, remedy } = message;
  const color = transition.kind === 'resolved' ? '#2e7d32' : COLOR[transition.severity];
  const buttons = namedLinks(message).map(({ text, url }) => button(text, url));
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

function button(text: string, url: string): object {
  return { type: 'button', text: { type: 'plain_text', text }, url };
}

/** With the three characters escaped that mean something to Slack, and cut before it is longer than that. */
function escaped(text: string, limit: number): string {
  const whole = text.replace(/[&<>]/g, (one) => (one === '&' ? '&amp;' : one === '<' ? '&lt;' : '&gt;'));
  if (whole.length <= limit) return whole;
  return `${whole.slice(0, limit - 1).replace(/&[a-z]*$|[\ud800-\udbff]$/, '')}…`;
}
