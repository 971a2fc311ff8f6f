import * as z from 'zod';
import { sqlFiles, sqlFor } from '../../collectors/sql.ts';
import type { Answer, Statement } from '../session.ts';

/** The statement of the probe, as `pgmon sql` prints it. */
export const probeSql = sqlFiles('privileges/probe');

const probeRow = z.object({
  horizon: z.string(),
  attributes: z.string().nullable(),
  catalogs: z.string().nullable(),
  written: z.boolean(),
});

/**
 * What the catalogs looked like when they were read: the oldest transaction that ran then, what the session's roles may
 * do, and, from 15, how many rows were ever written to the large ones.
 */
export interface Mark {
  readonly horizon: string;
  readonly attributes: string | null;
  /** What was counted, and how many probes have relied on it; absent until a probe has read the catalogs after that. */
  readonly catalogs?: { readonly rows: string; readonly relied: number };
  /** What the last probe counted. Rows that it did not see yet may be among them, so that the next one reads once more. */
  readonly counted: string | null;
}

/** After so many probes, ten minutes, the catalogs are read whatever was counted: a busy session may count late. */
const MOST_RELIED = 15;

/** Asks whether a right may have been gained since a mark; without one, only for the mark itself. */
export function probeStatement(major: number, since: Mark | undefined): Statement {
  const counted = since?.catalogs && since.catalogs.relied < MOST_RELIED ? since.catalogs.rows : '';
  return {
    name: 'pgmon_privileges_probe',
    text: `/* pgmon:privileges_probe */ ${sqlFor(probeSql, String(major))?.text ?? ''}`,
    // Transaction 0 is older than any: everything was written since.
    values: [xidOf(since?.horizon), ...(major >= 15 ? [counted] : [])],
  };
}

/**
 * Whether a right may have been gained since the earlier mark, and the mark for the next probe: where one may have, only
 * once it was checked.
 *
 * @throws ZodError for other rows
 */
export function parseProbe(
  answer: Extract<Answer, { ok: true }>,
  since: Mark | undefined,
): { mark: Mark; gained: boolean } {
  const { written, horizon, attributes, catalogs: counted } = probeRow.parse(answer.rows[0]);
  if (!since || written || attributes !== since.attributes)
    return { mark: { horizon, attributes, counted }, gained: true };
  return { mark: { ...since, catalogs: reliable(since, counted), counted }, gained: false };
}

function reliable({ catalogs, counted: before }: Mark, counted: string | null): Mark['catalogs'] {
  if (counted === null || counted !== before) return undefined;
  const relied = catalogs?.rows === counted && catalogs.relied < MOST_RELIED ? catalogs.relied + 1 : 0;
  return { rows: counted, relied };
}

/** Transaction ids of a snapshot count on through 2³²; row versions carry the lower 32 bits. */
function xidOf(horizon: string | undefined): string {
  return horizon === undefined ? '0' : String(BigInt.asUintN(32, BigInt(horizon)));
}
