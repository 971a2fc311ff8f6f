import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frame } from '../../src/widgets/frame.ts';
import { type WidgetName, widgets } from '../../src/widgets/index.ts';
import type { Ask } from '../../src/widgets/widget.ts';
import { serveApi } from '../support/api.ts';
import { ARTIFACTS, startChromium } from '../support/browser.ts';
import { useServer } from '../support/test-server.ts';

describe('the widgets of the dashboard in Chromium', () => {
  const server = useServer(18);
  let api: Awaited<ReturnType<typeof serveApi>>;
  let browser: Browser;
  let close: () => Promise<void>;

  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id serial PRIMARY KEY, note text)');
    await server().sql('INSERT INTO orders (note) SELECT md5(i::text) FROM generate_series(1, 5000) AS i');
    await server().sql('UPDATE orders SET note = note WHERE id < 2000');
    await server().sql(`CREATE TABLE "a <b>bold</b> name, and a long one" (id int)`);
    api = await serveApi(server().postgres.dsn('pgmon'), {}, { rules: { long_transaction: { warning: 0.1 } } });
    await api.pass();
    await server().lockTree();
    for (let i = 0; i < 30; i++) await server().sql('SELECT count(*) FROM orders WHERE note > $1', ['a']);
    await api.pass();
    ({ browser, close } = await startChromium());
  });
  afterAll(async () => {
    await close?.();
    await api?.close();
  });

  const ask: Ask = async (path, answer) => answer.parse(await (await api.app.request(path)).json());

  test.each(Object.keys(widgets) as WidgetName[])('%s: readable in light and dark, at any width', async (name) => {
    for (const theme of ['light', 'dark'] as const) {
      const html = await frame(widgets[name], ask, 'shop', theme);
      expect(html).not.toContain('<b>bold</b>');
      for (const width of [320, 588, 1_200]) {
        const page = await browser.newPage({ viewport: { width, height: 420 } });
        const problems: string[] = [];
        page.on('pageerror', (error) => problems.push(error.message));
        await page.setContent(
          `<body style="margin:8px;background:${theme === 'dark' ? '#0f1b2a' : '#fff'}">${html}</body>`,
        );
        const wider = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
        await page.screenshot({ path: join(ARTIFACTS, `widget-${name}-${width}-${theme}.png`) });
        expect([name, width, wider, problems]).toEqual([name, width, false, []]);
        await page.close();
      }
    }
  });

  test('what cannot be shown says why in its place', async () => {
    const html = await frame(
      widgets['lock-tree'],
      async () => Promise.reject(new Error('No target is called x.')),
      'x',
      'light',
    ).catch((error: Error) => error.message);
    expect(html).toContain('No target is called x.');
  });
});
