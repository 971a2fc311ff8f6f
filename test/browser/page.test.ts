import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { serveApi } from '../support/api.ts';
import { ARTIFACTS, startChromium } from '../support/browser.ts';
import { useServer } from '../support/test-server.ts';

/** Each view with a text that is there once it has its data. */
const VIEWS: Readonly<Record<string, string>> = {
  overview: 'PostgreSQL 18',
  activity: 'Current sessions',
  locks: 'Lock tree',
  queries: 'Top statements',
  autovacuum: 'public.orders',
  storage: 'public.orders',
  partitions: 'public.measured',
  replication: 'for_nobody',
  wraparound: 'Oldest tables',
  incidents: 'Alerts with one cause',
  alerts: 'No silences.',
  events: 'Post an event',
  changed: 'What moved most',
  agent: 'on time',
};

const violations = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
});

describe('the page in Chromium', () => {
  const server = useServer(18, { wal_level: 'logical' });
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-page-'));
  let browser: Browser;
  let close: () => Promise<void>;
  let running: ChildProcess;
  let url = '';

  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id serial PRIMARY KEY, note text)');
    await server().sql('INSERT INTO orders (note) SELECT md5(i::text) FROM generate_series(1, 5000) AS i');
    await server().sql('CREATE INDEX a ON orders (note)');
    await server().sql('CREATE INDEX b ON orders (note)');
    await server().sql('ANALYZE orders');
    await server().sql('CREATE TABLE measured (at date) PARTITION BY RANGE (at)');
    await server().sql("CREATE TABLE m1 PARTITION OF measured FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')");
    await server().sql("SELECT pg_create_physical_replication_slot('for_nobody', true)");
    running = spawn(process.execPath, ['bin/pgmon.mjs', 'serve'], {
      env: {
        PATH: process.env['PATH'],
        PGMON_CLUSTER: 'shop',
        PGMON_DSN: server().postgres.dsn('pgmon'),
        PGMON_HTTP_BIND: '127.0.0.1:0',
        PGMON_STORE_PATH: folder,
        PGMON_SAMPLE_INTERVALS_HOT_PATH: '5s',
        PGMON_SAMPLE_INTERVALS_WORKLOAD: '30s',
      },
    });
    let said = '';
    running.stderr?.on('data', (text) => {
      said += text;
    });
    for (let i = 0; i < 300 && !said.includes('Ctrl-C'); i++) await sleep(100);
    url = /http:\S+/.exec(said)?.[0] ?? '';
    ({ browser, close } = await startChromium());
    for (let i = 0; i < 20; i++) await server().sql('SELECT count(*) FROM orders');
  }, 120_000);
  afterAll(async () => {
    await close?.();
    running?.kill('SIGINT');
    if (running) await new Promise((resolve) => running.on('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page whose every complaint is kept. */
  const open = async (width: number, scheme: 'light' | 'dark') => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints, close: () => context.close() };
  };
  const check = async (page: Page) => {
    // As a driver does, not as a script of the page: its own rules stay as strict as they are.
    await page.evaluate(axe.source);
    const found = await page.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })",
    );
    return violations
      .parse(found)
      .violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  };

  describe.each([
    [1280, 'light'],
    [1280, 'dark'],
    [375, 'light'],
    [375, 'dark'],
  ] as const)('at %i px, %s', (width, scheme) => {
    test.each(Object.entries(VIEWS))(
      '%s has its data, no complaint, no violation, and fits',
      async (view, text) => {
        const { page, complaints, close } = await open(width, scheme);
        await page.goto(`${url}/#/${view}`);
        await page.getByText(text).first().waitFor({ timeout: 20_000 });
        for (let i = 0; i < 400 && (await page.locator('.waiting').count()) > 0; i++) await sleep(50);
        expect(await page.locator('.waiting').count()).toBe(0);
        expect(await check(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        await page.screenshot({ path: join(ARTIFACTS, `${view}-${width}-${scheme}.png`), fullPage: true });
        expect(complaints).toEqual([]);
        await close();
      },
      60_000,
    );
  });

  test('a lock that is made appears within 20 seconds, and goes', async () => {
    const { page, close } = await open(1280, 'light');
    await page.goto(`${url}/#/locks`);
    await page.getByText('No session is waiting for a lock.').waitFor({ timeout: 20_000 });
    const tree = await server().lockTree();
    await page.getByText(`pid ${tree.root}`).waitFor({ timeout: 20_000 });
    await page.getByText('blocks 3', { exact: true }).waitFor();
    await page.screenshot({ path: join(ARTIFACTS, 'locks-tree.png') });
    expect(await check(page)).toEqual([]);
    await tree.release();
    await page.getByText('No session is waiting for a lock.').waitFor({ timeout: 20_000 });
    await close();
  }, 90_000);

  test('links carry where one is; the keyboard reaches it; the SQL is the very file', async () => {
    const { page, close } = await open(1280, 'light');
    await page.goto(`${url}/#/storage?cluster=shop&db=postgres&range=6h`);
    await page.getByText('public.orders').first().waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Time range: Last 6 hours' }).waitFor();
    expect(await page.getByLabel('Database', { exact: true }).inputValue()).toBe('postgres');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.getByRole('link', { name: 'Wraparound' }).click();
    await page.getByText('Oldest tables').waitFor();
    expect(page.url()).toContain('from=-6h');
    await page.getByRole('button', { name: 'SQL used: Databases' }).click();
    await page.getByText('sql/wraparound/12.sql').first().waitFor();
    await page.getByText('FROM pg_catalog.pg_database').first().waitFor();
    await close();
  }, 60_000);

  test('a pgmon that wants a token asks for it, keeps it out of the address, and continues', async () => {
    const api = await serveApi(server().postgres.dsn('pgmon'), {
      tokens: [{ name: 'me', role: 'operator', sha256: createHash('sha256').update('tok-123').digest('hex') }],
    });
    await api.pass();
    const { page, close } = await open(1280, 'light');
    await page.goto(`${api.url}/`);
    await page.getByText('This pgmon requires a token.').waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByPlaceholder('Token').fill('tok-123');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Blocked sessions').first().waitFor();
    expect(page.url()).not.toContain('tok-123');
    await close();
    await api.close();
  }, 60_000);

  test('tabs share a token, a refused one is not sent again, and signing out ends all tabs', async () => {
    const api = await serveApi(server().postgres.dsn('pgmon'), {
      tokens: [{ name: 'me', role: 'operator', sha256: createHash('sha256').update('tok-123').digest('hex') }],
    });
    await api.pass();
    const { page, close } = await open(1280, 'light');
    await page.goto(`${api.url}/`);
    await page.getByPlaceholder('Token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('That token is unknown, revoked or expired.').waitFor();
    let sent = 0;
    page.on('request', (request) => {
      if (request.headers()['authorization'] === 'Bearer wrong') sent += 1;
    });
    await sleep(6_000); // longer than the list of targets is asked for
    expect(sent).toBe(0);
    await page.getByPlaceholder('Token').fill('tok-123');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Blocked sessions').first().waitFor();
    const second = await page.context().newPage();
    await second.goto(`${api.url}/#/locks`);
    await second.getByText('Lock tree').waitFor();
    expect(await second.getByPlaceholder('Token').count()).toBe(0);
    expect(await second.evaluate('JSON.stringify(localStorage)')).not.toContain('tok-123');
    await second.getByRole('button', { name: /^Display/ }).click();
    await second.getByRole('button', { name: 'Sign out' }).click();
    for (const tab of [page, second]) {
      await tab.getByPlaceholder('Token').waitFor();
      expect(await tab.getByText('Lock tree').count()).toBe(0);
      expect(await tab.evaluate('JSON.stringify(sessionStorage)')).not.toContain('tok-123');
    }
    await close();
    await api.close();
  }, 60_000);

  test('a view or panel that breaks says so, and the rest of the page lives', async () => {
    const { page, close } = await open(1280, 'light');
    // An answer that the page cannot draw.
    await page.route('**/api/v1/overview?*', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), server: { role: { not: 'a text' } } } });
    });
    await page.route('**/api/v1/locks?*', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), trees: null } });
    });
    await page.goto(`${url}/#/overview?cluster=shop`);
    await page.getByText('Overview cannot be shown.').waitFor();
    await page.getByTitle('Worst state').waitFor();
    await page.getByRole('link', { name: 'Locks' }).click();
    const panel = page.getByRole('alert').filter({ hasText: 'Lock tree cannot be shown.' });
    await panel.waitFor();
    await page.getByRole('heading', { name: 'Longest wait' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No session is waiting for a lock.').waitFor();
    expect(await panel.count()).toBe(0);
    await close();
  }, 60_000);

  test('the first view is small and there at once', async () => {
    const { page, close } = await open(1280, 'light');
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    let bytes = 0;
    client.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${url}/`);
    await page.getByText('Blocked sessions').waitFor();
    const painted = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime");
    console.log(`first view: ${Math.round(bytes / 1_024)} kB, first paint after ${Math.round(Number(painted))} ms`);
    expect(bytes).toBeLessThan(300 * 1_024);
    await close();
  }, 60_000);
});
