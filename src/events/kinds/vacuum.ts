import { valueText } from '../../alerts/format.ts';
import { vacuum } from '../../collectors/vacuum.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

type Row = ReturnType<typeof vacuum.rowsOf>[number];

/** Tables of which one of two counters has grown since the pass before. */
function finished(
  comparison: Comparison,
  automatic: keyof Row & `${string}_count`,
  manual: keyof Row & `${string}_count`,
) {
  return comparable(comparison, vacuum).flatMap((place) =>
    difference(place, ({ relation }) => relation).both.flatMap(([before, after]) => {
      const grown = (column: typeof manual) => (after[column] ?? 0) > (before[column] ?? 0);
      const [byServer, byHand] = [grown(automatic), grown(manual)];
      if (!byServer && !byHand) return [];
      const by = byServer && byHand ? 'autovacuum and by hand' : byServer ? 'autovacuum' : 'by hand';
      return [{ db: place.db, before, after, byServer, byHand, by }];
    }),
  );
}

/** When it ended, by what the server says of its age; never before the pass before. */
function endedAt({ current, previous }: Comparison, ages: readonly (number | null)[]): string {
  const known = ages.filter((age) => age !== null);
  const age = known.length > 0 ? Math.min(...known) : 0;
  return new Date(
    Math.min(
      Date.parse(current.takenAt),
      Math.max(Date.parse(previous.takenAt), Date.parse(current.takenAt) - age * 1_000),
    ),
  ).toISOString();
}

/** A table was vacuumed, with what that achieved: dead rows and pages before and after. */
export const vacuumed = defineEventKind({
  name: 'vacuum',
  loop: 'workload',
  title: 'Vacuum',
  severity: 'info',
  reads: [vacuum],
  many: (count) => `${count} tables were vacuumed`,
  compare: (comparison) =>
    finished(comparison, 'autovacuum_count', 'vacuum_count').map(({ db, before, after, byServer, byHand, by }) => {
      const [from, to] = [before, after].map(stateText);
      const ages = [byServer ? after.autovacuum_seconds : null, byHand ? after.manual_vacuum_seconds : null];
      const text = `${after.relation} was vacuumed (${by}); the pass before it saw ${from}, the pass after it ${to}.`;
      return { at: endedAt(comparison, ages), db, object: after.relation, from, to, by, text };
    }),
});

/** A table was analyzed. */
export const analyzed = defineEventKind({
  name: 'analyze',
  loop: 'workload',
  title: 'Analyze',
  severity: 'info',
  reads: [vacuum],
  many: (count) => `${count} tables were analyzed`,
  compare: (comparison) =>
    finished(comparison, 'autoanalyze_count', 'analyze_count').map(({ db, before, after, byServer, byHand, by }) => {
      const [from, to] = [before, after].map(({ modified }) =>
        modified === null ? undefined : `${countText(modified)} rows changed since`,
      );
      const ages = [byServer ? after.autoanalyze_seconds : null, byHand ? after.manual_analyze_seconds : null];
      // What changed between the pass before it and the analyze itself is counted nowhere.
      const changed = before.modified ? `, after at least ${countText(before.modified)} changed rows` : '';
      const text = `${after.relation} was analyzed (${by})${changed}.`;
      return { at: endedAt(comparison, ages), db, object: after.relation, from, to, by, text };
    }),
});

/** Pages are those that the last vacuum or analyze found: before the first one there are none, whatever the size. */
function stateText({ dead_tuples, pages_bytes }: Row): string {
  const size = pages_bytes > 0 ? ` in ${valueText(pages_bytes, 'Bytes')}` : '';
  return `${countText(dead_tuples)} dead rows${size}`;
}

function countText(count: number): string {
  return count.toLocaleString('en-US');
}
