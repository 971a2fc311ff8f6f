import type { SessionRow } from './session-row.ts';

/**
 * Before 14 no view says when a wait for a lock began: it has lasted since the pass that saw it first. It is the same
 * wait where the same transaction, in the same statement, wants the same object from one that has held it all the time,
 * which rows and relations prove and advisory locks do not. So a wait is never said to be longer than it is, but up to one
 * interval shorter, and one for an advisory lock is 0. From 14 on the rows stay as they are.
 */
export function withWaitTimes<Row extends SessionRow>(
  rows: readonly Row[],
  before: { readonly rows: readonly Row[]; readonly seconds: number } | undefined,
): readonly Row[] {
  if (!before) return rows;
  const known = new Map(
    before.rows.flatMap(({ wait_for, wait_seconds }) =>
      (wait_for ?? []).map((key) => [key, wait_seconds ?? 0] as const),
    ),
  );
  if (known.size === 0) return rows;
  return rows.map((row) => {
    const waited = (row.wait_for ?? []).flatMap((key) => known.get(key) ?? []);
    return waited.length === 0 ? row : { ...row, wait_seconds: Math.max(...waited) + before.seconds };
  });
}
