import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { HttpReceiver, MailReceiver } from '../support/receivers.ts';
import { useServer } from '../support/test-server.ts';

// One blocker on a real server, watched by pgmon as it runs, and what real receivers get of it.

const THRESHOLD_SECONDS = 5;
/** From when the longest wait passed the threshold: a pass of the hot loop is 15 s apart. */
const HEARD_SECONDS = 20;

describe('one blocker on a real server', () => {
  const server = useServer(18);
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-blocker-'));
  const [hook, slack, pager, mail] = [new HttpReceiver(), new HttpReceiver(), new HttpReceiver(), new MailReceiver()];
  let running: { url: string; end: () => Promise<unknown> };

  beforeAll(async () => {
    const [hookUrl, slackUrl, pagerUrl, mailUrl] = await Promise.all(
      [hook, slack, pager, mail].map((one) => one.listen()),
    );
    const config = {
      cluster: 'orders',
      dsn: server().postgres.dsn('pgmon'),
      http: { bind: '127.0.0.1:0' },
      store: { path: join(folder, 'store') },
      alerts: { rules: { blocking_locks: { warning: THRESHOLD_SECONDS, critical: 600 } } },
      notifiers: {
        page_url: 'http://127.0.0.1:1/pgmon/',
        show_queries: true,
        channels: [
          { type: 'webhook', url: hookUrl },
          { type: 'slack', url: slackUrl },
          { type: 'pagerduty', url: pagerUrl, routing_key: 'r' },
          { type: 'smtp', url: mailUrl, from: 'pgmon@example.com', to: ['oncall@example.com'] },
        ],
      },
    };
    writeFileSync(join(folder, 'pgmon.yaml'), JSON.stringify(config));
    running = await serve(join(folder, 'pgmon.yaml'));
  }, 120_000);
  afterAll(async () => {
    await running?.end();
    for (const receiver of [hook, slack, pager]) receiver.close();
    await mail.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function serve(file: string) {
    const child = spawn(
      process.execPath,
      [new URL('../../bin/pgmon.mjs', import.meta.url).pathname, 'serve', '--config', file],
      { env: { PATH: process.env['PATH'] } },
    );
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    await vi.waitFor(() => expect(said).toContain('Ctrl-C'), 60_000);
    return {
      url: /pgmon: (http:\S+)/.exec(said)?.[1] ?? '',
      end: () => {
        child.kill('SIGINT');
        return exited;
      },
    };
  }

  const aboutLocks = () => hook.json().find(({ rule }) => rule === 'blocking_locks');
  /** A mail as it is read. */
  const decoded = (text: string) =>
    Buffer.from(
      text
        .replaceAll(/=\r?\n/g, '')
        .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8');

  test('every receiver hears in time what, how many, for how long, by whom, and the statement that ends it', async () => {
    await server().sql('CREATE TABLE accounts (id int PRIMARY KEY, balance int)');
    await server().sql('INSERT INTO accounts VALUES (1, 100)');
    const root = await server().open('nightly-report');
    await root.query('BEGIN');
    await root.query('UPDATE accounts SET balance = balance - 7 WHERE id = 1');
    const { rows } = await root.query('SELECT pg_backend_pid() AS pid');
    const pid = z.number().parse(rows[0].pid);
    const waiting = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = await server().open('web');
        return { client, done: client.query('UPDATE accounts SET balance = balance + 1 WHERE id = 1') };
      }),
    );
    await server().until('SELECT 1 FROM pg_locks WHERE NOT granted HAVING count(*) = 10');
    const [first] = z
      .array(z.object({ ms: z.number() }))
      .parse(
        await server().sql(
          'SELECT extract(epoch FROM min(waitstart))::float8 * 1000 AS ms FROM pg_locks WHERE NOT granted',
        ),
      );
    const threshold = (first?.ms ?? 0) + THRESHOLD_SECONDS * 1_000;
    let heard = 0;
    await expect
      .poll(
        () => {
          if (aboutLocks() && heard === 0) heard = Date.now();
          return aboutLocks();
        },
        { timeout: 60_000, interval: 50 },
      )
      .toBeDefined();
    const late = (heard - threshold) / 1_000;
    console.log(`heard ${late.toFixed(1)} s after the threshold`);
    expect(late).toBeLessThan(HEARD_SECONDS);

    const said = aboutLocks() ?? {};
    const subject = expect.stringMatching(/^orders: 10 sessions blocked for [\d.]+ s by nightly-report$/);
    const who = expect.stringMatching(
      new RegExp(
        `^pid ${pid}, nightly-report, idle in transaction for [\\d.]+ s, .*database postgres, table (public\\.)?accounts$`,
      ),
    );
    const sql = `SELECT pg_terminate_backend(${pid});`;
    const effect = expect.stringMatching(/^frees 10 sessions, rolls back [\d.]+ s of work$/);
    expect(said).toMatchObject({
      kind: 'firing',
      severity: 'warning',
      cluster: 'orders',
      subject,
      who,
      statement: 'SELECT pg_backend_pid() AS pid',
      remedy: { sql, effect },
      culprit: { pid, application: 'nightly-report', state: 'idle in transaction', blocked: 10 },
    });
    // From the beginning of the first wait, by the server's own clock.
    expect(Math.abs(Date.parse(String(said['began'])) - (first?.ms ?? 0))).toBeLessThan(1_000);

    await expect.poll(() => [slack.received.length, pager.received.length, mail.mails.length]).toEqual([1, 1, 1]);
    const [inSlack] = slack.json();
    expect(inSlack).toMatchObject({ text: subject, blocks: [{ type: 'header', text: { text: subject } }] });
    expect(JSON.stringify(inSlack)).toContain(`{"type":"text","text":"${sql}"}`);
    expect(pager.json()[0]).toMatchObject({
      event_action: 'trigger',
      payload: { summary: subject, source: 'orders', severity: 'warning', custom_details: { who, end_it: sql } },
    });
    const text = decoded(mail.mails[0]?.text ?? '');
    expect(text).toMatch(/^Subject: orders: 10 sessions blocked for [\d.]+ s by\s+nightly-report/m);
    expect(text).toMatch(
      new RegExp(`End it: SELECT pg_terminate_backend\\(${pid}\\); — frees 10 sessions, rolls back`),
    );
    expect(text).toContain(`>${sql}</pre>`);

    // Its runbook, which pgmon itself serves, has the very pid; without a token.
    const link = new URL(String(said['runbook_url']));
    expect(link.pathname).toBe('/pgmon/runbook/blocking_locks');
    const page = await fetch(new URL(`runbook/blocking_locks${link.search}`, running.url));
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(`<pre>${sql}</pre>`)]);

    // And what it says is so: run it, and all ten go on.
    root.on('error', () => {});
    await server().sql(sql);
    await Promise.all(waiting.map(({ done }) => done));
    expect(await server().sql('SELECT balance FROM accounts')).toEqual([{ balance: 110 }]);
    await Promise.all(waiting.map(({ client }) => client.end()));
  }, 120_000);
});
