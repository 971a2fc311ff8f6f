import { spawn } from 'node:child_process';

/**
 * Runs when its standard input ends without a line: whoever held the other end was killed. Ends the server whose data
 * directory still names this pid (a pid alone may be another program's by now), and removes the directory if asked to.
 */
const SCRIPT = `
read -r _ && exit 0
[ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$1" ] && kill -QUIT "$1" 2>/dev/null && kill -CONT "$1" 2>/dev/null
i=0
while kill -0 "$1" 2>/dev/null && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
[ "$3" = remove ] && rm -rf "$2"
`;

/**
 * Ends a server of ours should this process be killed with SIGKILL, which nothing in the process itself can notice: a
 * shell (1 MB) waits on a pipe that the kernel closes with us.
 *
 * @returns dismisses it: the server has ended in good order. Without a shell (Windows) there is no watchdog
 */
export function watchdog(pid: number, dataDir: string, removeData: boolean): () => void {
  if (process.platform === 'win32') return () => {};
  // A session of its own: Ctrl-C in a terminal, or a signal to our group, must not end it before us.
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'pgmon-watchdog', String(pid), dataDir, removeData ? 'remove' : ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return () => shell.stdin.end('done\n');
}
