import { blockersFromQueues } from './lock-queues.ts';
import { isGroup, isPrepared, type SessionRow } from './session-row.ts';

/** A session in a lock tree with those that wait for it. A prepared transaction, which has no session, has pid 0. */
export interface LockNode<Row extends SessionRow = SessionRow> {
  readonly pid: number;
  /** Absent where it is not among the sessions that were read by name, or gone. */
  readonly session?: Row | undefined;
  /** Of pid 0: the prepared transactions that are known by name, the oldest first. */
  readonly prepared: readonly Row[];
  /** Those whose first blocker it is, the one that blocks most first. */
  readonly blocks: readonly LockNode<Row>[];
  /** Sessions that wait for it, directly or through others: also those that stand below another one. */
  readonly blockedTotal: number;
  /** Whom it waits for beside the one above it. */
  readonly alsoWaitsFor: readonly number[];
}

interface Building<Row extends SessionRow> extends LockNode<Row> {
  readonly blocks: Building<Row>[];
}

/**
 * The trees of blockers, worst first; each session once, below the first that it waits for. Roots block others and wait
 * for no lock themselves. In a deadlock, which the server ends by itself, everybody waits: the one that has waited
 * longest stands as the root. Linear in sessions, but for the totals, which walk what is below each blocker: 1,000
 * sessions in one queue or one chain take a few milliseconds.
 */
export function lockTree<Row extends SessionRow>(rows: readonly Row[]): LockNode<Row>[] {
  const sessions = new Map(rows.flatMap((row) => (row.pid === null || isGroup(row) ? [] : [[row.pid, row] as const])));
  const blockers = blockersOf(rows, sessions);
  const waiters = waitersOf(blockers);
  const waitOf = (pid: number) => sessions.get(pid)?.wait_seconds ?? 0;
  const roots = rootsOf(blockers, waitOf);
  const nodes = new Map<number, Building<Row>>();
  for (const [pid, blockedTotal] of totalsOf([...new Set([...waiters.keys(), ...blockers.keys()])], waiters)) {
    const session = sessions.get(pid);
    const alsoWaitsFor = (blockers.get(pid) ?? []).slice(roots.has(pid) ? 0 : 1);
    nodes.set(pid, {
      pid,
      session,
      prepared: pid === 0 ? rows.filter(isPrepared) : [],
      blocks: [],
      blockedTotal,
      alsoWaitsFor,
    });
  }
  for (const [pid, node] of nodes) {
    const [first] = roots.has(pid) ? [] : (blockers.get(pid) ?? []);
    if (first !== undefined) nodes.get(first)?.blocks.push(node);
  }
  const worstFirst = (a: LockNode, b: LockNode) =>
    b.blockedTotal - a.blockedTotal || waitOf(b.pid) - waitOf(a.pid) || a.pid - b.pid;
  for (const { blocks } of nodes.values()) blocks.sort(worstFirst);
  return [...nodes.values()].filter(({ pid }) => !blockers.has(pid) || roots.has(pid)).sort(worstFirst);
}

/** Whom each waiting session waits for. */
function blockersOf(rows: readonly SessionRow[], sessions: ReadonlyMap<number, SessionRow>): Map<number, number[]> {
  const blockers = new Map<number, number[]>();
  const add = (pid: number, by: readonly number[]) => {
    // pg_blocking_pids may name one pid several times.
    const others = [...new Set(by)].filter((blocker) => blocker !== pid);
    if (others.length > 0) blockers.set(pid, others);
  };
  for (const [pid, by] of blockersFromQueues(rows)) add(pid, by);
  for (const [pid, { blocked_by }] of sessions) add(pid, blocked_by ?? []);
  return blockers;
}

function waitersOf(blockers: ReadonlyMap<number, readonly number[]>): Map<number, number[]> {
  const waiters = new Map<number, number[]>();
  for (const [pid, by] of blockers) {
    for (const blocker of by) {
      const known = waiters.get(blocker);
      if (known) known.push(pid);
      else waiters.set(blocker, [pid]);
    }
  }
  return waiters;
}

/** Of each circle of first blockers the one that has waited longest: it stands as a root although it waits. */
function rootsOf(blockers: ReadonlyMap<number, readonly number[]>, waitOf: (pid: number) => number): Set<number> {
  const roots = new Set<number>();
  const seenFrom = new Map<number, number>();
  for (const start of blockers.keys()) {
    const path: number[] = [];
    let pid: number | undefined = start;
    while (pid !== undefined && !seenFrom.has(pid)) {
      seenFrom.set(pid, start);
      path.push(pid);
      pid = blockers.get(pid)?.[0];
    }
    // Back on the path of this very start: from there on it is a circle.
    if (pid === undefined || seenFrom.get(pid) !== start) continue;
    const circle = path.slice(path.indexOf(pid));
    roots.add(circle.reduce((a, b) => (waitOf(b) > waitOf(a) || (waitOf(b) === waitOf(a) && b < a) ? b : a)));
  }
  return roots;
}

/** How many wait for each, directly or through others. Over numbered arrays: 1,000 in a chain are half a million steps. */
function totalsOf(pids: readonly number[], waiters: ReadonlyMap<number, readonly number[]>): Map<number, number> {
  const numberOf = new Map(pids.map((pid, i) => [pid, i]));
  const below = pids.map((pid) => (waiters.get(pid) ?? []).map((waiter) => numberOf.get(waiter) ?? 0));
  const seenFrom = new Int32Array(pids.length).fill(-1);
  const found = new Int32Array(pids.length);
  return new Map(
    pids.map((pid, from) => {
      let size = 1;
      found[0] = from;
      seenFrom[from] = from;
      for (let i = 0; i < size; i++) {
        for (const waiter of below[found[i] ?? 0] ?? []) {
          if (seenFrom[waiter] === from) continue;
          seenFrom[waiter] = from;
          found[size++] = waiter;
        }
      }
      return [pid, size - 1];
    }),
  );
}

/** All sessions of a tree below its root, level by level, those that block most first. */
export function sessionsBelow<Row extends SessionRow>({ blocks }: Pick<LockNode<Row>, 'blocks'>): LockNode<Row>[] {
  const found = [...blocks];
  for (const node of found) found.push(...node.blocks);
  return found;
}
