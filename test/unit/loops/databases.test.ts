import { describe, expect, test } from 'vitest';
import { scanOrder } from '../../../src/loops/databases.ts';

const found = (...names: string[]) =>
  names.map((database) => ({
    database,
    rows_written: 0,
    sessions: 0,
    in_use: false,
    may_connect: !database.startsWith('closed'),
  }));
const all = { exclude: [], max: 20 };

describe('the order of database scans', () => {
  test.each([
    ['all but the connected one', found('a', 'b', 'c'), all, undefined, ['a', 'c'], []],
    ['only those named', found('a', 'b', 'c'), { ...all, include: ['c'] }, undefined, ['c'], []],
    ['without those excluded', found('a', 'b', 'c'), { ...all, exclude: ['a'] }, undefined, ['c'], []],
    ['continuing where time ran out', found('a', 'b', 'c', 'd'), all, 'c', ['c', 'd', 'a'], []],
    ['continuing at one that is gone', found('a', 'b', 'c'), all, 'x', ['a', 'c'], []],
    [
      'what the role may not connect to is said',
      found('a', 'b', 'closed1'),
      all,
      undefined,
      ['a'],
      ['databases that refuse this role: closed1'],
    ],
    [
      'over the cap, the connected one counted',
      found('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
      { ...all, max: 2 },
      undefined,
      ['a'],
      ['7 databases are not monitored, over the cap of 2: c, d, e, f, g and 2 more'],
    ],
    [
      'named and not there',
      found('a', 'b'),
      { ...all, include: ['a', 'Shop'] },
      undefined,
      ['a'],
      ['databases.include names unknown databases: Shop'],
    ],
  ])('%s', (_, databases, config, resumeAt, expected, messages) => {
    const order = scanOrder(databases, 'b', config, resumeAt);
    expect(order.databases).toEqual(expected);
    expect(order.findings.map(({ message }) => message)).toEqual(messages);
    expect(order.findings.every(({ hint }) => hint)).toBe(true);
  });
});
