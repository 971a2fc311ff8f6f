import { createHmac } from 'node:crypto';
import type { Severity } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Channel, SecretText } from './channel.ts';
import { postJson } from './http.ts';
import type { Message } from './message.ts';

type Common = Pick<Channel, 'name' | 'minSeverity' | 'clusters'>;

const COLOR: Readonly<Record<Severity, string>> = { info: '#2f6fdb', warning: '#c77700', critical: '#c62828' };

/** Slack's incoming webhook. */
export function slackChannel(common: Common, url: SecretText): Channel {
  return { ...common, send: async (message) => postJson(await url(), JSON.stringify(slackBody(message))) };
}

function slackBody({ transition, subject, lines, link }: Message): object {
  const color = transition.kind === 'resolved' ? '#2e7d32' : COLOR[transition.severity];
  const text = lines.map(escaped).join('\n');
  return {
    text: escaped(subject),
    attachments: [
      {
        color,
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: `*${escaped(subject)}*\n${text}`.slice(0, 3_000) } },
          ...(link
            ? [
                {
                  type: 'actions',
                  elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open pgmon' }, url: link }],
                },
              ]
            : []),
        ],
      },
    ],
  };
}

/** The three characters that mean something to Slack. */
function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * PagerDuty's Events API v2. All changes of one alert have its fingerprint as the key: a trigger while the incident is
 * acknowledged neither opens another one nor takes the acknowledgement back.
 */
export function pagerDutyChannel(common: Common, url: string, routingKey: SecretText): Channel {
  return {
    ...common,
    send: async ({ transition, subject, lines, link }) => {
      const { kind, fingerprint, severity, cluster, title, rule, at, labels } = transition;
      const event = {
        routing_key: await routingKey(),
        dedup_key: fingerprint,
        event_action: kind === 'resolved' ? 'resolve' : 'trigger',
        payload: {
          summary: `${subject} – ${lines[0] ?? ''}`.slice(0, 1_024),
          source: cluster,
          severity,
          timestamp: at,
          component: labels['db'] ?? cluster,
          class: rule,
          custom_details: { title, details: lines, id: transition.id, labels },
        },
        ...(link ? { links: [{ href: link, text: 'pgmon' }] } : {}),
      };
      return postJson(url, JSON.stringify(event));
    },
  };
}

/**
 * A receiver of your own: the transition as JSON, with the text for people beside it. With a secret each body is
 * signed; the header `X-Pgmon-Id` is the same at every attempt.
 */
export function webhookChannel(common: Common, url: string, secret: SecretText | undefined): Channel {
  return {
    ...common,
    send: async ({ transition, subject, lines, link }) => {
      const body = JSON.stringify({ ...snakeCase(transition), subject, lines, ...(link ? { link } : {}) });
      const signature = secret
        ? `sha256=${createHmac('sha256', await secret())
            .update(body)
            .digest('hex')}`
        : undefined;
      return postJson(url, body, {
        'x-pgmon-id': transition.id,
        ...(signature ? { 'x-pgmon-signature': signature } : {}),
      });
    },
  };
}

/** The transition with the names that JSON of this project has. */
export function snakeCase({ comparedWith, ...transition }: Transition): object {
  return { ...transition, ...(comparedWith ? { compared_with: comparedWith } : {}) };
}
