import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../src/local/free-port.ts';
import { ARTIFACTS, startChromium } from '../support/browser.ts';
import { deepLockTree, type Waiter } from '../support/deep-lock-tree.ts';
import { HttpReceiver } from '../support/receivers.ts';
import { useServer } from '../support/test-server.ts';

/** What somebody finds who comes hours later: the locks are gone, and the server is down by now. */
describe('an incident that is over, from the link of its alert', () => {
  const server = useServer(18);
  const receiver = new HttpReceiver();
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-incident-'));
  let browser: Browser;
  let close: () => Promise<void>;
  let running: ChildProcess;
  let tree: Waiter;
  let link: URL;

  const messages = () => receiver.json() as { readonly link: string; readonly kind: string; readonly rule: string }[];
  const notified = (rule: string) => messages().find((message) => message.rule === rule && message.kind === 'firing');

  beforeAll(async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const file = join(folder, 'pgmon.yaml');
    writeFileSync(
      file,
      JSON.stringify({
        cluster: 'shop',
        dsn: server().postgres.dsn('pgmon'),
        http: { bind: new URL(url).host },
        store: { path: join(folder, 'store') },
        sample_intervals: { hot_path: '5s', workload: '30s' },
        alerts: {
          rules: { blocking_locks: { warning: 15, critical: 100_000, for: '0s' }, server_down: { for: '0s' } },
        },
        notifiers: { page_url: url, channels: [{ type: 'webhook', url: await receiver.listen() }] },
      }),
    );
    running = spawn(process.execPath, ['bin/pgmon.mjs', 'serve', '--config', file], {
      env: { PATH: process.env['PATH'] },
    });
    running.stderr?.resume();
    running.stdout?.resume();
    const soon = { timeout: 120_000, interval: 500 };
    await vi.waitFor(async () => expect((await fetch(`${url}/api/v1/locks`)).status).toBe(200), soon);
    const made = await deepLockTree(server());
    tree = made.tree;
    await vi.waitFor(() => expect(notified('blocking_locks')).toBeDefined(), soon);
    link = new URL(notified('blocking_locks')?.link ?? '');
    await made.release();
    await vi.waitFor(async () => {
      const { trees } = JSON.parse(await (await fetch(`${url}/api/v1/locks`)).text());
      expect(trees).toEqual([]);
    }, soon);
    await server().postgres.stop('immediate');
    await vi.waitFor(() => expect(notified('server_down')).toBeDefined(), soon);
    ({ browser, close } = await startChromium());
  }, 480_000);
  afterAll(async () => {
    await close?.();
    running?.kill('SIGINT');
    if (running) await new Promise((resolve) => running.on('exit', resolve));
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (address: string, width: number) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, timezoneId: 'Europe/Berlin' });
    const page = await context.newPage();
    await page.goto(address);
    return { page, close: () => context.close() };
  };
  const wide = (page: Page) => page.evaluate('document.documentElement.scrollWidth');

  /** The pids of a list of sessions, each with those below it, as they stand on the page. */
  const READ = `(() => {
    const read = (list) => [...list.children].flatMap((item) => {
      if (item.tagName === 'DETAILS') return [...item.querySelectorAll(':scope > ul')].flatMap(read);
      const pid = Number(/\\d+/.exec(item.querySelector(':scope > .session strong').textContent)[0]);
      const below = [...item.querySelectorAll(':scope > ul, :scope > details > ul')].flatMap(read);
      return [[pid, below.sort((a, b) => a[0] - b[0])]];
    });
    return read(document.querySelector('ul.tree'));
  })()`;
  const shape = ({ pid, blocks }: Waiter): unknown => [
    pid,
    [...blocks].sort((a, b) => a.pid - b.pid).map((one) => shape(one)),
  ];

  test.each([1280, 375])(
    'at %i px: exactly the tree of that moment, and the statement that would have ended it',
    async (width) => {
      const { page, close } = await open(link.href, width);
      await page.getByText(`pid ${tree.pid}`).first().waitFor({ timeout: 30_000 });
      expect(await page.evaluate(READ)).toEqual([shape(tree)]);
      await page.evaluate("document.querySelectorAll('.tree details').forEach((one) => { one.open = true; })");
      await page.getByText(`SELECT pg_terminate_backend(${tree.pid});`, { exact: true }).waitFor();
      expect(await page.getByText('pg_cancel_backend').count()).toBe(0);
      await page.getByText('12 sessions continue, one after the other.').waitFor();
      await page.getByText('Last statement').first().waitFor();
      // Now nobody answers: what has become of the transaction is what the last pass saw.
      await page.getByText('That transaction is over.').waitFor();
      // What ended it, and what was before.
      await page.getByText(/It was over by \d\d:\d\d:\d\d/).waitFor();
      await page.getByRole('link', { name: 'What changed before' }).waitFor();
      // Both events stand on the charts: that sessions blocked each other, and that the server went down.
      for (const title of ['Blocking locks', 'Server down'])
        await page.locator(`.mark[aria-label*="${title}"]`).first().waitFor({ state: 'attached', timeout: 60_000 });
      await sleep(500);
      await page.screenshot({ path: join(ARTIFACTS, `incident-locks-${width}.png`), fullPage: true });
      expect(await wide(page)).toBeLessThanOrEqual(width);
      await close();
    },
    120_000,
  );

  test.each([1280, 375])(
    'at %i px: the activity of that moment, its sessions, and the statement that they ran',
    async (width) => {
      const { page, close } = await open(link.href.replace('#/locks', '#/activity'), width);
      await page.getByText('Lock: transactionid').first().waitFor({ timeout: 30_000 });
      await page.getByText('billing').first().waitFor();
      // The moment stands on the charts.
      await page.locator('.moment-line').first().waitFor({ state: 'attached' });
      await sleep(500);
      await page.screenshot({ path: join(ARTIFACTS, `incident-activity-${width}.png`), fullPage: true });
      expect(await wide(page)).toBeLessThanOrEqual(width);
      await page.getByRole('group', { name: 'Split by' }).getByRole('button', { name: 'Statement' }).click();
      await expect.poll(() => page.url()).toContain('by=statement');
      await page.getByRole('region', { name: 'Load by statement' }).getByRole('link').first().click();
      await page.getByRole('heading', { name: 'Who runs it' }).waitFor({ timeout: 30_000 });
      await page.getByRole('cell', { name: 'orders' }).waitFor();
      await page.getByRole('cell', { name: 'Lock: transactionid' }).waitFor();
      await page.getByRole('heading', { name: 'Events', exact: true }).waitFor();
      await sleep(500);
      await page.screenshot({ path: join(ARTIFACTS, `incident-statement-${width}.png`), fullPage: true });
      expect(await wide(page)).toBeLessThanOrEqual(width);
      await close();
    },
    120_000,
  );

  test('what is said around that moment is of it, and not of now', async () => {
    const { page, close } = await open(link.href.replace('#/locks', '#/alerts'), 1280);
    await page.getByText('on shop').first().waitFor({ timeout: 30_000 });
    // The server is down now, and was up then.
    const badge = page.getByTitle('Worst state');
    await badge.getByText('1 warning').waitFor();
    await badge.getByText('at that moment').waitFor();
    expect(await page.locator('nav .badge').innerText()).toContain('1');
    // It had just begun: the link of its alert is of its first moment.
    expect(await page.locator('.alert-side').first().innerText()).toMatch(/^for \d+(\.\d+)? m?s\b/);
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'Silences' }).count()).toBe(0);
    expect(await page.locator('.alerts, table').getByText('Server down').count()).toBe(0);
    await close();
  }, 60_000);

  test('before the data: nothing was kept, and no history of later days', async () => {
    const { page, close } = await open(`${link.origin}/#/alerts?cluster=shop&at=-3d`, 1280);
    await page.getByText('Nothing is kept of that time').first().waitFor({ timeout: 30_000 });
    await page.getByText('No alert was kept up to that moment.').waitFor();
    await page.getByTitle('Worst state').getByText('no data').waitFor();
    expect(await page.getByText('No open alerts.').count()).toBe(0);
    await close();
  }, 60_000);

  test('a click in a chart that is zoomed in keeps the zoom, and Back undoes it', async () => {
    const moment = Date.parse(new URLSearchParams(link.hash.split('?')[1]).get('at') ?? '');
    const iso = (ms: number) => new Date(ms).toISOString();
    for (const view of ['locks', 'activity']) {
      const zoomed = `from=${iso(moment - 120_000)}&to=${iso(moment + 1_000)}`;
      const { page, close } = await open(`${link.origin}/#/${view}?cluster=shop&${zoomed}`, 1280);
      const chart = page.locator('.plot[data-shown]').first();
      await chart.waitFor({ timeout: 30_000 });
      // The range of the address, once the data is there: before, that of the first points.
      const ends = async () => ((await chart.getAttribute('data-shown')) ?? '').split(' ').map(Number);
      await expect
        .poll(async () => (await ends()).reduce((from, to) => to - from), { timeout: 20_000 })
        .toBeGreaterThan(100);
      const shown = await chart.getAttribute('data-shown');
      await chart.locator('.u-over').click({ position: { x: 300, y: 60 } });
      await expect.poll(() => page.url()).toContain('at=');
      expect(page.url()).toContain('from=');
      expect(page.url()).toContain('to=');
      await sleep(1_000);
      expect(await chart.getAttribute('data-shown')).toBe(shown);
      await page.goBack();
      await expect.poll(() => page.url()).not.toContain('at=');
      expect(page.url()).toContain(view);
      await close();
    }
  }, 120_000);

  test('a time in the address that cannot be shown is named', async () => {
    for (const [time, text] of [
      ['at=foo', 'at=foo is no time: now is shown.'],
      ['at=2100-01-01T00:00:00Z', 'at=2100-01-01T00:00:00Z is in the future: now is shown.'],
      ['from=-1h&to=-2h', 'from=-1h is not before to=-2h: the hour before that is shown.'],
    ]) {
      const { page, close } = await open(`${link.origin}/#/locks?cluster=shop&${time}`, 1280);
      await page.getByText(text ?? '').waitFor({ timeout: 30_000 });
      await close();
    }
  }, 90_000);

  test('a moment of the downtime: the last known state, and no value that was not measured', async () => {
    const at = new Date(Date.now() - 1_000).toISOString();
    const { page, close } = await open(`${link.origin}/#/activity?cluster=shop&at=${at}`, 1280);
    await page
      .getByText(/before that moment: the server did not answer/)
      .first()
      .waitFor({ timeout: 30_000 });
    await page.goto(`${link.origin}/#/overview?cluster=shop&at=${at}`);
    const connections = page.locator('.old-data .tile', { hasText: 'Connections' });
    await connections.waitFor({ timeout: 30_000 });
    expect(await connections.locator('.tile-value').innerText()).toMatch(/^\d+$/);
    await close();
  }, 60_000);

  test('now: the server is down, and its last state is gray and not green', async () => {
    const { page, close } = await open(`${link.origin}/#/locks?cluster=shop`, 1280);
    await page.getByText('The server does not answer.').first().waitFor({ timeout: 30_000 });
    await page.getByText('No session was waiting for a lock').waitFor();
    expect(await page.locator('main .good').count()).toBe(0);
    expect(await page.locator('.old-data').count()).toBeGreaterThan(0);
    await page.screenshot({ path: join(ARTIFACTS, 'incident-down-1280.png'), fullPage: true });
    await close();
  }, 120_000);

  test('the passes with waiters are stepped through', async () => {
    const { page, close } = await open(`${link.origin}/#/locks?cluster=shop`, 1280);
    await page.getByRole('button', { name: 'Previous pass with waiters' }).click({ timeout: 30_000 });
    await page.getByText(`pid ${tree.pid}`).first().waitFor({ timeout: 30_000 });
    expect(page.url()).toContain('at=');
    await close();
  }, 120_000);
});
