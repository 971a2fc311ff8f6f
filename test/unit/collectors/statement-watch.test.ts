import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../src/collectors/statements/deltas.ts';
import { noWork, type Work } from '../../../src/collectors/statements/period.ts';
import { type StatementChange, type Watch, watched, watchSchema } from '../../../src/collectors/statements/watch.ts';

type Calls = Partial<Work> & { readonly isNew?: boolean };

/** Passes of a minute, and what they show. */
class Minutes {
  #watch: Watch | undefined;
  readonly changes: string[] = [];

  get size(): number {
    return Object.keys(this.#watch?.statements ?? {}).length;
  }

  pass(statements: Readonly<Record<string, Calls>>, isTrusted = true): StatementChange[] {
    const all = Object.entries(statements).map(([queryid, { isNew = false, ...work }]): Statement => {
      const interval = { ...noWork(), ...work };
      return { db: 'my shop', queryid, total: interval, interval, isNew };
    });
    const { watch, changes } = watched(this.#watch, all, 60, isTrusted);
    // As the table gives it back after a restart.
    this.#watch = watchSchema.parse(JSON.parse(JSON.stringify(watch)));
    this.changes.push(...changes.map(({ change, queryid, db }) => `${change} ${queryid} ${db}`));
    return changes;
  }

  passes(count: number, statements: Readonly<Record<string, Calls>>): void {
    for (let i = 0; i < count; i++) this.pass(statements);
  }
}

const main = { calls: 1_000, seconds: 30, rows: 1_000, blocksHit: 10_000 };

describe('new statements', () => {
  test('one that takes a twentieth of the time in two passes, once', () => {
    const minutes = new Minutes();
    minutes.passes(3, { main });
    minutes.pass({ main, fresh: { calls: 100, seconds: 10, isNew: true } });
    expect(minutes.changes).toEqual([]);
    minutes.passes(20, { main, fresh: { calls: 100, seconds: 10 } });
    expect(minutes.changes).toEqual(['new fresh my shop']);
  });

  test.each<[string, (minutes: Minutes) => void]>([
    ['a light one', (minutes) => minutes.pass({ main, fresh: { calls: 10, seconds: 1, isNew: true } })],
    ['one that ran once', (minutes) => minutes.pass({ main, fresh: { calls: 1, seconds: 20, isNew: true } })],
    [
      'one on a server at rest',
      (minutes) => {
        minutes.pass({ fresh: { calls: 10, seconds: 0.1, isNew: true } });
        minutes.passes(5, { fresh: { calls: 10, seconds: 0.1 } });
      },
    ],
    [
      'one that may have been evicted and came back',
      (minutes) => {
        minutes.pass({ main, fresh: { calls: 10, seconds: 10, isNew: true } }, false);
        minutes.passes(5, { main, fresh: { calls: 10, seconds: 10 } });
      },
    ],
    [
      'one that is heavy only when it is no longer new',
      (minutes) => {
        minutes.pass({ main, fresh: { calls: 10, seconds: 0.1, isNew: true } });
        minutes.passes(40, { main, fresh: { calls: 10, seconds: 0.1 } });
        minutes.passes(5, { main, fresh: { calls: 10, seconds: 10 } });
      },
    ],
  ])('not %s', (_, act) => {
    const minutes = new Minutes();
    minutes.passes(3, { main });
    act(minutes);
    minutes.passes(5, { main });
    expect(minutes.changes).toEqual([]);
  });

  test('none in the first pass, when all are', () => {
    const minutes = new Minutes();
    minutes.pass({ main: { ...main, isNew: true } });
    minutes.passes(5, { main });
    expect(minutes.changes).toEqual([]);
  });

  test('a thousand statements that all differ are no event, and no memory without end', () => {
    const minutes = new Minutes();
    for (let i = 0; i < 20; i++) {
      const differing = Array.from({ length: 1_000 }, (_, n) => [
        `${i} ${n}`.replace(' ', ''),
        { calls: 1, seconds: 0.05, isNew: true },
      ]);
      minutes.pass({ main, ...Object.fromEntries(differing) });
    }
    expect(minutes.changes).toEqual([]);
    expect(minutes.size).toBeLessThanOrEqual(300);
  });
});

describe('statements no longer seen', () => {
  const other = { calls: 100, seconds: 10 };

  test('one that was always there, after ten passes of the others, once', () => {
    const minutes = new Minutes();
    minutes.passes(31, { main, other });
    minutes.passes(9, { main });
    expect(minutes.changes).toEqual([]);
    minutes.passes(30, { main });
    expect(minutes.changes).toEqual(['gone other my shop']);
  });

  test.each<[string, (minutes: Minutes) => void]>([
    [
      'one that pauses',
      (minutes) =>
        [9, 9, 9].forEach((n) => {
          minutes.passes(n, { main });
          minutes.passes(3, { main, other });
        }),
    ],
    ['all of them at night', (minutes) => minutes.passes(60, {})],
    ['all of them but a trickle', (minutes) => minutes.passes(60, { main: { calls: 1, seconds: 1 } })],
  ])('not %s', (_, act) => {
    const minutes = new Minutes();
    minutes.passes(40, { main, other });
    act(minutes);
    expect(minutes.changes).toEqual([]);
  });

  test('not one that runs now and then', () => {
    const minutes = new Minutes();
    for (let hour = 0; hour < 20; hour++) {
      minutes.passes(4, { main, other });
      minutes.passes(4, { main });
    }
    minutes.passes(30, { main });
    expect(minutes.changes).toEqual([]);
  });
});

describe('plan changes', () => {
  const calls = (blocks: number, ms: number, rows = 1, count = 100): Calls => ({
    calls: count,
    seconds: (count * ms) / 1_000,
    rows: count * rows,
    blocksHit: count * blocks,
  });

  test('far more blocks and time for the same rows, in two passes; then that is usual', () => {
    const minutes = new Minutes();
    minutes.passes(20, { q: calls(4, 0.1) });
    minutes.pass({ q: calls(2_000, 20) });
    expect(minutes.changes).toEqual([]);
    const [change] = minutes.pass({ q: calls(2_000, 20) });
    expect(change).toMatchObject({
      change: 'plan',
      queryid: 'q',
      before: { blocks: expect.closeTo(4, 3), seconds: expect.closeTo(0.0001, 6), rows: expect.closeTo(1, 3) },
      after: { blocks: expect.closeTo(2_000, 0), seconds: expect.closeTo(0.02, 4) },
    });
    minutes.passes(30, { q: calls(2_000, 20) });
    expect(minutes.changes).toHaveLength(1);
    minutes.passes(2, { q: calls(4, 0.1) });
    expect(minutes.changes).toHaveLength(2);
  });

  test.each<[string, Calls[]]>([
    ['for more rows', [calls(2_000, 20, 900), calls(2_000, 20, 900), calls(2_000, 20, 900)]],
    ['in one pass alone', [calls(2_000, 20), calls(4, 0.1), calls(2_000, 20), calls(4, 0.1)]],
    ['of a few blocks', [calls(80, 20), calls(80, 20), calls(80, 20)]],
    ['that takes no more time', [calls(2_000, 0.15), calls(2_000, 0.15), calls(2_000, 0.15)]],
    ['of a handful of calls', [calls(2_000, 20, 1, 2), calls(2_000, 20, 1, 2), calls(2_000, 20, 1, 2)]],
    ['that comes slowly', Array.from({ length: 100 }, (_, i) => calls(4 + i * 3, 0.1 + i / 100))],
  ])('not %s', (_, passes) => {
    const minutes = new Minutes();
    minutes.passes(20, { q: calls(4, 0.1) });
    for (const q of passes) minutes.pass({ q });
    expect(minutes.changes).toEqual([]);
  });
});
