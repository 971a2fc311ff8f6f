import { archiver } from '../../collectors/archiver.ts';
import { checkpoints } from '../../collectors/checkpoints.ts';
import { databases } from '../../collectors/databases.ts';
import { statementsInfo } from '../../collectors/statements/statements-info.ts';
import { comparable, defineEventKind, difference } from '../kind.ts';

/** From here on a time of reset is there only after a reset; before, the first session of a database sets it. */
const RESETS_ONLY = 15;

/** Counters of the server were set back: each restarts from zero. */
export const statisticsReset = defineEventKind({
  name: 'statistics_reset',
  loop: 'workload',
  title: 'Statistics reset',
  reads: [databases, archiver, checkpoints],
  many: (count) => `${count} sets of statistics were reset`,
  compare: (comparison) => {
    const { server } = comparison.current;
    const draft = (before: number | null, after: number | null, db: string | undefined, view: string) => {
      const isFirst = before === null && (server?.major ?? 0) < RESETS_ONLY;
      if (after === null || isFirst || (before !== null && after <= before)) return [];
      const [from, to] = [before, after].map((seconds) => (seconds === null ? undefined : timeText(seconds)));
      // The server sets the same time for pg_stat_reset() and for the reset of the counters of one table.
      const text =
        db === undefined
          ? `${view} was reset.`
          : `The statistics of database ${db}, or of one of its tables or functions, were reset.`;
      return [{ at: to, db, object: view, from, to, text }];
    };
    return [
      ...comparable(comparison, databases).flatMap((place) =>
        difference(place, ({ db }) => db).both.flatMap(([before, after]) =>
          draft(before.stats_reset, after.stats_reset, after.db, 'pg_stat_database'),
        ),
      ),
      ...comparable(comparison, archiver).flatMap(({ before: [before], after: [after] }) =>
        before && after ? draft(before.stats_reset, after.stats_reset, undefined, 'pg_stat_archiver') : [],
      ),
      ...comparable(comparison, checkpoints).flatMap(({ before: [before], after: [after] }) =>
        before && after ? draft(before.stats_reset, after.stats_reset, undefined, 'pg_stat_bgwriter') : [],
      ),
    ];
  },
});

/** All statements count from zero again. */
export const statementsReset = defineEventKind({
  name: 'statements_reset',
  loop: 'workload',
  title: 'Statements reset',
  reads: [statementsInfo],
  compare: (comparison) =>
    comparable(comparison, statementsInfo).flatMap(({ before: [before], after: [after] }) => {
      const [from, to] = [before?.stats_reset ?? null, after?.stats_reset ?? null];
      if (from === null || to === null || to <= from) return [];
      return [
        {
          at: timeText(to),
          object: 'pg_stat_statements',
          from: timeText(from),
          to: timeText(to),
          text: 'pg_stat_statements was reset: all statements count from zero.',
        },
      ];
    }),
});

/** Statements begin to be evicted; while that continues, it is one event. */
export const statementsEvicted = defineEventKind({
  name: 'statements_evicted',
  loop: 'workload',
  title: 'Statements evicted',
  reads: [statementsInfo],
  metrics: ['pg_stat_statements_evictions_total'],
  compare: (comparison) =>
    comparable(comparison, statementsInfo).flatMap(({ before: [before], after: [after] }) => {
      const [from, to] = [before?.evictions ?? null, after?.evictions ?? null];
      const wasEvicting = comparison.previous.rates.some(({ value }) => value > 0);
      if (from === null || to === null || to <= from || wasEvicting) return [];
      return [
        {
          object: 'pg_stat_statements',
          from: String(from),
          to: String(to),
          text: `pg_stat_statements evicts its least used statements: it has more than its ${after?.max_entries ?? 'maximum of'} entries.`,
        },
      ];
    }),
});

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
