import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/local/free-port.ts';

/**
 * Starts `pgmon serve` once without a server: the first start of an installation compiles everything, half a second and
 * 12 MB more, and leaves that for all others.
 */
export async function warmUp(): Promise<void> {
  const first = await serve({ targets: [{ cluster: 'none', dsn: 'postgres://nobody@127.0.0.1:1/none' }] });
  await first.stop();
}

/** `pgmon serve` in a process of its own, as somebody would start it. */
export interface Serving {
  readonly url: string;
  /** CPU milliseconds of all its threads since it began, to a hundredth of a second. */
  cpuMs(): number;
  /** Most memory that it ever held, in MB. */
  peakMb(): number;
  /** What it said of trouble, beside alerts and what it would like to have of the server. */
  readonly trouble: () => string;
  stop(): Promise<void>;
}

export async function serve(config: object): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-bench-'));
  const file = join(folder, 'pgmon.yaml');
  const port = await freePort();
  const rest = { http: { bind: `127.0.0.1:${port}` }, store: { path: join(folder, 'store') }, log_level: 'warn' };
  writeFileSync(file, JSON.stringify({ ...config, ...rest }));
  const program = new URL('../../bin/pgmon.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, 'serve', '--config', file], {
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said = (said + text).slice(-4_000);
  });
  const running = () => child.exitCode === null && child.signalCode === null;
  for (let i = 0; i < 1_200 && !said.includes('Ctrl-C'); i++) {
    if (!running()) throw new Error(`pgmon serve ended: ${said}`);
    await sleep(50);
  }
  const { pid } = child;
  return {
    url: `http://127.0.0.1:${port}`,
    cpuMs: () => {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    peakMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024,
    trouble: () =>
      said
        .split('\n')
        .filter((line) => line.startsWith('{') && !/"(aspect|rule)":/.test(line))
        .join('\n'),
    stop: async () => {
      if (running()) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await Promise.race([gone, sleep(10_000)]);
        child.kill('SIGKILL');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
