import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { pageFrom } from '../../../src/api/page.ts';
import { ARTIFACTS, startChromium } from '../../support/browser.ts';
import { makeScene, type Scene, watch } from './scene.ts';

/*
 * Pictures of every view, for people to look at: of a past moment, of now, of a server that is down, and with one minute of data,
 * at two widths, in light and dark. They lie in test/artifacts/shots.
 *
 *   npx node test/browser/shots/shoot.ts                 makes the scene, shoots all of it, and ends
 *   npx node test/browser/shots/shoot.ts --keep          makes the scene and keeps it until Ctrl-C
 *   npx node test/browser/shots/shoot.ts locks queries   shoots these views of a kept scene, with the page as it is built now
 */

const VIEWS = [
  ...['overview', 'activity', 'locks', 'queries', 'statement', 'autovacuum', 'storage', 'partitions', 'wraparound'],
  ...['replication', 'alerts', 'events', 'changed', 'agent'],
];
const WIDTHS = [1280, 375];
const SCHEMES = ['light', 'dark'] as const;

const FOLDER = join(ARTIFACTS, 'shots');
const KEPT = join(ARTIFACTS, 'scene.json');

interface Moment {
  readonly url: string;
  readonly query: string;
}

async function shoot(browser: Browser, scene: Scene, views: readonly string[], moments: Record<string, Moment>) {
  const built = pageFrom('ui/dist');
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({
        viewport: { width, height: 812 },
        colorScheme,
        timezoneId: 'Europe/Berlin',
        locale: 'en-GB',
      });
      await context.route('**/*', async (route) => {
        const file = built.file(new URL(route.request().url()).pathname);
        await (file ? route.fulfill({ body: Buffer.from(file.bytes), contentType: file.type }) : route.fallback());
      });
      const page = await context.newPage();
      for (const view of views) {
        for (const [name, { url, query }] of Object.entries(moments)) {
          const [path, more] = view === 'statement' ? ['queries', `&queryid=${scene.queryid}`] : [view, ''];
          await page.goto('about:blank');
          await page.goto(`${url}/#/${path}?${query}${more}`);
          await page.locator('.panel, .empty').first().waitFor({ timeout: 20_000 });
          for (let i = 0; i < 100 && (await page.locator('.waiting').count()) > 0; i++) await sleep(50);
          await sleep(300);
          await page.screenshot({ path: join(FOLDER, `${view}-${name}-${width}-${colorScheme}.png`), fullPage: true });
        }
      }
      await context.close();
    }
  }
}

async function shootAll(scene: Scene, views: readonly string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-fresh-'));
  const fresh = await watch(folder, { [scene.up]: scene.dsn });
  const { browser, close } = await startChromium();
  try {
    await sleep(60_000);
    await shoot(browser, scene, views, {
      minute: { url: fresh.url, query: `cluster=${scene.up}` },
      past: { url: scene.url, query: `cluster=${scene.up}&at=${scene.at}` },
      now: { url: scene.url, query: `cluster=${scene.up}` },
      down: { url: scene.url, query: `cluster=${scene.down}` },
    });
  } finally {
    await close();
    await fresh.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { keep: { type: 'boolean' } } });
if (positionals.length > 0) {
  await shootAll(JSON.parse(readFileSync(KEPT, 'utf8')) as Scene, positionals);
} else {
  const { close, ...scene } = await makeScene(console.log);
  if (values.keep) {
    mkdirSync(ARTIFACTS, { recursive: true });
    writeFileSync(KEPT, JSON.stringify(scene));
    console.log('kept until Ctrl-C');
    await new Promise((resolve) => process.once('SIGINT', resolve));
    rmSync(KEPT, { force: true });
  } else {
    await shootAll(scene, VIEWS);
  }
  await close();
}
