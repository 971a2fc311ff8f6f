import type { LockNode } from './lock-tree.ts';

/**
 * How many sessions go on, one after the other, when a root of these trees is ended: those that wait for it alone, directly
 * or through others. Who also waits for another root is not among them.
 */
export function freedBy(trees: readonly LockNode[]): ReadonlyMap<number, number> {
  const waiters = waitersIn(trees);
  const reached = new Map(trees.map(({ pid }) => [pid, below(pid, waiters)]));
  const roots = new Map<number, number>();
  for (const pids of reached.values()) for (const pid of pids) roots.set(pid, (roots.get(pid) ?? 0) + 1);
  return new Map([...reached].map(([root, pids]) => [root, pids.filter((pid) => roots.get(pid) === 1).length]));
}

/** Who waits for whom: each below the one above it, and for the others that it waits for. */
function waitersIn(trees: readonly LockNode[]): Map<number, number[]> {
  const waiters = new Map<number, number[]>();
  const add = (blocker: number, pid: number) => {
    const known = waiters.get(blocker);
    if (known) known.push(pid);
    else waiters.set(blocker, [pid]);
  };
  const nodes = [...trees];
  for (const node of nodes) {
    for (const child of node.blocks) add(node.pid, child.pid);
    for (const blocker of node.alsoWaitsFor) add(blocker, node.pid);
    nodes.push(...node.blocks);
  }
  return waiters;
}

function below(root: number, waiters: ReadonlyMap<number, readonly number[]>): number[] {
  const seen = new Set([root]);
  const found: number[] = [];
  const next = [root];
  for (let pid = next.pop(); pid !== undefined; pid = next.pop())
    for (const waiter of waiters.get(pid) ?? []) {
      if (seen.has(waiter)) continue;
      seen.add(waiter);
      found.push(waiter);
      next.push(waiter);
    }
  return found;
}
