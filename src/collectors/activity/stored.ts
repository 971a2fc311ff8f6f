import * as z from 'zod';
import type { SessionRow } from './session-row.ts';

const text = z.string().nullish().default(null);
const number = z.number().nullish().default(null);
const label = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const storedSchema = z.object({
  kind: text,
  db: label,
  backend_type: label,
  state: label,
  wait_event_type: label,
  wait_event: label,
  sessions: number,
  pid: number,
  user_name: text,
  application: text,
  query_id: text,
  query: text,
  xact_age_seconds: number,
  query_age_seconds: number,
  state_age_seconds: number,
  wait_seconds: number,
  lock_mode: text,
  lock_type: text,
  lock_relation: text,
  lock_oid: text,
  blocked_by: z.array(z.number()).nullish().default(null),
  waiting: z.array(z.number()).nullish().default(null),
  waits: z.array(z.number()).nullish().default(null),
  wait_for: z.array(z.string()).nullish().default(null),
  holders: z.array(z.string()).nullish().default(null),
  gid: text,
  client_addr: text,
  backend_start: number,
});

/** A row of `activity` out of the table; what its version did not write yet, or left out, is null. */
export type StoredSession = z.output<typeof storedSchema> & SessionRow;

/**
 * Rows of `activity` as snapshots keep them for days, also those of earlier versions and those that were stored without their
 * empty columns. A row that is none is left out.
 */
export function storedSessions(rows: readonly unknown[] | undefined): StoredSession[] {
  return (rows ?? []).flatMap((row) => {
    const { data } = storedSchema.safeParse(row);
    return data ? [data] : [];
  });
}
