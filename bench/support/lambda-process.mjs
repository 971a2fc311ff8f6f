/**
 * A bundle in a process of its own, as the platform runs it: imported, then invoked. Prints one line of JSON: time of the
 * import, CPU and wall time of the invocations, and the most memory that the process had.
 */
import { pathToFileURL } from 'node:url';

const [file = '', events = '[]', seconds = '59'] = process.argv.slice(2);
const before = performance.now();
const cpuBefore = process.cpuUsage();
const { handler } = await import(pathToFileURL(file).href);
const initMs = performance.now() - before;
const initCpu = process.cpuUsage(cpuBefore);
const runs = [];
for (const event of JSON.parse(events)) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const context = { getRemainingTimeInMillis: () => Number(seconds) * 1_000 - (performance.now() - start) };
  const run = await handler(event, context).then(
    () => ({}),
    (error) => ({ error: error.message }),
  );
  const used = process.cpuUsage(cpu);
  runs.push({ wallMs: performance.now() - start, cpuMs: (used.user + used.system) / 1_000, ...run });
}
process.stdout.write(
  `${JSON.stringify({
    initMs,
    initCpuMs: (initCpu.user + initCpu.system) / 1_000,
    runs,
    peakMb: process.resourceUsage().maxRSS / 1_024,
  })}\n`,
  () => process.exit(0),
);
