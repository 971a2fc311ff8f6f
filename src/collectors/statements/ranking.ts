import type { Statement } from './deltas.ts';
import type { Work } from './period.ts';

/** What a top list is made by: most time, most calls, most blocks read. */
const BY: readonly (keyof Work)[] = ['seconds', 'calls', 'blocksRead'];

/**
 * The N statements that matter most: in turn the next by time, by calls and by blocks read, of the interval first and
 * of all time where the interval has no more. Always the same bound, whatever the server holds.
 */
export function topStatements(statements: readonly Statement[], count: number): Statement[] {
  const lists = BY.map((by) =>
    statements.toSorted(
      (a, b) => (b.interval?.[by] ?? 0) - (a.interval?.[by] ?? 0) || b.total[by] - a.total[by] || order(a, b),
    ),
  );
  const chosen = new Set<Statement>();
  for (let i = 0; i < statements.length && chosen.size < count; i++) {
    for (const list of lists) {
      const statement = list[i];
      if (statement && chosen.size < count) chosen.add(statement);
    }
  }
  return [...chosen];
}

function order(a: Statement, b: Statement): number {
  return a.queryid < b.queryid ? -1 : 1;
}
