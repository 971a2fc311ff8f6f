import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { fingerprintOf } from '../../src/alerts/fingerprint.ts';
import type { Alert } from '../../src/alerts/state.ts';
import { parseConfig } from '../../src/config/load.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { apiOver } from '../support/api.ts';
import { transitionOf } from '../support/channels.ts';
import { pgmon } from '../support/command.ts';

// Who did what about an alert, whatever the way: API with a token, command line, a button in Slack.

const SECRET = 'slack-signing-secret';
const token = (name: string) => ({
  name,
  role: 'operator',
  sha256: createHash('sha256').update(`${name}-0123456789abcdef`).digest('hex'),
});
const bearer = (name: string) => ({ authorization: `Bearer ${name}-0123456789abcdef` });
const labels = { db: 'orders' };
const open = fingerprintOf('shop', 'deadlocks', labels);
const over = fingerprintOf('shop', 'blocking_locks', {});

const folder = mkdtempSync(join(tmpdir(), 'pgmon-handled-'));
const warnings: string[] = [];
let local: Awaited<ReturnType<typeof openLocalTable>>;
let stores: Stores;
let api: Awaited<ReturnType<typeof apiOver>>;

beforeAll(async () => {
  local = await openLocalTable(folder);
  stores = storesIn(local.table);
  const now = Date.now() / 1_000;
  const alert: Alert = {
    rule: 'deadlocks',
    labels,
    severities: [{ severity: 'warning', since: now - 60, firing: true }],
    since: now - 60,
    evaluatedAt: now,
    value: 3,
  };
  await stores.alerts.put('shop', 'workload', { alerts: { [open]: alert }, revision: 1 }, new Date());
  const ended = { ...transitionOf('resolved'), fingerprint: over, at: new Date(Date.now() - 60_000).toISOString() };
  await stores.alertHistory.put({ ...ended, until: '2026-03-02T03:15:00.000Z' });
  const config = parseConfig(
    JSON.stringify({ cluster: 'shop', dsn: 'postgresql://x@db/x', http: { tokens: [token('alice'), token('ci')] } }),
    'test',
    {},
  );
  const log = { warn: (_: object, message: string) => warnings.push(message), error: () => {} };
  api = await apiOver(stores, ['shop'], config, log, () => new Date(), [async () => 'another', async () => SECRET]);
});
afterAll(async () => {
  await api.close();
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllGlobals());

const call = (method: string, path: string, who: string, body?: object) =>
  fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: { ...bearer(who), 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const jsonOf = async (response: Response) => z.record(z.string(), z.any()).parse(await response.json());
const read = async (path: string) => jsonOf(await call('GET', path, 'alice'));
const events = async () =>
  z
    .array(z.looseObject({ kind: z.string(), by: z.string().optional(), text: z.string() }))
    .parse((await read('/events?cluster=shop'))['items']);
const listed = async () => (await read('/alerts?cluster=shop'))['items'][0].acknowledged;
const acknowledged = async () => (await stores.acknowledgements.all(new Date())).get(open);

describe('with a token', () => {
  test('an acknowledgement carries its name, in the list and as an event', async () => {
    expect((await call('POST', `/alerts/${open}/acknowledge`, 'alice', {})).status).toBe(204);
    expect(await listed()).toMatchObject({ by: 'alice' });
    expect(await events()).toContainEqual(
      expect.objectContaining({ kind: 'alert_acknowledged', by: 'alice', text: 'Deadlocks acknowledged by alice.' }),
    );
  });

  test('a name that is given goes with it, and does not replace it', async () => {
    expect((await call('POST', `/alerts/${open}/acknowledge`, 'ci', { by: 'bob' })).status).toBe(204);
    expect(await acknowledged()).toMatchObject({ by: 'bob (ci)' });
    const faked = await call('POST', `/alerts/${open}/acknowledge`, 'ci', { by: 'bob\nalice' });
    expect(faked.status).toBe(400);
  });

  test('what has ended is answered with a sentence, and what nobody knows, too', async () => {
    const late = await call('POST', `/alerts/${over}/acknowledge`, 'alice', {});
    expect([late.status, (await jsonOf(late))['detail']]).toEqual([
      409,
      'Blocking locks on shop ended at 2026-03-02 03:15:00 UTC: there is nothing to acknowledge.',
    ]);
    const unknown = await call('POST', `/alerts/${'0'.repeat(32)}/acknowledge`, 'alice', {});
    expect([unknown.status, (await jsonOf(unknown))['detail']]).toEqual([404, 'No open alert has this fingerprint.']);
  });

  test('a silence carries it, and its end', async () => {
    const typo = await call('POST', '/silences', 'alice', { for: '1h', rule: 'deadlock', cluster: 'shopp' });
    expect((await jsonOf(typo))['detail']).toMatch(/did you mean shop\?.*did you mean deadlocks\?/);
    const made = await jsonOf(
      await call('POST', '/silences', 'alice', { for: '1h', rule: 'deadlocks', comment: 'known' }),
    );
    expect(made).toMatchObject({ by: 'alice' });
    expect((await read('/silences'))['items']).toMatchObject([{ id: made['id'], by: 'alice' }]);
    expect((await call('DELETE', `/silences/${made['id']}`, 'ci')).status).toBe(204);
    const handled = (await events()).filter(({ kind }) => kind.startsWith('silence'));
    expect(handled.map(({ kind, by, text }) => [kind, by, text])).toEqual([
      ['silence_ended', 'ci', 'The silence of deadlocks was ended by ci.'],
      ['silence_began', 'alice', 'deadlocks silenced for 60 min by alice: known.'],
    ]);
    // Nobody can post what looks like it.
    const posted = await call('POST', '/events', 'alice', { kind: 'alert_acknowledged', text: 'x' });
    expect(posted.status).toBe(400);
  });
});

test('the command line says who runs it', async () => {
  const env = { PGMON_HTTP_BIND: api.url.replace('http://', ''), PGMON_TOKEN: 'ci-0123456789abcdef' };
  const shown = await pgmon(['alerts', 'open', '--json'], env);
  expect(JSON.parse(shown.stdout).alerts).toMatchObject([{ fingerprint: open, rule: 'deadlocks' }]);
  expect((await pgmon(['alerts', 'acknowledge', open], env)).code).toBe(0);
  expect((await acknowledged())?.by).toMatch(/^cli:\S+ \(ci\)$/);
  expect(await pgmon(['alerts', 'acknowledge', over], env)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^pgmon: Blocking locks on shop ended at/),
  });
});

describe('a click in Slack', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const bodyOf = (action_id: string, value: string) =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: 'block_actions',
        user: { id: 'U1', username: 'carol', name: 'carol' },
        actions: [{ type: 'button', action_id, value }],
        response_url: 'https://hooks.slack.com/actions/T1/2/3',
        message: { text: 'x'.repeat(20_000) },
      }),
    }).toString();
  const click = (body: string, timestamp = now(), secret = SECRET, version = 'v0') => {
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    return api.app.request('/slack/actions', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': `${version}=${signature}`,
      },
      body,
    });
  };
  /** What is said in the channel. */
  const heard = () => {
    const said: string[] = [];
    vi.stubGlobal('fetch', async (url: string, { body }: { body: string }) => {
      said.push(`${url} ${JSON.parse(body).text}`);
      return new Response();
    });
    return said;
  };

  test('acknowledges as who clicked, and says so', async () => {
    const said = heard();
    expect((await click(bodyOf('pgmon_acknowledge', open))).status).toBe(200);
    expect(said).toEqual(['https://hooks.slack.com/actions/T1/2/3 Deadlocks on shop: acknowledged by slack:carol.']);
    vi.unstubAllGlobals();
    expect(await acknowledged()).toMatchObject({ by: 'slack:carol' });
    // Form posts of other pages are still refused everywhere else.
    const form = { method: 'POST', body: 'by=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect((await api.app.request(`/api/v1/alerts/${open}/acknowledge`, form)).status).toBe(403);
  });

  test('silences that very alert for an hour, once however often it is sent', async () => {
    heard();
    const body = bodyOf('pgmon_silence', open);
    const at = now();
    expect([(await click(body, at)).status, (await click(body, at)).status]).toEqual([200, 200]);
    vi.unstubAllGlobals();
    const items = (await read('/silences'))['items'];
    expect(items).toMatchObject([{ cluster: 'shop', rule: 'deadlocks', labels, by: 'slack:carol' }]);
    const until = Date.parse(items[0].until) / 1_000;
    expect(until).toBeGreaterThan(at + 3_590);
    expect(until).toBeLessThan(at + 3_610);
  });

  test('on what has ended is answered with when', async () => {
    const said = heard();
    expect((await click(bodyOf('pgmon_acknowledge', over))).status).toBe(200);
    expect(said[0]).toContain('Blocking locks on shop ended at 2026-03-02 03:15:00 UTC');
  });

  test.each<[string, () => Response | Promise<Response>, RegExp]>([
    ['a wrong signature', () => click(bodyOf('pgmon_acknowledge', open), now(), 'guess'), /signature is wrong/],
    ['one of six minutes ago', () => click(bodyOf('pgmon_acknowledge', open), now() - 360), /36\d s old/],
    ['one of the future', () => click(bodyOf('pgmon_acknowledge', open), now() + 400), /-(400|39\d) s old/],
    ['another version', () => click(bodyOf('pgmon_acknowledge', open), now(), SECRET, 'v1'), /of version v0/],
    ['no headers', () => api.app.request('/slack/actions', { method: 'POST', body: 'payload={}' }), /Timestamp/],
  ])('%s is 401, a line in the log, and nothing else', async (_, request, reason) => {
    await stores.acknowledgements.delete(open);
    const { length } = warnings;
    expect((await request()).status).toBe(401);
    expect(warnings.slice(length)).toEqual([expect.stringMatching(reason)]);
    expect(await acknowledged()).toBeUndefined();
  });

  test('a body that was changed after it was signed is refused', async () => {
    const [at, body] = [now(), bodyOf('pgmon_acknowledge', open)];
    const signature = createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex');
    const headers = { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${signature}` };
    const changed = body.replace('carol', 'admin');
    expect((await api.app.request('/slack/actions', { method: 'POST', headers, body: changed })).status).toBe(401);
  });

  test('of another kind, or no JSON at all, does nothing', async () => {
    expect((await click('payload=%7B')).status).toBe(200);
    expect((await click(bodyOf('other_button', open))).status).toBe(200);
    expect(await acknowledged()).toBeUndefined();
  });
});

test('without a signing secret there is no such endpoint', async () => {
  const plain = await apiOver(stores, ['shop'], parseConfig('{}', 'test', {}));
  const response = await fetch(`${plain.url}/slack/actions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(response.status).toBe(404);
  await plain.close();
});
