import { spawn } from 'node:child_process';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pgmon …` as a person would, in a process of its own, with nothing of our environment but the path. */
export async function pgmon(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Finished> {
  const child = spawn(process.execPath, [new URL('../../bin/pgmon.mjs', import.meta.url).pathname, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    cwd: cwd ?? import.meta.dirname,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}
