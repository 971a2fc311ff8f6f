import { LOOPS, type Loop } from '../../src/config/loop.ts';
import { configSchema } from '../../src/config/schema.ts';
import { Collector } from '../../src/lambda/collector.ts';
import { loopEnvironment } from '../../src/lambda/environment.ts';
import type { CountingAws } from './aws.ts';
import { JumpingClock } from './jumping-clock.ts';

// What fails is printed beside the failed test.
const failuresOnly = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error };

/** What a loop asked of AWS in an hour. */
export interface HourOf {
  readonly invocations: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly metricCalls: number;
  readonly secretCalls: number;
  readonly metrics: ReadonlySet<string>;
}

const MINUTES: Readonly<Record<Loop, number>> = { hot: 1, workload: 1, storage: 10, hourly: 60 };

/**
 * An hour of the real collectors of all loops over targets that are the same server, on a clock that jumps from pass to
 * pass. The first minutes, in which texts and baselines are written for the first time, are not counted.
 *
 * @param between called before every minute: the load of the server
 * @param from when the hour begins, epoch milliseconds; later than any hour before on the same table
 */
export async function anHour(
  aws: CountingAws,
  dsns: readonly string[],
  between: () => Promise<void>,
  from: number,
  warmUpMinutes = 30,
): Promise<ReadonlyMap<Loop, HourOf>> {
  const config = configSchema.parse({
    targets: dsns.map((_, i) => ({
      cluster: `c${i + 1}`,
      auth: { secretArn: `arn:aws:secretsmanager:us-east-1:0:secret:c${i + 1}` },
    })),
  });
  dsns.forEach((dsn, i) => {
    aws.secrets.set(`arn:aws:secretsmanager:us-east-1:0:secret:c${i + 1}`, JSON.stringify({ dsn }));
  });
  const clock = new JumpingClock(from);
  Object.assign(process.env, aws.environment);
  const env = loopEnvironment.parse(aws.environment);
  const clusters = config.targets.map(({ cluster }) => cluster);
  const collectors = new Map(
    LOOPS.map((loop) => [
      loop,
      new Collector(loop, config, env, failuresOnly, clock, loop === 'hot' ? clusters : undefined),
    ]),
  );
  const hours = new Map<Loop, HourOf>();
  for (let minute = -warmUpMinutes; minute < 60; minute++) {
    const start = clock.time;
    await between();
    for (const [loop, collector] of collectors) {
      if (minute % MINUTES[loop] !== 0 && !(minute === -warmUpMinutes)) continue;
      clock.time = start;
      aws.reset();
      await collector.run(
        { shard: 'default-1', tick: new Date(start).toISOString() },
        () => 58_000 - (clock.time - start),
      );
      if (minute < 0) continue;
      const before = hours.get(loop);
      const { calls, written, readUnits, metrics } = aws.asked;
      // The text of a statement is written once, when it is first seen: that is no cost of an hour.
      const writeUnits = aws.asked.writeUnits - (written.get('STATEMENT') ?? 0);
      hours.set(loop, {
        invocations: (before?.invocations ?? 0) + 1,
        writeUnits: (before?.writeUnits ?? 0) + writeUnits,
        readUnits: (before?.readUnits ?? 0) + readUnits,
        metricCalls: (before?.metricCalls ?? 0) + (calls.get('CloudWatch.PutMetricData') ?? 0),
        secretCalls: (before?.secretCalls ?? 0) + (calls.get('SecretsManager.GetSecretValue') ?? 0),
        metrics: new Set([...(before?.metrics ?? []), ...metrics]),
      });
    }
    clock.time = start + 60_000;
  }
  return hours;
}
