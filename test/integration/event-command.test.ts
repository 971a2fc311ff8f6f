import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { changedCommand } from '../../src/cli/changed.ts';
import { eventCommand, eventsCommand } from '../../src/cli/events.ts';
import { historyCommand } from '../../src/cli/silences.ts';
import { freePort } from '../../src/local/free-port.ts';
import { serveApi } from '../support/api.ts';
import { pgmon } from '../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-event-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What a command prints. */
async function printed(command: () => Promise<unknown>): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  await command();
  write.mockRestore();
  return text;
}

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
  const again = { id: 'd1', cluster: 'shop', config };
  expect(await printed(() => eventCommand('something else', again))).toContain('deploy d1');
  const listed = await pgmon(['events', '--since', '24h', '--json', '--config', config]);
  const { events } = JSON.parse(listed.stdout);
  expect(events.map(({ cluster, text }: { cluster: string; text: string }) => `${cluster} ${text}`).toSorted()).toEqual(
    ['other deploy 4711', 'shop deploy 4711'],
  );
  const table = { kind: 'deploy', cluster: 'other', config };
  expect(await printed(() => eventsCommand(table))).toContain('deploy 4711');
  expect(await printed(() => eventsCommand({ kind: 'restart', config }))).toContain('no events');
  const changed = await pgmon(['changed', '--cluster', 'other', '--utc', '--config', config], { TZ: 'Asia/Tokyo' });
  expect([changed.code, changed.stderr]).toEqual([0, '']);
  expect(changed.stdout).toMatch(
    /^What changed on other from \S+ \S+ to \S+ \S+ \(UTC\): 1 event, nothing moved\.\n\nEvents:\n {2}\S+ \S+ {2}deploy 4711\n/,
  );
}, 120_000);

test.each([
  [{ from: '15m' }, 1],
  [{ from: '1h', to: '10m' }, 0],
  [{ at: '-10m' }, 0],
  [{ at: 'now' }, 1],
  [{ since: '1d' }, 1],
  [{}, 1],
])('events of a time: %j', async (range, count) => {
  const config = configured('ranges', `127.0.0.1:${await freePort()}`);
  const event = { cluster: 'shop', config, id: 'd1', at: '-5m' };
  await printed(() => eventCommand('deploy 4711', event));
  const found = await printed(() => eventsCommand({ cluster: 'shop', config, json: true, ...range }));
  expect(JSON.parse(found).events).toHaveLength(count);
});

test('a table has the zone of its times in its head', async () => {
  const config = configured('zones', `127.0.0.1:${await freePort()}`);
  await printed(() => eventCommand('deploy 4711', { cluster: 'shop', config, at: '2026-03-01T03:12:00Z' }));
  const table = await printed(() => eventsCommand({ config, from: '2026-03-01T00:00:00Z', utc: true }));
  expect(table).toContain('Time (UTC)');
  expect(table).toContain('2026-03-01 03:12:00');
});

test.each([
  [() => eventsCommand({ from: 'someday' }), '--from must be a time'],
  [() => eventsCommand({ from: '1h', since: '2h' }), '--since is another word'],
  [() => eventsCommand({ from: '1h', to: '2h' }), 'from: must be before to'],
  [() => eventsCommand({ kind: 'NO' }), 'kind'],
  [() => historyCommand({ at: 'someday', limit: '5' }), '--at must be a time'],
  [() => changedCommand({ at: '2999-01-01T00:00:00Z' }), 'at: is in the future'],
  [() => changedCommand({ window: '1m' }), 'window'],
  [() => changedCommand({ alert: 'x' }), 'alert'],
])('bad usage: %s', async (command, said) => {
  vi.stubEnv('PGMON_STORE_PATH', join(folder, 'usage'));
  vi.stubEnv('PGMON_HTTP_BIND', `127.0.0.1:${await freePort()}`);
  await expect(command()).rejects.toMatchObject({ code: 2, message: expect.stringContaining(said) });
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
