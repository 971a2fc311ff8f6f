import type { Log } from '../loops/log.ts';
import { StoreProblem } from '../store/store-problem.ts';
import type { LocalTable } from './local-table.ts';

/** A store that fails again and again (a disk with room for a page now and then) is said this often. */
const AGAIN_MS = 10 * 60_000;

/**
 * The log of a process whose store may fail: that it cannot be written (a full disk) is one sentence when it begins, and not an
 * error with a stack for every write of every loop.
 */
export function storeLog(log: Log, local: Pick<LocalTable, 'onProblem'>): Log {
  let saidAt = Number.NEGATIVE_INFINITY;
  let isSaid = false;
  local.onProblem((problem) => {
    if (!problem) {
      if (isSaid) log.info({}, 'the store is written again');
      isSaid = false;
    } else if (Date.now() - saidAt >= AGAIN_MS) {
      log.error({}, `nothing is kept: ${problem.message}`);
      saidAt = Date.now();
      isSaid = true;
    }
  });
  const others = (level: keyof Log) => (context: object, message: string) => {
    if (!('err' in context && context.err instanceof StoreProblem)) log[level](context, message);
  };
  return { debug: others('debug'), info: others('info'), warn: others('warn'), error: others('error') };
}
