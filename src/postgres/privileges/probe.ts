import * as z from 'zod';
import { sqlFiles, sqlFor } from '../../collectors/sql.ts';
import type { Answer, Statement } from '../session.ts';

/** The statement of the probe, as `pgmon sql` prints it. */
export const probeSql = sqlFiles('privileges/probe');

const probeRow = z.object({
  horizon: z.string(),
  attributes: z.string().nullable(),
  written: z.boolean(),
});

/**
 * What the catalogs looked like when they were read: the oldest transaction that ran then, and what the session's roles
 * may do.
 */
export type Mark = Omit<z.output<typeof probeRow>, 'written'>;

/** Asks whether a right may have been gained since a mark; without one, only for the mark itself. */
export function probeStatement(major: number, since: Mark | undefined): Statement {
  return {
    name: 'pgmon_privileges_probe',
    text: `/* pgmon:privileges_probe */ ${sqlFor(probeSql, String(major))?.text ?? ''}`,
    // Transaction 0 is older than any: everything was written since.
    values: [xidOf(since?.horizon)],
  };
}

/** The mark of now, and whether a right may have been gained since the earlier one. @throws ZodError for other rows */
export function parseProbe(
  answer: Extract<Answer, { ok: true }>,
  since: Mark | undefined,
): { mark: Mark; gained: boolean } {
  const { written, ...mark } = probeRow.parse(answer.rows[0]);
  return { mark, gained: !since || written || mark.attributes !== since.attributes };
}

/** Transaction ids of a snapshot count on through 2³²; row versions carry the lower 32 bits. */
function xidOf(horizon: string | undefined): string {
  return horizon === undefined ? '0' : String(BigInt.asUintN(32, BigInt(horizon)));
}
