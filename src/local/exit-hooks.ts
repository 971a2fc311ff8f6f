/** What must not outlive this process: run once, synchronously, when it ends in whatever way it can notice. */
const pending = new Set<() => void>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `cleanup` when the process exits, unless the returned function was called before. */
export function onExit(cleanup: () => void): () => void {
  if (pending.size === 0) {
    process.on('exit', runAll);
    for (const name of SIGNALS) process.on(name, endBy);
  }
  pending.add(cleanup);
  return () => {
    if (!pending.delete(cleanup) || pending.size > 0) return;
    process.off('exit', runAll);
    for (const name of SIGNALS) process.off(name, endBy);
  };
}

function runAll(): void {
  for (const cleanup of pending) cleanup();
  pending.clear();
}

/**
 * A signal ends a process without an 'exit' event, unless somebody listens for it. If we are the only listener, clean
 * up and let it have its usual effect; if not, the other one shuts down in its own order and 'exit' follows.
 */
function endBy(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return;
  runAll();
  process.off(name, endBy);
  process.kill(process.pid, name);
}
