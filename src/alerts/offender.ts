import { lockTree, sessionsBelow } from '../collectors/activity/lock-tree.ts';
import { endOf, gidsText } from '../collectors/activity/prepared.ts';
import { lockedRelation, type RelationNames } from '../collectors/activity/relation-names.ts';
import { isClient, isSession, type SessionRow } from '../collectors/activity/session-row.ts';
import type { Labels } from '../metrics/sample.ts';
import type { OffenderKind } from './rule.ts';
import type { Offender } from './transition.ts';

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

/** Who causes an alert of this kind; undefined where nobody is seen any more. */
export function offenderOf(kind: OffenderKind, labels: Labels, scene: Scene): Offender | undefined {
  const sessions = scene.sessions.filter((row) => isSession(row) && isClient(row));
  switch (kind) {
    case 'blocker':
      return blocker(scene);
    case 'transaction':
      return shown(
        oldest(sessions, ({ xact_age_seconds }) => xact_age_seconds),
        'xact_age_seconds',
        scene,
      );
    case 'idle transaction': {
      const idle = sessions.filter(({ state }) => state.startsWith('idle in transaction'));
      return shown(
        oldest(idle, ({ state_age_seconds }) => state_age_seconds),
        'state_age_seconds',
        scene,
      );
    }
    case 'query': {
      const active = sessions.filter(({ state }) => state === 'active');
      return shown(
        oldest(active, ({ query_age_seconds }) => query_age_seconds),
        'query_age_seconds',
        scene,
      );
    }
    case 'xmin holder': {
      const holder = scene.holders.find((row) => row.holder === labels['holder']);
      if (!holder) return undefined;
      const pid = holder.holder === 'backend' ? Number(holder.name) : Number.NaN;
      return {
        ...(Number.isInteger(pid) ? { pid } : { name: `${holder.holder} ${holder.name ?? ''}`.trim() }),
        ...(holder.held_in ? { db: holder.held_in } : {}),
        ...(holder.detail ? { application: holder.detail } : {}),
      };
    }
  }
}

/** A pass over sessions knows names of the connected database only; of others it says database and OID. */
const NO_NAMES: RelationNames = new Map();

/** Most pids that are named as waiting for one. */
const NAMED_WAITERS = 100;

/** The root of the largest tree, and who waits for it, directly or through others. */
function blocker(scene: Scene): Offender | undefined {
  const [root] = lockTree(scene.sessions);
  if (!root) return undefined;
  const blocks = sessionsBelow(root)
    .slice(0, NAMED_WAITERS)
    .map(({ pid }) => pid);
  const named = root.blocks.map(({ session }) => session && lockedRelation(session, NO_NAMES)).find(Boolean);
  const rest = { blocks, ...(named ? { relation: named } : {}) };
  if (root.pid === 0) return { ...preparedOffender(root.prepared, scene), ...rest };
  if (!root.session) return { name: `pid ${root.pid}`, ...rest };
  return { ...shown(root.session, 'xact_age_seconds', scene), ...rest };
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

function shown(
  row: SessionRow | undefined,
  age: 'xact_age_seconds' | 'state_age_seconds' | 'query_age_seconds',
  { showQueries, showUsers }: Scene,
): Offender | undefined {
  if (!row || row.pid === null) return undefined;
  const seconds = row[age];
  return {
    pid: row.pid,
    state: row.state,
    ...(row.application ? { application: row.application } : {}),
    ...(row.db ? { db: row.db } : {}),
    ...(seconds === null ? {} : { seconds }),
    ...(showQueries && row.query ? { query: row.query.slice(0, 500) } : {}),
    ...(showUsers && row.user_name ? { user: row.user_name } : {}),
  };
}
