import { archiver } from '../../collectors/archiver.ts';
import { checkpoints } from '../../collectors/checkpoints.ts';
import { databases } from '../../collectors/databases.ts';
import { comparable, defineEventKind, difference } from '../kind.ts';

/** Archiving of WAL begins to fail, or works again. */
export const archiverChanged = defineEventKind({
  name: 'archiver_changed',
  loop: 'workload',
  title: 'Archiver',
  reads: [archiver],
  compare: (comparison) =>
    comparable(comparison, archiver).flatMap(({ before: [before], after: [after] }) => {
      if (!before || !after || before.failing === after.failing) return [];
      if (after.failing === 1) {
        const wal = after.last_failed_wal ?? undefined;
        const text = `Archiving of WAL fails${wal ? `, at ${wal}` : ''}.`;
        return [{ severity: 'warning' as const, object: wal, from: 'working', to: 'failing', text }];
      }
      return [{ from: 'failing', to: 'working', text: 'Archiving of WAL works again.' }];
    }),
});

/** Checkpoints that wrote something: on an idle server those that are due are left out, and counted all the same. */
export const checkpoint = defineEventKind({
  name: 'checkpoint',
  loop: 'workload',
  title: 'Checkpoint',
  severity: 'info',
  reads: [checkpoints],
  compare: (comparison) =>
    comparable(comparison, checkpoints).flatMap(({ before: [before], after: [after] }) => {
      if (!before || !after || before.stats_reset !== after.stats_reset) return [];
      const since = (column: 'timed' | 'requested' | 'done' | 'buffers_checkpoint') =>
        before[column] === null || after[column] === null ? undefined : Math.max(0, after[column] - before[column]);
      const [timed = 0, requested = 0, buffers = 0] = [since('timed'), since('requested'), since('buffers_checkpoint')];
      const isMade = (since('done') ?? buffers) > 0 || buffers > 0;
      if (timed + requested === 0 || !isMade) return [];
      const why = [...(requested > 0 ? [`${requested} requested`] : []), ...(timed > 0 ? [`${timed} timed`] : [])];
      return [
        {
          object: requested > 0 ? 'requested' : 'timed',
          text: `Checkpoint: ${why.join(', ')}; ${buffers.toLocaleString('en-US')} buffers written.`,
        },
      ];
    }),
});

export const databaseCreated = defineEventKind({
  name: 'database_created',
  loop: 'workload',
  title: 'Database created',
  reads: [databases],
  many: (count) => `${count} databases were created`,
  compare: (comparison) =>
    comparable(comparison, databases).flatMap((place) =>
      difference(place, ({ db }) => db).come.map(({ db }) => ({
        db,
        object: db,
        text: `Database ${db} was created.`,
      })),
    ),
});

export const databaseDropped = defineEventKind({
  name: 'database_dropped',
  loop: 'workload',
  title: 'Database dropped',
  severity: 'warning',
  reads: [databases],
  many: (count) => `${count} databases were dropped`,
  compare: (comparison) =>
    comparable(comparison, databases).flatMap((place) =>
      difference(place, ({ db }) => db).gone.map(({ db }) => ({
        db,
        object: db,
        text: `Database ${db} was dropped, or renamed.`,
      })),
    ),
});
