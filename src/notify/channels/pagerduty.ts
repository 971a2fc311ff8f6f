import * as z from 'zod';
import { webUrl } from '../../config/scalars.ts';
import { postJson } from '../http.ts';
import { defineChannel } from './define.ts';

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
  send: async ({ transition, subject, lines, link }, { url, routing_key }) => {
    const { kind, fingerprint, severity, cluster, title, rule, at, labels } = transition;
    const event = {
      routing_key,
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
      links: link ? [{ href: link, text: 'pgmon' }] : undefined,
    };
    const answer = await postJson(url, JSON.stringify(event));
    // A test has no end of its own: without this it leaves an incident open that somebody is called for.
    if (kind === 'test')
      await postJson(url, JSON.stringify({ routing_key, dedup_key: fingerprint, event_action: 'resolve' }));
    return answer;
  },
});
