import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Processes whose parent is `pid`. From /proc on Linux, where slim images have no `ps`. */
export function childrenOf(pid: number): number[] {
  return table()
    .filter((process) => process.parent === pid)
    .map((process) => process.pid);
}

/** Whether `pid` still runs. A zombie does not: it has ended, only its parent has not asked yet. */
export function isRunning(pid: number): boolean {
  const stat = process.platform === 'linux' ? statOf(String(pid)) : undefined;
  if (stat) return stat.state !== 'Z' && stat.state !== 'X';
  return process.platform !== 'linux' && signal(pid, 0);
}

/** Sends a signal; false if there is no such process any more. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** The command line of a process, arguments separated by spaces; empty if there is no such process. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

function table(): ProcessStat[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => statOf(name) ?? []);
  }
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state };
  });
}

/** `pid (name) state parent …`; the name may hold spaces and parentheses, so the fields start after the last one. */
function statOf(pid: string): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // ended in the meantime
  }
  const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid: Number(pid), parent: Number(parent), state };
}
