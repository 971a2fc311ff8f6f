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
  const known = new Map(
    (before?.rows ?? []).flatMap(({ wait_for, waits, holders }) =>
      (wait_for ?? []).map((key, i) => [key, { seconds: waits?.[i] ?? 0, holders: new Set(holders) }] as const),
    ),
  );
  const secondsOf = (key: string, holders: readonly string[]) => {
    const found = known.get(key);
    return before && found && holders.some((holder) => found.holders.has(holder)) ? found.seconds + before.seconds : 0;
  };
  return rows.map((row) => {
    const { waiting, waits: given, wait_for, holders } = row;
    if (!waiting || given) return row;
    const waits = wait_for ? wait_for.map((key) => secondsOf(key, holders ?? [])) : waiting.map(() => 0);
    return { ...row, waits, wait_seconds: Math.max(...waits) };
  });
}
