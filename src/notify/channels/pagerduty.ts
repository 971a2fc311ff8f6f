import * as z from 'zod';
import { webUrl } from '../../config/scalars.ts';
import { cutText } from '../../metrics/text.ts';
import { postJson } from '../http.ts';
import { type Message, namedLinks, plainText } from '../message.ts';
import { defineChannel } from './define.ts';

/** More of a summary is refused. */
const SUMMARY = 1_024;

/**
 * PagerDuty's Events API v2. All changes of one alert have its fingerprint as the key: a trigger while the incident is
 * acknowledged neither opens another one nor takes the acknowledgement back.
 */
export const pagerduty = defineChannel({
  kind: 'pagerduty',
  help: 'A PagerDuty service, through the Events API v2.',
  secrets: { routing_key: z.string().min(1).describe('Integration key of the service, Events API v2.') },
  schema: {
    url: webUrl
      .default('https://events.pagerduty.com/v2/enqueue')
      .describe('In the EU: https://events.eu.pagerduty.com/v2/enqueue.'),
  },
  example: { routing_key: { env: 'PAGERDUTY_KEY' }, min_severity: 'critical', clusters: ['orders'] },
  address: ({ url, routing_key }) => [url, routing_key],
  send: async (message, { url, routing_key }) => {
    const { transition, subject } = message;
    const { kind, fingerprint, severity, cluster, rule, at, labels } = transition;
    const event = {
      routing_key,
      dedup_key: fingerprint,
      event_action: kind === 'resolved' ? 'resolve' : 'trigger',
      payload: {
        summary: cutText(subject, SUMMARY),
        source: cluster,
        severity,
        timestamp: at,
        component: labels['db'] ?? cluster,
        class: rule,
        custom_details: detailsOf(message),
      },
      links: namedLinks(message).map(({ text, url: href }) => ({ href, text })),
    };
    const answer = await postJson(url, JSON.stringify(event));
    // A test has no end of its own: without this it leaves an incident open that somebody is called for.
    if (kind === 'test')
      await postJson(url, JSON.stringify({ routing_key, dedup_key: fingerprint, event_action: 'resolve' }));
    return answer;
  },
});

/** What is known, each in a field of its own: PagerDuty shows them as a table, and rules of a service can read them. */
function detailsOf(message: Message): object {
  const { transition, what, when, who, statement, remedy, action } = message;
  const { title, id, labels, value, threshold, since } = transition;
  return {
    title,
    what,
    when,
    who,
    statement: statement?.text,
    end_it: remedy?.sql,
    end_it_in_database: remedy?.db,
    end_it_effect: remedy?.effect,
    what_to_do: action || undefined,
    value,
    threshold,
    since,
    details: plainText(message),
    id,
    labels,
  };
}
