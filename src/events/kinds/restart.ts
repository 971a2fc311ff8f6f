import { defineEventKind } from '../kind.ts';

/** Clocks of two passes may differ by the rounding of a float. */
const SAME_SECONDS = 1;

/** The server was started again: by the start time of its postmaster. */
export const restart = defineEventKind({
  name: 'restart',
  loop: 'hot',
  title: 'Restart',
  severity: 'warning',
  compare: ({ previous, current }) => {
    const [before, after] = [previous.server?.startedAt, current.server?.startedAt];
    if (before === undefined || after === undefined || after - before < SAME_SECONDS) return [];
    const [from, to] = [before, after].map((seconds) => new Date(seconds * 1_000).toISOString());
    return [{ at: to, from, to, text: `The server was restarted; it had run since ${from?.slice(0, 19)}Z.` }];
  },
});
