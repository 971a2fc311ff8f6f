import { z } from '@hono/zod-openapi';
import type { Load } from '../collectors/activity/load.ts';

export const lockRun = z.object({
  from: z.string().openapi({ description: 'The first pass of it, RFC 3339.' }),
  to: z.string().openapi({ description: 'The last pass of it.' }),
  passes: z.number().int(),
  most: z.number().int().openapi({ description: 'The most sessions that waited in one pass.' }),
  over_at: z.string().nullable().openapi({
    description: 'The first pass after it, in which nobody waited; null where the range ends before.',
  }),
});
type Run = z.output<typeof lockRun>;

/** Times during which in every pass somebody waited for a lock, oldest first. @param passes oldest first */
export function runsOf(passes: readonly Pick<Load, 'at' | 'blocked'>[]): Run[] {
  const runs: Run[] = [];
  let open: Run | undefined;
  for (const { at, blocked } of passes) {
    if (blocked === 0) {
      if (open) open.over_at = at;
      open = undefined;
    } else if (open) {
      open.to = at;
      open.passes += 1;
      open.most = Math.max(open.most, blocked);
    } else {
      open = { from: at, to: at, passes: 1, most: blocked, over_at: null };
      runs.push(open);
    }
  }
  return runs;
}
