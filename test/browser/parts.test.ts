import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { serveApi } from '../support/api.ts';
import { ARTIFACTS, startChromium } from '../support/browser.ts';

const violations = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
});

/** Every part of the page, drawn from made data: no server is there, and none is asked. */
describe('the parts of the page', () => {
  let api: Awaited<ReturnType<typeof serveApi>>;
  let browser: Browser;
  let closeBrowser: () => Promise<void>;

  beforeAll(async () => {
    // Nothing listens there.
    api = await serveApi('postgres://nobody@127.0.0.1:1/nothing');
    ({ browser, close: closeBrowser } = await startChromium());
  }, 60_000);
  afterAll(async () => {
    await closeBrowser?.();
    await api?.close();
  });

  const open = async ({ width = 1280, scheme = 'light' as 'light' | 'dark', locale = 'en-GB', path = '' } = {}) => {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      timezoneId: 'Europe/Berlin',
      locale,
    });
    const page = await context.newPage();
    const [complaints, asked]: [string[], string[]] = [[], []];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url().includes('/api/')) asked.push(request.url());
    });
    await page.goto(`${api.url}/#/parts${path}`);
    await page.locator('.plot[data-shown]').nth(6).waitFor({ timeout: 30_000 });
    return { page, complaints, asked, close: () => context.close() };
  };
  const shown = async (page: Page) =>
    await Promise.all((await page.locator('.plot').all()).map((plot) => plot.getAttribute('data-shown')));
  /** Drags over a part of the first chart. */
  const drag = async (page: Page, from: number, to: number) => {
    const over = page.locator('.plot .u-over').first();
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    if (!box) throw new Error('no chart');
    await page.mouse.move(box.x + box.width * from, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * to, box.y + 60, { steps: 6 });
    await page.mouse.up();
  };

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [375, 'light'],
    [375, 'dark'],
  ] as const)(
    'at %i px, %s: no complaint, no violation, no request, and it fits',
    async (width, scheme) => {
      const { page, complaints, asked, close } = await open({ width, scheme });
      await page.evaluate(axe.source);
      const found = await page.evaluate(
        "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })",
      );
      const wrong = violations
        .parse(found)
        .violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
      await page.screenshot({ path: join(ARTIFACTS, `parts-${width}-${scheme}.png`), fullPage: true });
      expect(wrong).toEqual([]);
      expect(complaints).toEqual([]);
      expect(asked).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await close();
    },
    60_000,
  );

  test('a drag on one chart is the range of all and of the address; Back undoes it, a double click returns', async () => {
    const { page, close } = await open();
    const before = await shown(page);
    expect(new Set(before).size).toBe(1);
    await drag(page, 0.4, 0.6);
    await expect.poll(() => page.url()).toMatch(/from=20.*to=20/);
    await expect.poll(async () => new Set(await shown(page)).size).toBe(1);
    const [zoomed = ''] = await shown(page);
    const [from = 0, to = 0] = (zoomed ?? '').split(' ').map(Number);
    expect(to - from).toBeGreaterThan(600);
    expect(to - from).toBeLessThan(840);
    await page.goBack();
    await expect.poll(() => page.url()).not.toContain('from=');
    await expect.poll(async () => await shown(page)).toEqual(before);
    await drag(page, 0.4, 0.6);
    await expect.poll(() => page.url()).toContain('from=20');
    await page.locator('.plot .u-over').first().dblclick();
    await expect.poll(() => page.url()).not.toContain('from=');
    await close();
  }, 60_000);

  test('a double click returns to the range from which was zoomed, over two zooms', async () => {
    const { page, close } = await open({ path: '?from=-6h' });
    await drag(page, 0.8, 0.98);
    await expect.poll(() => page.url()).toContain('from=20');
    const once = page.url();
    await drag(page, 0.2, 0.8);
    await expect.poll(() => page.url()).not.toBe(once);
    await page.locator('.plot .u-over').first().dblclick();
    await expect.poll(() => page.url()).toContain('from=-6h');
    await close();
  }, 60_000);

  test('one cursor for all charts, by mouse and by keyboard', async () => {
    const { page, close } = await open();
    const times = page.locator('.legend-time');
    await page.getByText('Latest').first().waitFor();
    const over = page.locator('.plot .u-over').first();
    await over.hover({ position: { x: 200, y: 60 } });
    await expect.poll(async () => new Set(await times.allTextContents()).size).toBe(1);
    const under = await times.first().textContent();
    expect(under).not.toContain('Latest');
    await page.mouse.move(2, 2);
    await expect.poll(async () => await times.first().textContent()).toContain('Latest');
    const slider = page.getByRole('slider', { name: /^Active sessions/ });
    await slider.focus();
    const latest = await slider.getAttribute('aria-valuetext');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => await slider.getAttribute('aria-valuetext')).not.toBe(latest);
    await expect.poll(async () => new Set(await times.allTextContents()).size).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(async () => await times.first().textContent()).toContain('Latest');
    await close();
  }, 60_000);

  test('times are in the zone that is chosen, named, and it is kept; 12 hours where the language has them', async () => {
    const { page, close } = await open();
    const time = page.locator('.legend-time').first();
    expect(await time.textContent()).toMatch(/\d\d:\d\d:\d\d (CES?T|GMT\+[12])/);
    await page.getByRole('radio', { name: 'UTC' }).check();
    await expect.poll(async () => await time.textContent()).toContain('UTC');
    await page.reload();
    await page.locator('.plot[data-shown]').first().waitFor();
    expect(await time.textContent()).toContain('UTC');
    await close();
    const american = await open({ locale: 'en-US' });
    expect(await american.page.locator('.legend-time').first().textContent()).toMatch(/[AP]M/);
    await american.close();
  }, 60_000);

  test('what happened is a mark that says so, an alert a band, and those too near to tell apart are one', async () => {
    const { page, close } = await open();
    const chart = page.locator('.panel', { hasText: 'A stack with events and alerts' });
    await chart.getByRole('button', { name: /deploy 4711/ }).click();
    await page.locator('.happened').getByText('work_mem: from 4MB to 64MB').waitFor();
    await page.keyboard.press('Escape');
    expect(await chart.locator('.span').count()).toBe(2);
    await close();
  }, 30_000);

  test('the table behind a chart has its values, and steps without one are left out', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Connections as a table' }).click();
    const rows = page.getByRole('dialog').locator('tbody tr');
    await expect.poll(async () => await rows.count()).toBe(4);
    expect(await rows.first().textContent()).toMatch(/4$/);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await close();
  }, 30_000);

  test('of a thousand rows those in sight are drawn; they are sorted as a whole, what is missing last', async () => {
    const { page, close } = await open();
    const table = page.getByRole('region', { name: 'Tables by size' });
    const rows = table.locator('tbody tr:not(.space)');
    expect(await rows.count()).toBeLessThan(100);
    expect(await table.locator('table').getAttribute('aria-rowcount')).toBe('1001');
    const size = async () => Number.parseInt((await rows.first().locator('td').nth(1).textContent()) ?? '', 10);
    const most = await size();
    await table.getByRole('button', { name: 'Size' }).click();
    await expect.poll(size).toBeLessThan(most);
    // Rows are measured as they come into sight: the end moves until it is there.
    const end = async () => {
      await table.press('End');
      return await rows.last().locator('td').nth(1).textContent();
    };
    await expect.poll(end, { timeout: 10_000 }).toBe('–');
    await close();
  }, 30_000);

  test('a text is copied where browsers give pages no clipboard, also within a sheet; where nothing helps, that is said', async () => {
    const { page, close } = await open();
    // As on an http page of another machine.
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    const pasted = async () => {
      const field = page.getByPlaceholder('A field');
      await field.fill('');
      await field.focus();
      await page.keyboard.press('ControlOrMeta+v');
      return await field.inputValue();
    };
    const button = page.getByRole('button', { name: /^Cop\w+ the statement$/ });
    await button.click();
    await expect.poll(async () => await button.innerText()).toContain('Copied');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('the statement');
    expect(await pasted()).toBe('SELECT pg_cancel_backend(4711)');
    await page.getByRole('button', { name: 'Active sessions as a table' }).click();
    await page.getByRole('button', { name: /^Copy Active sessions$/ }).click();
    await page.getByRole('button', { name: /^Copied Active sessions$/ }).waitFor();
    await page.keyboard.press('Escape');
    expect(await pasted()).toContain('time');
    await page.evaluate('document.execCommand = () => false');
    await button.click();
    await page.getByRole('button', { name: 'Not allowed the statement' }).waitFor();
    await page.getByRole('button', { name: 'Copy: what ends it' }).click();
    await page.getByText('Selected', { exact: true }).waitFor();
    expect(await page.evaluate('getSelection().toString()')).toBe('SELECT pg_terminate_backend(4711);');
    await close();
  }, 60_000);

  test('the time control takes a range and a moment, and says what is wrong with one', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: /^Time range/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Time range' });
    await dialog.getByLabel('From').fill('2026-01-02T10:00:00');
    await dialog.getByLabel('To', { exact: true }).fill('2026-01-02T09:00:00');
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    await dialog.getByText('From must be before To.').waitFor();
    await dialog.getByLabel('To', { exact: true }).fill('2026-01-02T11:00:00');
    await dialog.getByRole('button', { name: 'Show', exact: true }).click();
    // 10:00 in Berlin in winter.
    await expect.poll(() => decodeURIComponent(page.url())).toContain('from=2026-01-02T09:00:00Z');
    expect(decodeURIComponent(page.url())).toContain('to=2026-01-02T10:00:00Z');
    await page.getByRole('button', { name: /^Time range/ }).click();
    await dialog.getByRole('button', { name: '6 hours', exact: true }).click();
    await expect.poll(() => page.url()).toMatch(/from=-6h$/);
    await close();
  }, 30_000);
});
