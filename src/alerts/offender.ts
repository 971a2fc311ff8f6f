import { endingsOf } from '../collectors/activity/ending.ts';
import { freedBy } from '../collectors/activity/freed.ts';
import { type LockNode, lockTree, sessionsBelow } from '../collectors/activity/lock-tree.ts';
import { endOf, gidsText } from '../collectors/activity/prepared.ts';
import { lockedRelation, type RelationNames } from '../collectors/activity/relation-names.ts';
import { isClient, isSession, type SessionRow } from '../collectors/activity/session-row.ts';
import type { Labels } from '../metrics/sample.ts';
import { secondsText } from './format.ts';
import { quotedLiteral, type Remedy } from './remedy.ts';
import type { OffenderKind } from './rule.ts';
import type { FoundOffender, Offender } from './transition.ts';

/** A row of what holds the xmin horizon back. */
export interface HolderRow {
  readonly holder: string;
  readonly name: string | null;
  readonly held_in: string | null;
  readonly detail: string | null;
}

/** What offenders are looked for in, and how much of them may be shown. */
export interface Scene {
  readonly sessions: readonly SessionRow[];
  readonly holders: readonly HolderRow[];
  readonly showQueries: boolean;
  readonly showUsers: boolean;
}

/** Who causes an alert of this kind, with what ends it; undefined where nobody is seen any more. */
export function offenderOf(kind: OffenderKind, labels: Labels, scene: Scene): FoundOffender | undefined {
  const sessions = scene.sessions.filter((row) => isSession(row) && isClient(row));
  switch (kind) {
    case 'blocker':
      return blocker(scene);
    case 'transaction':
      return ended(
        oldest(sessions, ({ xact_age_seconds }) => xact_age_seconds),
        scene,
      );
    case 'idle transaction': {
      const idle = sessions.filter(({ state }) => state.startsWith('idle in transaction'));
      return ended(
        oldest(idle, ({ state_age_seconds }) => state_age_seconds),
        scene,
      );
    }
    case 'query': {
      const active = sessions.filter(({ state }) => state === 'active');
      return ended(
        oldest(active, ({ query_age_seconds }) => query_age_seconds),
        scene,
      );
    }
    case 'xmin holder': {
      const holder = scene.holders.find((row) => row.holder === labels['holder']);
      return holder && xminHolder(holder);
    }
  }
}

function xminHolder({ holder, name, held_in, detail }: HolderRow): FoundOffender {
  const pid = holder === 'backend' ? Number(name) : Number.NaN;
  return {
    ...(Number.isInteger(pid) ? { pid } : { name: `${holder} ${name ?? ''}`.trim() }),
    ...(held_in ? { db: held_in } : {}),
    ...(detail && holder === 'backend' ? { application: detail } : {}),
    ...holderEnd(holder, name, held_in),
  };
}

/** What ends a holder of the xmin horizon; a standby is ended where it runs. */
function holderEnd(holder: string, name: string | null, heldIn: string | null): Pick<FoundOffender, 'ends'> {
  const effect = 'lets vacuum remove dead rows again';
  if (name === null) return {};
  if (holder === 'slot') {
    const sql = `SELECT pg_drop_replication_slot(${quotedLiteral(name)});`;
    return { ends: { sql, effect: `${effect}; its consumer has to be stopped first, and rebuilt` } };
  }
  if (holder === 'prepared transaction') {
    const sql = `ROLLBACK PREPARED ${quotedLiteral(name)};`;
    return { ends: { sql, effect: `${effect}, and rolls back what it prepared`, ...(heldIn ? { db: heldIn } : {}) } };
  }
  if (holder !== 'backend') return {};
  return { ends: { sql: `SELECT pg_terminate_backend(${Number(name)});`, effect: `ends its session, ${effect}` } };
}

/** A pass over sessions knows names of the connected database only; of others it says database and OID. */
const NO_NAMES: RelationNames = new Map();

/** Most pids that are named as waiting for one. */
const NAMED_WAITERS = 100;

/** The root of the largest tree, and who waits for it, directly or through others. */
function blocker(scene: Scene): FoundOffender | undefined {
  const trees = lockTree(scene.sessions);
  const [root] = trees;
  if (!root) return undefined;
  const below = sessionsBelow(root);
  const named = waitedFor(root).find(Boolean);
  const rest = {
    blocks: below.slice(0, NAMED_WAITERS).map(({ pid }) => pid),
    blocked: below.length,
    ...(named ? { relation: named } : {}),
    ...rootEnd(root, freedBy(trees).get(root.pid) ?? 0),
  };
  if (root.pid === 0) return { ...preparedOffender(root.prepared, scene), ...rest };
  if (!root.session) return { name: `pid ${root.pid}`, ...rest };
  return { ...shown(root.session, scene), ...rest };
}

/**
 * The relations that are waited for. Who waits for a row waits for the transaction that has it, without a relation: who is
 * next for that row waits for the tuple, which the first has locked, and names its table.
 */
function waitedFor(root: LockNode<SessionRow>): (string | null | undefined)[] {
  const next = root.blocks
    .filter(({ session }) => session?.lock_type === 'transactionid')
    .flatMap(({ blocks }) => blocks.filter(({ session }) => session?.lock_type === 'tuple'));
  return [...root.blocks, ...next].map(({ session }) => session && lockedRelation(session, NO_NAMES));
}

/** What ends a root: the gentlest that is certain to do it. */
function rootEnd({ pid, session, prepared }: LockNode<SessionRow>, frees: number): Pick<FoundOffender, 'ends'> {
  // Of a session that was not read by name nobody knows whether it runs anything that could be canceled.
  const [end] = endingsOf(pid, session, prepared).filter(({ what }) => session || what !== 'cancel');
  if (!end) return {};
  const freed = frees === 1 ? 'frees 1 session' : `frees ${frees} sessions`;
  const what = frees === 0 ? 'frees nobody alone: who waits for it waits for others, too' : freed;
  const { sql, db } = end;
  const lost = end.what === 'rollback' ? 'rolls back what it prepared' : workLost(session);
  return { ends: { sql, effect: [what, lost].filter(Boolean).join(', '), ...(db ? { db } : {}) } };
}

function workLost(session: SessionRow | undefined): string | undefined {
  const seconds = session?.xact_age_seconds;
  return seconds ? `rolls back ${secondsText(seconds)} of work` : undefined;
}

/** A prepared transaction has no session: it is ended by its name. */
function preparedOffender(rows: readonly SessionRow[], { showUsers }: Scene): Offender {
  const prepared = rows.map(({ gid, db }) => ({ gid: gid ?? '', db }));
  const [first] = rows;
  if (!first)
    return { name: 'a prepared transaction', remedy: 'Find it in pg_prepared_xacts, and run ROLLBACK PREPARED.' };
  return {
    name: `prepared ${rows.length === 1 ? 'transaction' : 'transactions'} ${gidsText(prepared)}`,
    db: first.db,
    ...(first.xact_age_seconds === null ? {} : { state: 'prepared', seconds: first.xact_age_seconds }),
    ...(showUsers && first.user_name ? { user: first.user_name } : {}),
    remedy: `No session holds the lock, so pg_cancel_backend ends nothing: ${endOf(prepared)}.`,
  };
}

function oldest(rows: readonly SessionRow[], age: (row: SessionRow) => number | null): SessionRow | undefined {
  return rows.reduce<SessionRow | undefined>((a, b) => (a && (age(a) ?? 0) >= (age(b) ?? 0) ? a : b), undefined);
}

/** A session as far as it may be shown, with what ends it. */
function ended(row: SessionRow | undefined, scene: Scene): FoundOffender | undefined {
  const offender = shown(row, scene);
  if (!row || !offender) return undefined;
  const [end] = endingsOf(offender.pid ?? 0, row, []);
  const lost = workLost(row);
  const what = end?.what === 'cancel' ? 'cancels its statement' : 'ends its session';
  const ends: Remedy | undefined = end && { sql: end.sql, effect: lost ? `${what}, ${lost}` : what };
  return ends ? { ...offender, ends } : offender;
}

function shown(row: SessionRow | undefined, { showQueries, showUsers }: Scene): Offender | undefined {
  if (!row || row.pid === null) return undefined;
  return {
    pid: row.pid,
    state: row.state,
    ...(row.application ? { application: row.application } : {}),
    ...(isClient(row) ? {} : { backend_type: row.backend_type }),
    ...(row.db ? { db: row.db } : {}),
    ...(row.state_age_seconds === null ? {} : { seconds: row.state_age_seconds }),
    ...(row.xact_age_seconds === null ? {} : { transaction_seconds: row.xact_age_seconds }),
    ...(showQueries && row.query ? { query: row.query.slice(0, 500) } : {}),
    ...(showUsers && row.user_name ? { user: row.user_name } : {}),
  };
}
