import type { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import { shortHash } from '../alerts/fingerprint.ts';
import type { PreparedRule } from '../alerts/prepare.ts';
import { silencedEvent } from '../events/handled.ts';
import { cutText } from '../metrics/text.ts';
import { SLACK_ACTIONS } from '../notify/channels/slack.ts';
import { acknowledge, openAlertOf } from './acknowledge.ts';
import type { ApiEnv } from './auth.ts';
import { type ApiLog, problem } from './problem.ts';
import type { Reading } from './reading.ts';
import { slackFault } from './slack-signature.ts';

/** What comes with a click has the whole message in it. */
const BODY_BYTES = 256 * 1_024;

const SILENCE_MS = 3_600_000;

/** Slack gives three seconds for everything. */
const ANSWER_MS = 1_500;

/** As far as it is read: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const clickSchema = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string(), username: z.string().optional(), name: z.string().optional() }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })),
  response_url: z.string().optional(),
});

interface SlackOptions extends Reading {
  readonly log: ApiLog;
  readonly rules: readonly PreparedRule[];
  readonly slackSecrets: readonly (() => Promise<string>)[];
}

/**
 * What the buttons of messages in Slack send. It has no token: it is Slack's if its signature is, and everything else is refused
 * and logged. Who clicked acknowledges or silences as `slack:<name>`.
 */
export function addSlackRoutes(app: OpenAPIHono<ApiEnv>, options: SlackOptions): void {
  const limit = bodyLimit({
    maxSize: BODY_BYTES,
    onError: () => {
      throw problem(413, `The body may have at most ${BODY_BYTES} bytes.`);
    },
  });
  app.post('/slack/actions', limit, async (context) => {
    const body = await context.req.text();
    const signature = context.req.header('x-slack-signature');
    const timestamp = context.req.header('x-slack-request-timestamp');
    const fault = await slackFault({ timestamp, signature, body }, options.slackSecrets, options.now());
    if (fault) {
      options.log.warn({ path: context.req.path }, `a request to /slack/actions was refused: ${fault}`);
      throw problem(401, 'This is not signed by Slack.');
    }
    const click = clickSchema.safeParse(jsonOf(new URLSearchParams(body).get('payload')));
    // Links are buttons, too, and a click on them comes here with nothing to do.
    if (!click.success) return context.body(null, 200);
    const { user, actions, response_url } = click.data;
    const by = cutText(`slack:${user.username ?? user.name ?? user.id}`, 100);
    const said: string[] = [];
    for (const { action_id, value } of actions) {
      const done = value === undefined ? undefined : await act(action_id, value, by, signature ?? '', options);
      if (done) said.push(done);
    }
    if (said.length > 0 && response_url) await answer(response_url, said.join('\n'), options.log);
    return context.body(null, 200);
  });
}

/** Does what a button asks for. @returns what came of it, for people; undefined for a button that is none of ours */
async function act(
  action: string,
  fingerprint: string,
  by: string,
  signature: string,
  options: SlackOptions,
): Promise<string | undefined> {
  const [acknowledging, silencing] = SLACK_ACTIONS;
  const rules = new Map(options.rules.map((rule) => [rule.id, rule]));
  if (action === acknowledging.id) {
    const done = await acknowledge(options, rules, fingerprint, by);
    return done.outcome === 'acknowledged' ? `${done.title} on ${done.cluster}: acknowledged by ${by}.` : done.reason;
  }
  if (action !== silencing.id) return undefined;
  const found = await openAlertOf(options, rules, fingerprint);
  if ('reason' in found) return found.reason;
  const { cluster, rule, labels } = found;
  const now = options.now();
  const silence = {
    // The same click, sent again, is the same silence.
    id: shortHash(signature).slice(0, 8),
    cluster,
    rule,
    ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
    by,
    until: new Date(now.getTime() + SILENCE_MS).toISOString(),
    createdAt: now.toISOString(),
  };
  await options.stores.silences.put(silence);
  await options.stores.events.post([cluster], silencedEvent(silence));
  return `${rules.get(rule)?.title ?? rule} on ${cluster}: silenced for 1 h by ${by}.`;
}

/** Says in the channel what came of a click; only to Slack, whatever the address. */
async function answer(url: string, text: string, log: ApiLog): Promise<void> {
  try {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' || hostname !== 'hooks.slack.com') throw new Error('its address is not of Slack');
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'in_channel', replace_original: false, text }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    log.warn({ err: error }, 'a click in Slack was served, and the answer to it failed');
  }
}

function jsonOf(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
