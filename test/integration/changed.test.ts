import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Transition } from '../../src/alerts/transition.ts';
import type { Event } from '../../src/events/event.ts';
import { serveApi } from '../support/api.ts';
import { pgmon } from '../support/command.ts';
import { JumpingClock } from '../support/jumping-clock.ts';
import { useServer } from '../support/test-server.ts';

const MINUTE = 60_000;
const silent = { warn: () => {}, error: () => {} };

const answerSchema = z.looseObject({
  from: z.string(),
  to: z.string(),
  events: z.array(z.looseObject({ kind: z.string(), object: z.string().optional(), text: z.string(), at: z.string() })),
  moves: z.array(z.looseObject({ kind: z.string(), name: z.string(), link: z.string() })),
  notes: z.array(z.string()),
});

describe('what changed', () => {
  const server = useServer(18);
  const began = Math.floor(Date.now() / MINUTE) * MINUTE - 120 * MINUTE;
  const clock = new JumpingClock(began);
  const at = (minute: number) => new Date(began + minute * MINUTE).toISOString();
  const clients: pg.Client[] = [];
  let api: Awaited<ReturnType<typeof serveApi>>;
  const passAt = async (minute: number) => {
    clock.time = began + minute * MINUTE;
    await api.pass();
  };
  const changed = async (query: string, status = 200) => {
    const response = await fetch(`${api.url}/api/v1/changed?${query}`);
    expect(response.status).toBe(status);
    return await response.json();
  };

  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id int, note text)');
    await server().sql('CREATE INDEX orders_note ON orders (note)');
    api = await serveApi(server().postgres.dsn('pgmon'), {}, {}, silent, () => new Date(clock.time));
    for (const minute of [0, 5, 10, 14]) await passAt(minute);
    clock.time = began + 20 * MINUTE;
    const deploy = { text: 'deploy 4711', id: 'd4711' };
    const headers = { 'content-type': 'application/json' };
    await fetch(`${api.url}/api/v1/events`, { method: 'POST', headers, body: JSON.stringify(deploy) });
    await server().sql('DROP INDEX orders_note');
    await server().sql("ALTER SYSTEM SET random_page_cost = '1.1'");
    await server().sql('SELECT pg_reload_conf()');
    await server().until("SELECT 1 FROM pg_settings WHERE name = 'random_page_cost' AND setting = '1.1'");
    for (let i = 0; i < 10; i++) clients.push(await server().open('cart-worker'));
    for (const minute of [21, 25, 29]) await passAt(minute);
    clock.time = began + 30 * MINUTE;
  }, 120_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await api?.close();
  });

  test('a deployment, a dropped index, a changed setting and an application with ten connections are named first', async () => {
    const answer = answerSchema.parse(await changed(''));
    expect([answer.from, answer.to]).toEqual([at(15), at(30)]);
    const events = answer.events.map(({ kind, object, text }) => `${kind} ${object ?? text}`);
    expect(events.toSorted()).toEqual([
      'deploy deploy 4711',
      'index_dropped public.orders_note',
      'setting_changed random_page_cost',
    ]);
    expect(answer.moves[0]).toMatchObject({
      kind: 'connections',
      name: 'cart-worker',
      before: 0,
      after: 10,
      change: 10,
      unit: 'connections',
      link: expect.stringMatching(/^#\/activity\?cluster=shop&from=/),
    });
  });

  test('a window before it has none of them; one of an hour later neither', async () => {
    const before = answerSchema.parse(await changed(`at=${at(14)}`));
    expect(before.events).toEqual([]);
    expect(before.moves.filter(({ kind }) => kind === 'connections')).toEqual([]);
    clock.time = began + 90 * MINUTE;
    const later = answerSchema.parse(await changed(`at=${at(90)}`));
    expect(later.events).toEqual([]);
    expect(later.notes.join(' ')).toContain('Connections: not measured');
    clock.time = began + 30 * MINUTE;
  });

  test('up to the begin of an alert; one that is none is not found', async () => {
    const transition: Transition = {
      id: 'a1',
      fingerprint: 'a'.repeat(32),
      kind: 'firing',
      at: at(26),
      cluster: 'shop',
      rule: 'connections_high',
      title: 'Many connections',
      severity: 'warning',
      labels: {},
      since: at(25),
      message: 'many',
      action: 'a',
      panel: 'activity',
    };
    await api.stores.alertHistory.put(transition);
    const answer = answerSchema.parse(await changed(`alert=${transition.fingerprint}`));
    expect(answer.to).toBe(at(25));
    expect(answer['alert']).toMatchObject({ rule: 'connections_high' });
    expect(answer.events.map(({ kind }) => kind)).not.toContain('alert_began');
    expect(answer.events).toHaveLength(3);
    // Effects come after what may be their causes.
    const whole = answerSchema.parse(await changed(`at=${at(30)}`));
    expect(whole.events.map(({ kind }) => kind).at(-1)).toBe('alert_began');
    expect(whole.events).toHaveLength(4);
    await changed(`alert=${'b'.repeat(32)}`, 404);
  });

  test('the command line says what the API answers', async () => {
    const bind = {
      PGMON_HTTP_BIND: new URL(api.url).host,
      PGMON_CLUSTER: 'shop',
      PGMON_DSN: 'postgres://u@127.0.0.1:1/d',
    };
    const asked = ['changed', '--at', at(30), '--window', '15m'];
    const { code, stdout, stderr } = await pgmon([...asked, '--json'], bind);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual(await changed(`at=${at(30)}&window=15m`));
    const lines = (await pgmon([...asked, '--utc'], bind)).stdout.split('\n');
    const clock = (minute: number) => at(minute).slice(0, 19).replace('T', ' ');
    expect(lines[0]).toMatch(
      new RegExp(`^What changed on shop from ${clock(15)} to ${clock(30)} \\(UTC\\): \\d events, \\d+ moves?\\.$`),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}\S+ \S+ {2}Index public\.orders_note .*was dropped\. \(postgres\)$/),
    );
    expect(lines).toContain('  Application cart-worker: 0 → 10 connections.');
    const unknown = await pgmon(['changed', '--alert', 'b'.repeat(32)], bind);
    expect([unknown.code, unknown.stderr]).toEqual([1, 'pgmon: No alert of shop has this fingerprint.\n']);
  }, 60_000);

  test('a promotion among 1,601 deployments is there, and how many more there are', async () => {
    const event = (second: number, more: Partial<Event>): Event => ({
      id: `e${second}`,
      at: new Date(began - 60 * MINUTE - second * 500).toISOString(),
      cluster: 'shop',
      kind: 'deploy',
      severity: 'notice',
      source: 'posted',
      text: 'deploy',
      ...more,
    });
    const deploys = Array.from({ length: 1_601 }, (_, i) => event(i, {}));
    const promotion = event(1_700, { kind: 'role_changed', severity: 'warning', source: 'seen', text: 'Promoted.' });
    await api.stores.events.append('shop', [...deploys, promotion]);
    const answer = answerSchema.parse(await changed(`at=${at(-60)}`));
    expect(answer.events).toHaveLength(100);
    expect(answer.events.map(({ kind }) => kind)).toContain('role_changed');
    expect(answer['more_events']).toBe(1_502);
  });

  test.each(['window=1m', 'window=2d', 'window=x', 'at=tomorrow', 'alert=x', `alert=${'a'.repeat(32)}&at=now`, 'by=x'])(
    'refused: %s',
    async (query) => {
      expect(await changed(query, 400)).toMatchObject({ detail: expect.any(String) });
    },
  );
});
