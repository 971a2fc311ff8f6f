import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePort } from '../../src/local/free-port.ts';
import { serveApi } from '../support/api.ts';
import { pgmon } from '../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-event-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A configuration of two targets, whose servers nobody asks. */
function configured(name: string, bind: string): string {
  const file = join(folder, `${name}.yaml`);
  const targets = ['shop', 'other'].map((cluster) => `{ cluster: ${cluster}, dsn: "postgres://u@127.0.0.1:1/d" }`);
  writeFileSync(
    file,
    `targets: [${targets.join(', ')}]\nstore: { path: "${join(folder, name)}" }\nhttp: { bind: "${bind}" }\n`,
  );
  return file;
}

test('a deployment is posted to every target and listed, where no pgmon runs', async () => {
  const config = configured('alone', `127.0.0.1:${await freePort()}`);
  const posted = await pgmon(['event', 'deploy 4711', '--id', 'd1', '--json', '--config', config]);
  expect([posted.code, posted.stderr]).toEqual([0, '']);
  expect(JSON.parse(posted.stdout)).toMatchObject({
    id: 'd1',
    kind: 'deploy',
    text: 'deploy 4711',
    clusters: ['shop', 'other'],
  });
  const again = await pgmon(['event', 'something else', '--id', 'd1', '--cluster', 'shop', '--config', config]);
  expect(again.code).toBe(0);
  const listed = await pgmon(['events', '--since', '24h', '--json', '--config', config]);
  const { events } = JSON.parse(listed.stdout);
  expect(events.map(({ cluster, text }: { cluster: string; text: string }) => `${cluster} ${text}`).toSorted()).toEqual(
    ['other deploy 4711', 'shop deploy 4711'],
  );
  const table = await pgmon(['events', '--kind', 'deploy', '--cluster', 'other', '--config', config]);
  expect(table.stdout).toContain('deploy 4711');
  expect((await pgmon(['events', '--kind', 'restart', '--config', config])).stdout).toContain('no events');
});

test.each([
  [['event', 'x', '--kind', 'restart'], 'what pgmon finds by itself'],
  [['event', 'two\nlines'], 'one line of text'],
  [['event', 'x', '--cluster', 'nowhere'], 'nowhere'],
  [['event', 'x', '--at', 'someday'], '--at'],
  [['events', '--since', 'someday'], '--since must be'],
])('bad usage, exit 2: %s', async (args, said) => {
  const config = configured('bad', `127.0.0.1:${await freePort()}`);
  const result = await pgmon([...args, '--config', config]);
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(said)]);
});

test('the pgmon that runs is asked where one does', async () => {
  const api = await serveApi('postgres://u@127.0.0.1:1/d');
  try {
    const config = configured('running', new URL(api.url).host);
    const posted = await pgmon(['event', 'deploy 4712', '--cluster', 'shop', '--config', config]);
    expect([posted.code, posted.stdout]).toEqual([0, expect.stringMatching(/^deploy \w{16} at .*, on shop/)]);
    const { events } = await api.stores.events.between('shop', {
      from: new Date(Date.now() - 60_000),
      to: new Date(),
      limit: 10,
      routine: false,
    });
    expect(events).toMatchObject([{ text: 'deploy 4712', source: 'posted' }]);
    const listed = await pgmon(['events', '--cluster', 'shop', '--config', config]);
    expect(listed.stdout).toContain('deploy 4712');
  } finally {
    await api.close();
  }
});
