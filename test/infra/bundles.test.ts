import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundles, build } from '../../lib/build.ts';
import { readDeployment } from '../../lib/deployment.ts';
import { LOOPS } from '../../src/config/loop.ts';
import { configSchema } from '../../src/config/schema.ts';
import { secretArn } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-parts-'));
let bundles: Bundles;
beforeAll(async () => {
  const file = join(folder, 'pgmon.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      targets: ['orders', 'billing', 'search'].map((cluster) => ({
        cluster,
        host: `${cluster}.example.com`,
        auth: { secretArn: secretArn(cluster) },
      })),
      sample_intervals: { hot_path: '30s' },
      aws: { shard_size: 2, emails: ['oncall@example.com'] },
      http: { tokens: [{ name: 'grafana', role: 'viewer', sha256: '0123456789abcdef'.repeat(4) }] },
      notifiers: {
        page_url: 'https://pgmon.example.com',
        channels: [
          { type: 'slack', url: { secretArn: secretArn('slack') } },
          { type: 'sns', topic_arn: 'arn:aws:sns:eu-west-1:000000000000:dba' },
        ],
      },
    }),
  );
  bundles = await build(readDeployment(file, {}), join(folder, 'built'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that lies beside the code of a Lambda but the SQL and the page, as one text. */
const beside = (of: string) =>
  readdirSync(of)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(of, name), 'utf8'))
    .join('\n');
const ofLoop = (loop: (typeof LOOPS)[number], shard: string) => beside(bundles.ofLoop(loop, shard));

describe('[E12] what lies beside a Lambda is what it needs', () => {
  test('the notifier: its channels, nothing of any target, of the API or of the loops', () => {
    const notifier = beside(bundles.of('notifier'));
    expect(notifier).toContain('slack');
    expect(notifier).toContain('https://pgmon.example.com');
    for (const foreign of ['orders', 'billing', 'search', 'example.com"}', '0123456789abcdef', ':sns:', 'oncall'])
      expect(notifier).not.toContain(foreign);
    // Nor does its code.
    for (const name of readdirSync(bundles.of('notifier')).filter((one) => one.endsWith('.mjs')))
      expect(readFileSync(join(bundles.of('notifier'), name), 'utf8')).not.toContain('orders.example.com');
  });

  test('the loops of a shard: their own targets and channels, none of another shard, no token', () => {
    for (const loop of LOOPS) {
      const [first, second] = [ofLoop(loop, 'default-1'), ofLoop(loop, 'default-2')];
      for (const own of ['orders.example.com', 'billing.example.com', ':sns:', 'https://pgmon.example.com'])
        expect(first).toContain(own);
      expect(second).toContain('search.example.com');
      for (const foreign of ['orders', 'billing']) expect(second).not.toContain(foreign);
      for (const foreign of ['search.example.com', secretArn('search'), 'slack', '0123456789abcdef', 'oncall'])
        expect(first).not.toContain(foreign);
    }
  });

  test('API and widgets: the names of targets without their addresses; the authorizer: who may read', () => {
    for (const name of ['api', 'widget'] as const) {
      expect(beside(bundles.of(name))).toContain('["orders","billing","search"]');
      for (const foreign of ['example.com', 'arn:', '0123456789abcdef'])
        expect(beside(bundles.of(name))).not.toContain(foreign);
    }
    const authorizer = beside(bundles.of('authorizer'));
    expect(authorizer).toContain('0123456789abcdef');
    for (const foreign of ['orders', 'example.com', 'arn:']) expect(authorizer).not.toContain(foreign);
  });

  test('one loop of all knows every name: it ends the alerts of those that are removed', () => {
    const all = '["orders","billing","search"]';
    const knowing = LOOPS.flatMap((loop) =>
      ['default-1', 'default-2'].filter((shard) => ofLoop(loop, shard).includes(all)).map((shard) => [loop, shard]),
    );
    expect(knowing).toEqual([['hot', 'default-1']]);
  });

  test('every part is a configuration, with what was set', () => {
    const parsed = (of: string) => configSchema.parse(JSON.parse(readFileSync(join(of, 'config.json'), 'utf8')));
    for (const name of ['api', 'widget', 'notifier', 'authorizer'] as const)
      expect(parsed(bundles.of(name)).targets).toEqual([]);
    expect(parsed(bundles.of('api')).sample_intervals.hot_path).toBe(30_000);
    const loop = parsed(bundles.ofLoop('workload', 'default-2'));
    expect(loop.targets.map(({ cluster }) => cluster)).toEqual(['search']);
    expect(loop.sample_intervals.hot_path).toBe(30_000);
  });
});
