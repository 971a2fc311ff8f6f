import * as z from 'zod';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import type { Moment } from '../metrics/rates.ts';
import type { Statement } from '../postgres/session.ts';

export const clockSql = sqlFiles('clock');

/** Sent with every pass: the time that its rates are computed from. */
export const clockStatement: Statement = {
  name: 'pgmon_clock',
  text: `/* pgmon:clock */ ${sqlFor(clockSql, '12')?.text ?? ''}`,
};

const row = z.object({ now: z.number(), started_at: z.number(), in_recovery: z.boolean(), sees_all: z.boolean() });

/** When a pass read, and whether its role saw what sessions of others do (`pg_read_all_stats`). */
export function parseClock(rows: readonly unknown[]): { moment: Moment; seesAll: boolean } {
  const { now, started_at, in_recovery, sees_all } = row.parse(rows[0]);
  return { moment: { at: now, startedAt: started_at, role: in_recovery ? 'standby' : 'primary' }, seesAll: sees_all };
}
