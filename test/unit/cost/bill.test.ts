import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import { billOf } from '../../../src/cost/bill.ts';
import { measuredCounts } from '../../../src/cost/counts.ts';
import { listPrices } from '../../../src/cost/prices.ts';

const config = (servers: number, more: object = {}) =>
  parseConfig(
    JSON.stringify({
      targets: Array.from({ length: servers }, (_, i) => ({
        cluster: `s${i}`,
        host: `s${i}`,
        auth: { iam: true, user: 'pgmon' },
      })),
      ...more,
    }),
    'test',
    {},
  );
const bill = (servers: number, more?: object) => billOf(config(servers, more), measuredCounts, listPrices);

describe('what a month costs', () => {
  test('one server: under $14.50 at list price, under $6 with what is free', () => {
    expect(bill(1).list).toBeLessThan(14.5);
    expect(bill(1).withFreeTier).toBeLessThan(6);
    expect(bill(1).dashboard).toMatchObject({ list: 3, withFreeTier: 0 });
  });

  test('a hundred: under $8.50 each', () => {
    expect(bill(100).list / 100).toBeLessThan(8.5);
  });

  test('the past of a server takes at most $0.40 of it', () => {
    expect(bill(1).past).toBeLessThan(0.4);
    expect(bill(100).past).toBeCloseTo(100 * bill(1).past, 10);
    expect(bill(1).past).toBeLessThan(
      bill(1).lines.reduce((sum, { service, list }) => sum + (service === 'DynamoDB' ? list : 0), 0),
    );
  });

  test('lines add up, and what is free is never more than the line', () => {
    const { lines, list, withFreeTier } = bill(30);
    expect(lines.reduce((sum, line) => sum + line.list, 0)).toBeCloseTo(list, 10);
    expect(lines.reduce((sum, line) => sum + line.withFreeTier, 0)).toBeCloseTo(withFreeTier, 10);
    for (const line of lines) {
      expect(line.withFreeTier).toBeGreaterThanOrEqual(0);
      expect(line.withFreeTier).toBeLessThanOrEqual(line.list);
    }
  });

  test.each([
    ['fewer metrics cost less', { cloudwatch: { metrics: 'essential' } }, -1],
    ['a slower hot loop costs less', { sample_intervals: { hot_path: '60s' } }, -1],
    ['a slower workload loop costs less', { sample_intervals: { workload: '5m' } }, -1],
    ['without a key of its own it costs a dollar less', { aws: { topic_key: 'none' } }, -1],
    ['a channel outside costs more', { notifiers: { channels: [{ type: 'webhook', url: 'https://example.com' }] } }, 1],
    [
      'endpoints cost more',
      {
        aws: {
          network: { vpc_id: 'vpc-0', subnet_ids: ['subnet-0'], security_group_ids: ['sg-0'], endpoints: ['sns'] },
        },
      },
      1,
    ],
  ])('%s', (_, more, sign) => {
    expect(Math.sign(bill(1, more).list - bill(1).list)).toBe(sign);
  });

  test('beyond ten thousand metrics each costs less', () => {
    const perServer = (servers: number) => {
      const line = bill(servers).lines.find(({ what }) => what.endsWith(' metrics'));
      return (line?.list ?? 0) / servers;
    };
    expect(perServer(100)).toBeCloseTo(perServer(1), 10);
    expect(perServer(1_000)).toBeLessThan(perServer(100));
  });

  test('the README says what the command says', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    for (const servers of [1, 10, 100, 1_000]) {
      const { list, withFreeTier } = bill(servers);
      const essential = bill(servers, { cloudwatch: { metrics: 'essential' } });
      const cells = [
        servers.toLocaleString('en-US'),
        ...[list, withFreeTier, essential.list].map((sum) => `$${(sum / servers).toFixed(2)}`),
      ];
      expect(readme).toContain(`| ${cells.join(' | ')} |`);
    }
  });
});
