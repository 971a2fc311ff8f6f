import { sqlFor } from '../collectors/sql.ts';
import type { Detail } from '../collectors/transform.ts';
import type { Moment } from '../metrics/rates.ts';
import type { Answer, Session } from '../postgres/session.ts';
import type { CollectorStates } from './collector-state.ts';
import type { Plan } from './plan.ts';
import { databaseOf, scopeKey } from './scope-key.ts';

/** Details by the name of their collector, then by object. */
export type Details = ReadonlyMap<string, ReadonlyMap<string, Detail>>;

/**
 * Asks for the details that collectors want after their answer: a statement for each object, one after the other, so that
 * one that takes too long fails alone. None is begun once the collector's budget is used: what is missing had no time.
 */
export async function readDetails(
  session: Session,
  plans: readonly Plan[],
  answers: ReadonlyMap<string, Answer>,
  { states, moment }: { readonly states: CollectorStates; readonly moment: Moment },
): Promise<Details> {
  const found = new Map<string, Map<string, Detail>>();
  for (const plan of plans) {
    const { collector } = plan;
    const answer = 'statement' in plan ? answers.get(plan.statement.name) : undefined;
    if (!collector.details || !answer?.ok) continue;
    const { name, sql, wanted } = collector.details;
    const text = `/* pgmon:${name} */ ${sqlFor(sql, String(session.info.major))?.text ?? ''}`;
    const previous = states[scopeKey(collector, databaseOf(collector, session.info.database))]?.value;
    const end = performance.now() + collector.timeoutMs;
    const details = new Map<string, Detail>();
    for (const object of wanted({ answer: answer.rows, previous, now: moment.at })) {
      if (performance.now() >= end || session.lost) break;
      const read = await session.read([{ name: `pgmon_${name}`, text, values: [object] }], DEADLINE_MS);
      details.set(object, detailOf(read.get(`pgmon_${name}`)));
    }
    found.set(collector.name, details);
  }
  return found;
}

/** The server gives a statement up before: see {@link Session.read}. */
const DEADLINE_MS = 15_000;

function detailOf(answer: Answer | undefined): Detail {
  if (answer?.ok) return { ok: true, rows: answer.rows };
  const stopped = answer?.problem.kind === 'statement-timeout' || answer?.problem.kind === 'timeout';
  if (answer && stopped) return { ok: false, reason: `no answer after ${Math.round(answer.ms)} ms` };
  return { ok: false, reason: answer?.problem.message ?? 'no answer' };
}
