import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARTIFACTS, startChromium } from '../support/browser.ts';
import { useServer } from '../support/test-server.ts';

/** Two servers: alpha is well, sessions of beta block each other until beta is stopped. */
describe('the page does not mislead', () => {
  const alpha = useServer(18);
  const beta = useServer(18);
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-truth-'));
  let browser: Browser;
  let close: () => Promise<void>;
  let running: ChildProcess;
  let url = '';
  let tree: Awaited<ReturnType<ReturnType<typeof beta>['lockTree']>>;

  beforeAll(async () => {
    tree = await beta().lockTree();
    const file = join(folder, 'pgmon.yaml');
    const targets = { alpha: alpha().postgres.dsn('pgmon'), beta: beta().postgres.dsn('pgmon') };
    writeFileSync(
      file,
      JSON.stringify({
        targets: Object.entries(targets).map(([cluster, dsn]) => ({ cluster, dsn })),
        http: { bind: '127.0.0.1:0' },
        store: { path: join(folder, 'store') },
        sample_intervals: { hot_path: '5s', workload: '30s' },
        alerts: { rules: { blocking_locks: { warning: 1, critical: 100_000, for: '0s' } } },
      }),
    );
    running = spawn(process.execPath, ['bin/pgmon.mjs', 'serve', '--config', file], {
      env: { PATH: process.env['PATH'] },
    });
    let said = '';
    running.stderr?.on('data', (text) => {
      said += text;
    });
    for (let i = 0; i < 600 && !said.includes('Ctrl-C'); i++) await sleep(100);
    url = /http:\S+/.exec(said)?.[0] ?? '';
    ({ browser, close } = await startChromium());
  }, 180_000);
  afterAll(async () => {
    await close?.();
    running?.kill('SIGINT');
    if (running) await new Promise((resolve) => running.on('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (path: string, width = 1280, locale = 'en-GB') => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, timezoneId: 'Europe/Berlin', locale });
    const page = await context.newPage();
    await page.goto(`${url}/${path}`);
    return { page, close: () => context.close() };
  };
  /** At both widths, for people to look at. */
  const shoot = async (path: string, name: string, text: string) => {
    for (const width of [1280, 375]) {
      const { page, close } = await open(path, width);
      await page.getByText(text).first().waitFor({ timeout: 30_000 });
      await sleep(700);
      await page.screenshot({ path: join(ARTIFACTS, `${name}-${width}.png`), fullPage: true });
      const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
      expect([name, width, wide]).toEqual([name, width, false]);
      await close();
    }
  };

  test('[D1] the target is in the address, Overview shows its own alerts, names them, and says how many are elsewhere', async () => {
    const { page, close } = await open('');
    await page.getByText('1 open alert on other servers').waitFor({ timeout: 60_000 });
    expect(page.url()).toContain('cluster=alpha');
    expect(await page.locator('.alerts li').count()).toBe(0);
    await shoot('', 'd1-alpha', '1 open alert on other servers');
    await page.getByRole('link', { name: 'beta (1)' }).click();
    await page.getByText('on beta').waitFor();
    expect(page.url()).toContain('cluster=beta');
    await shoot('#/overview?cluster=beta', 'd1-beta', 'on beta');
    await close();
  }, 120_000);

  test('[D5] a tile has the color of what fires, and no threshold of its own', async () => {
    const { page, close } = await open('#/overview?cluster=beta');
    const tile = (name: string) => page.locator('.tile', { hasText: name }).first();
    await page.getByText('on beta').waitFor({ timeout: 30_000 });
    await tile('Blocked sessions').waitFor();
    await expect.poll(async () => await tile('Blocked sessions').getAttribute('class')).toContain('warn');
    expect(await tile('Connections').getAttribute('class')).not.toMatch(/warn|bad/);
    await close();
  }, 60_000);

  test('a thousand alerts of one rule are a few cards and a number; the others come when asked for', async () => {
    const { page, close } = await open('');
    // The real answer, a thousand times.
    await page.route('**/api/v1/alerts?*', async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      const [one] = answer.items;
      if (!one) return await route.fulfill({ response });
      const items = Array.from({ length: 1_000 }, (_, i) => ({ ...one, fingerprint: `${one.fingerprint} ${i}` }));
      await route.fulfill({ response, json: { ...answer, items } });
    });
    const card = page.locator('.alerts li');
    await page.goto(`${url}/#/overview?cluster=beta`);
    await page.getByRole('button', { name: '998 more: Blocking locks' }).waitFor({ timeout: 30_000 });
    expect(await card.count()).toBe(3);
    await page.goto(`${url}/#/alerts?cluster=beta`);
    await page.getByRole('button', { name: '990 more: Blocking locks' }).click();
    await expect.poll(async () => await card.count(), { timeout: 20_000 }).toBe(1_000);
    await close();
  }, 60_000);

  test('a silence widens no page, and on a narrow one a menu says where one is', async () => {
    const made = await fetch(`${url}/api/v1/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rule: 'bloat', for: '1h', comment: 'a '.repeat(60) }),
    });
    expect(made.status).toBe(201);
    await shoot('#/alerts?cluster=alpha', 'alerts-silence', 'a a a a');
    const { page, close } = await open('#/alerts?cluster=alpha&from=-6h', 375);
    await page.getByRole('button', { name: 'Views: Alerts is open' }).click();
    const item = (name: string) => page.getByRole('menuitem', { name });
    expect(await item('Alerts').getAttribute('aria-current')).toBe('page');
    expect(await page.getByRole('menuitem').count()).toBe(14);
    await page.screenshot({ path: join(ARTIFACTS, 'menu-375.png') });
    // By keyboard: the first one is highlighted, and typing finds another.
    await page.keyboard.type('Loc');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Views: Locks is open' }).waitFor();
    expect(page.url()).toContain('from=-6h');
    expect(await page.getByRole('menuitem').count()).toBe(0);
    // Target, worst state and time in one line.
    const middles = await Promise.all(
      [
        page.getByLabel('Target'),
        page.getByTitle('Worst state'),
        page.getByRole('button', { name: /^Time range/ }),
      ].map(async (part) => {
        const { y = 0, height = 0, x = 0, width = 0 } = (await part.boundingBox()) ?? {};
        expect(x >= 0 && x + width <= 375).toBe(true);
        return Math.round(y + height / 2);
      }),
    );
    expect(Math.max(...middles) - Math.min(...middles)).toBeLessThanOrEqual(2);
    await close();
  }, 60_000);

  test('[D3] a link of an alert shows its moment, says so, and leads back to now', async () => {
    const at = new Date(Date.now() - 7_200_000).toISOString();
    const { page, close } = await open(`#/replication?cluster=alpha&at=${at}`);
    await page.getByText('You are looking at').waitFor({ timeout: 20_000 });
    await page.getByText(', 2 h ago').waitFor();
    await page.getByText('Nothing is kept of that time').first().waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByText('You are looking at').waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('at=');
    await close();
    await shoot(`#/activity?cluster=beta&at=${new Date().toISOString()}`, 'd3-activity', 'You are looking at');
  }, 60_000);

  test('[D3] what was drawn out stays when new data comes', async () => {
    const { page, close } = await open('#/activity?cluster=beta&range=15m');
    const chart = page.locator('.plot[data-shown]').first();
    await chart.waitFor({ timeout: 60_000 });
    const over = chart.locator('.u-over');
    const box = await over.boundingBox();
    if (!box) throw new Error('no chart');
    await page.mouse.move(box.x + box.width * 0.8, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.95, box.y + 60, { steps: 8 });
    await page.mouse.up();
    const width = async () => {
      const [from = 0, to = 0] = ((await chart.getAttribute('data-shown')) ?? '').split(' ').map(Number);
      return to - from;
    };
    await expect.poll(width).toBeLessThan(300);
    const [zoomed, shown] = [await width(), await chart.getAttribute('data-shown')];
    await page.waitForResponse((response) => response.url().includes('/charts'), { timeout: 40_000 });
    await page.waitForResponse((response) => response.url().includes('/charts'), { timeout: 40_000 });
    await sleep(1_000);
    expect(await chart.getAttribute('data-shown')).toBe(shown);
    expect(page.url()).toContain('from=20');
    await over.dblclick();
    await expect.poll(width).toBeGreaterThan(zoomed * 3);
    await close();
  }, 120_000);

  test('[D4] times have a zone, and 24 hours where the language has them', async () => {
    const { page, close } = await open('#/alerts?cluster=beta');
    await page
      .getByText(/\b\d{2}:\d{2}:\d{2} (GMT\+[12]|CES?T)/)
      .first()
      .waitFor({ timeout: 30_000 });
    expect(await page.getByText(/\b\d:\d\d(:\d\d)? [AP]M/).count()).toBe(0);
    await close();
    await shoot('#/activity?cluster=beta', 'd4-activity', 'Active sessions by wait');
    await shoot('#/queries?cluster=alpha', 'd4-queries', 'Top statements');
  }, 90_000);

  test('[E12] a view named as something that every object has is the overview', async () => {
    const { page, close } = await open('#/toString?cluster=alpha');
    await page.getByText('Blocked sessions').first().waitFor({ timeout: 20_000 });
    await close();
  }, 30_000);

  test('[D2] a dead server shows its last state, gray and with its age, and nothing of it as well', async () => {
    await tree.release();
    await beta().postgres.stop();
    const { page, close } = await open('#/overview?cluster=beta');
    await page.getByText('The server does not answer.').first().waitFor({ timeout: 60_000 });
    await page.getByText('Below is its last known state').first().waitFor();
    await page.getByText('PostgreSQL 18').first().waitFor();
    expect(await page.locator('.old-data .tile.good').count()).toBe(0);
    await page.goto(`${url}/#/locks?cluster=beta`);
    await page.locator('.old-data').first().waitFor({ timeout: 20_000 });
    expect(await page.locator('.empty.good:not(.old-data *)').count()).toBe(0);
    await close();
    await shoot('#/overview?cluster=beta', 'd2-overview', 'The server does not answer.');
    await shoot('#/locks?cluster=beta', 'd2-locks', 'The server does not answer.');
  }, 150_000);
});
