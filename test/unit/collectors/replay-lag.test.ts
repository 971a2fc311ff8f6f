import { describe, expect, test } from 'vitest';
import { type Received, type Replay, received, replayLag } from '../../../src/collectors/replay-lag.ts';

const replay = (receivedTo: number | null, replayed: number | null, replayedCommit: number | null): Replay => ({
  received: receivedTo,
  replayed,
  replayedCommit,
});

describe('[A8] seconds that received WAL has waited to be replayed', () => {
  test.each<[string, Received | undefined, number, Replay, number | null]>([
    ['nothing waits', [{ at: 0, position: 100 }], 60, replay(100, 100, -3_600), 0],
    ['the first pass knows nothing of before', undefined, 60, replay(200, 100, 0), null],
    ['an hour of silence before counts for nothing', [{ at: 3_600, position: 100 }], 3_660, replay(200, 100, 0), 0],
    [
      'a conflict of a minute after an hour of silence is a minute',
      [
        { at: 3_600, position: 100 },
        { at: 3_660, position: 200 },
      ],
      3_720,
      replay(300, 100, 0),
      60,
    ],
    ['busy and five seconds behind', [{ at: 0, position: 100 }], 60, replay(200, 190, 55), 5],
    [
      'busy, and never less than what has surely waited',
      [
        { at: 0, position: 100 },
        { at: 60, position: 200 },
      ],
      120,
      replay(300, 150, 90),
      60,
    ],
    [
      'without a commit ever replayed',
      [
        { at: 0, position: 100 },
        { at: 60, position: 200 },
      ],
      120,
      replay(300, 150, null),
      60,
    ],
    ['from an archive only the age of the last commit is known', [], 120, replay(null, 150, 100), 20],
    ['nothing replayed yet', [], 120, replay(300, null, null), null],
  ])('%s', (_name, seen, now, given, lag) => {
    expect(replayLag(seen, now, given)).toBe(lag);
  });

  test('what is replayed is forgotten but for the last, and a pause of a week stays small and exact', () => {
    let seen: Received | undefined;
    for (let minute = 0; minute < 10_080; minute++)
      seen = received(seen, minute * 60, replay(1_000 + minute, 1_000, 0));
    expect(seen?.length).toBeLessThanOrEqual(200);
    expect(replayLag(seen, 10_080 * 60, replay(20_000, 1_000, -1))).toBe(10_079 * 60);
    expect(received(seen, 604_860, replay(20_000, 20_000, 604_860))).toEqual([{ at: 604_860, position: 20_000 }]);
  });

  test('another timeline restarts', () => {
    expect(received([{ at: 0, position: 500 }], 60, replay(300, 200, 0))).toEqual([{ at: 60, position: 300 }]);
  });
});
