import * as z from 'zod';
import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** `SELECT 1`, timed: what the way to the server and the smallest answer take. Sent first, so nothing is ahead of it. */
export const canary = defineCollector({
  name: 'canary',
  loop: 'hot',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('canary'),
  columns: { one: state.number() },
  answerTime: {
    name: 'pg_canary_seconds',
    type: 'gauge',
    unit: 'Seconds',
    help: 'Time from sending SELECT 1 to its answer.',
  },
});

const plan = z.array(
  z.looseObject({
    'Execution Time': z.number(),
    'Planning Time': z.number(),
    Plan: z.looseObject({ 'Shared Hit Blocks': z.number().optional(), 'Shared Read Blocks': z.number().optional() }),
  }),
);

/**
 * The read-only statement of the configuration under EXPLAIN (ANALYZE, BUFFERS): a piece of real work, timed by the
 * server. What it costs, it costs at every hot pass.
 */
export function canaryStatement(statement: string) {
  return defineCollector({
    name: 'canary_statement',
    loop: 'hot',
    scope: 'instance',
    role: 'any',
    timeoutMs: 500,
    maxRows: 1,
    sql: [
      {
        version: '12',
        text: `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)\n${statement.trim().replace(/;$/, '')}`,
        file: 'canary.statement in the configuration',
      },
    ],
    columns: { 'QUERY PLAN': { kind: 'state', schema: plan } },
    metrics: {
      pg_canary_statement_seconds: {
        type: 'gauge',
        unit: 'Seconds',
        help: 'Planning and execution time of canary.statement on the server.',
        labels: [],
      },
      pg_canary_statement_blocks_read: {
        type: 'gauge',
        unit: 'Count',
        help: 'Blocks that canary.statement read from outside shared buffers.',
        labels: [],
      },
    },
    transform: ({ rows }) => ({
      rows,
      samples: rows
        .flatMap((row) => row['QUERY PLAN'])
        .flatMap((explained) => [
          {
            metric: 'pg_canary_statement_seconds',
            labels: {},
            value: (explained['Execution Time'] + explained['Planning Time']) / 1_000,
          },
          {
            metric: 'pg_canary_statement_blocks_read',
            labels: {},
            value: explained.Plan['Shared Read Blocks'] ?? 0,
          },
        ]),
    }),
  });
}
