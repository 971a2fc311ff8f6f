import * as z from 'zod';
import { statements } from '../../collectors/statements/statements.ts';
import { type StatementChange, statementChangeSchema } from '../../collectors/statements/watch.ts';
import { changesName } from '../../collectors/transform.ts';
import { type Comparison, defineEventKind } from '../kind.ts';

const changesSchema = z.array(statementChangeSchema);

/** The collector watches its statements from pass to pass; what it found to have changed stands in the pass. */
function changesIn({ current }: Comparison, change: StatementChange['change']): StatementChange[] {
  const found = changesSchema.parse(current.rows[changesName(statements.name)] ?? []);
  return found.filter((one) => one.change === change);
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** A statement that the server had no counters of takes a twentieth of the time of all. */
export const statementNew = defineEventKind({
  name: 'statement_new',
  loop: 'workload',
  title: 'New statement',
  many: (count) => `${count} statements are new and take a share of the load`,
  compare: (comparison) =>
    changesIn(comparison, 'new').map(({ db, queryid, share }) => ({
      db,
      object: queryid,
      from: '0 %',
      to: percent(share),
      text: `Statement ${queryid} is new and takes ${percent(share)} of the time of all statements.`,
    })),
});

/** A statement that took a twentieth of the time, in nearly every pass, is not called any more while others are. */
export const statementGone = defineEventKind({
  name: 'statement_gone',
  loop: 'workload',
  title: 'Statement no longer seen',
  many: (count) => `${count} statements that had a share of the load are no longer seen`,
  compare: (comparison) =>
    changesIn(comparison, 'gone').map(({ db, queryid, share }) => ({
      db,
      object: queryid,
      from: percent(share),
      to: '0 %',
      text: `Statement ${queryid}, which took ${percent(share)} of the time of all statements, is no longer called.`,
    })),
});

/** Far more blocks, or far fewer, for the same rows, and time with them: the planner may have chosen another plan. */
export const planChange = defineEventKind({
  name: 'plan_change_suspected',
  loop: 'workload',
  title: 'Plan change suspected',
  severity: 'warning',
  many: (count) => `${count} statements read far more or fewer blocks for as many rows`,
  compare: (comparison) =>
    changesIn(comparison, 'plan').flatMap(({ db, queryid, before, after }) => {
      if (!before || !after) return [];
      const [from, to] = [before, after].map(said);
      return [
        {
          db,
          object: queryid,
          from,
          to,
          ...(after.blocks < before.blocks ? { severity: 'notice' as const } : {}),
          text: `Statement ${queryid} takes ${to} a call instead of ${from}, for as many rows: its plan may have changed.`,
        },
      ];
    }),
});

function said({ blocks, seconds }: { readonly blocks: number; readonly seconds: number }): string {
  const ms = seconds * 1_000;
  return `${Math.round(blocks).toLocaleString('en-US')} blocks and ${ms >= 10 ? Math.round(ms) : Number(ms.toPrecision(2))} ms`;
}
