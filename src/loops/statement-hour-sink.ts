import { finishedSchema } from '../collectors/statements/hours.ts';
import { periodSchema } from '../collectors/statements/period.ts';
import { statements } from '../collectors/statements/statements.ts';
import type { StatementPeriodStore } from '../store/statement-periods.ts';
import type { StatementStore } from '../store/statements.ts';
import type { LoopStates } from './loop-states.ts';
import { scopeKey } from './scope-key.ts';
import type { Sink } from './sinks.ts';
import type { TextRequests } from './statement-texts.ts';

export interface StatementHourOptions {
  readonly states: LoopStates;
  readonly periods: StatementPeriodStore;
  readonly texts: StatementStore;
  /** Where to ask for texts that nobody has. */
  readonly requests: TextRequests;
}

/**
 * Writes what statements did in an hour that is over, and the day with its last one. The hour stands in the loop's state,
 * which outlives the process: a write that failed is tried again, and one that is done twice writes the same.
 */
export function statementHourSink({ states, periods, texts, requests }: StatementHourOptions): Sink {
  const written = new Map<string, string>();
  return {
    what: 'hours of statements',
    write: async ({ cluster }, _, now) => {
      const value = states.of(cluster)?.collectors[scopeKey(statements, undefined)]?.value;
      const finished = finishedIn(value);
      if (!finished || written.get(cluster) === finished.at) return;
      await periods.putHour(cluster, finished);
      await periods.rollUpDays(cluster, now);
      written.set(cluster, finished.at);
      const { statements: kept } = periodSchema.parse(finished);
      const byTime = kept.toSorted((a, b) => b.work.seconds - a.work.seconds);
      const missing = await texts.keepWithPeriods(cluster, [...new Set(byTime.map(({ queryid }) => queryid))], now);
      requests.ask(cluster, missing);
    },
    forget: () => written.clear(),
  };
}

function finishedIn(value: unknown) {
  if (typeof value !== 'object' || value === null || !('finished' in value)) return undefined;
  return finishedSchema.optional().parse(value.finished);
}
