import type { Context } from 'aws-lambda';
import type { Loop } from '../config/loop.ts';
import { bundledClusters, bundledConfig } from './bundled.ts';
import { systemClock } from './clock.ts';
import { Collector, type RunReport } from './collector.ts';
import { loopEnvironment } from './environment.ts';
import { lambdaLog } from './log.ts';

/** The handler of a loop. What is wrong with the deployment fails when the Lambda starts, not at the first statement. */
export function loopHandler(loop: Loop): (event: unknown, context: Context) => Promise<RunReport> {
  const config = bundledConfig();
  const environment = loopEnvironment.parse(process.env);
  const collector = new Collector(loop, config, environment, lambdaLog, systemClock, bundledClusters());
  return async (event, context) => {
    const report = await collector.run(event, () => context.getRemainingTimeInMillis());
    lambdaLog.debug(report, `${report.shard}: ${report.passes} passes`);
    return report;
  };
}
