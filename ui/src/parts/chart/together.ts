import { type Answers, ask, type Params, pathOf } from '../../api.ts';

type Chart = Answers['/charts']['charts'][number];

/** Charts of a page are drawn at once, and refreshed within milliseconds of each other. */
const GATHER_MS = 20;

interface Waiting {
  readonly metric: string;
  readonly resolve: (chart: Chart) => void;
  readonly reject: (error: unknown) => void;
}

/** Charts that are about to be asked for, by what they have in common. */
const waiting = new Map<string, Waiting[]>();

/**
 * A chart of a metric. Those of one target and range that are asked for at the same time become one question: on the server they
 * are read together, for what one of them costs.
 *
 * @throws ApiProblem
 */
export function askChart(metric: string, rest: Params): Promise<Chart> {
  const { promise, resolve, reject } = Promise.withResolvers<Chart>();
  const common = pathOf('/charts', rest);
  const others = waiting.get(common);
  if (others) others.push({ metric, resolve, reject });
  else {
    waiting.set(common, [{ metric, resolve, reject }]);
    setTimeout(() => void askAll(common, rest), GATHER_MS);
  }
  return promise;
}

async function askAll(common: string, rest: Params): Promise<void> {
  const asked = waiting.get(common) ?? [];
  waiting.delete(common);
  try {
    const metrics = [...new Set(asked.map(({ metric }) => metric))].toSorted().join(',');
    const { charts } = await ask<Answers['/charts']>(pathOf('/charts', { ...rest, metrics }));
    for (const { metric, resolve, reject } of asked) {
      const chart = charts.find((one) => one.metric === metric);
      if (chart) resolve(chart);
      else reject(new Error(`no chart of ${metric}`));
    }
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}
