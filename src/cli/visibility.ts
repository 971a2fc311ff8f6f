import { bloat } from '../collectors/bloat.ts';
import { sequences } from '../collectors/sequences.ts';
import { planCollector, statementsOf } from '../loops/plan.ts';
import { readsOf } from '../loops/read.ts';
import type { Finding } from '../metrics/snapshot.ts';
import type { Session } from '../postgres/session.ts';

/** Collectors whose values a role with pg_monitor alone does not see, though it may send their statements. */
const LIMITED = [sequences, bloat];

const LIMITS = { topRelations: 500, topIndexes: 1, topQueries: 1 };

/**
 * What this role cannot see in the connected database although every statement runs: by reading once, as the loops do.
 * Rules over such values never fire, so that a check which did not say it would call them watched.
 */
export async function limitedVisibility(session: Session, deadlineMs: number): Promise<Finding[]> {
  const { info } = session;
  const plans = LIMITED.map((collector) => planCollector(collector, info, LIMITS));
  const answers = await session.read(statementsOf(plans), deadlineMs);
  const moment = { at: Date.now() / 1_000, startedAt: 0, role: info.role };
  const context = {
    states: {},
    moment,
    takenAt: Date.now(),
    seesAll: true,
    limits: LIMITS,
    redactSql: true,
    longestGapSeconds: 0,
  };
  return readsOf(plans, info.database, answers, context).flatMap(({ collector, outcome }): Finding[] => {
    const { reason, hint } = outcome;
    if (reason === undefined) return [];
    return [
      {
        aspect: collector.name,
        severity: 'warning',
        message: `database ${info.database}: ${reason}`,
        hint,
      },
    ];
  });
}
