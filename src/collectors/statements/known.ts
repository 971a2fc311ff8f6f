import { MOST_ENTRIES, type StatementTable } from './deltas.ts';
import type { AnswerRow, StatementRow } from './row.ts';

/** All entries as the server has them, our own among them. */
export interface Entries {
  readonly rows: readonly StatementRow[];
  /** The mark of each, which changes whenever its counters do. */
  readonly marks: readonly string[];
  readonly databases: string;
  /** Whether the next pass names the marks, to be sent only what is not as it was. */
  readonly asked: boolean;
}

/** Where more than this share changes, naming what is known costs the server more than it saves. */
const CALM_SHARE = 0.5;

/**
 * What was read with a table, in memory alone: a process that got its state from the store reads everything once, and the
 * store holds no marks.
 */
const known = new WeakMap<StatementTable, Entries>();

/** What `$1` and `$2` of the statement are after a pass that gave this table. */
export function marksAfter(table: StatementTable | undefined): readonly [marks: string, databases: string] {
  const { marks, databases, asked } = (table && known.get(table)) ?? NOTHING;
  return asked ? [`{${marks.join(',')}}`, databases] : ['{}', ''];
}

/** Notes what was read with a table. */
export function noteRead(table: StatementTable, entries: Entries): void {
  known.set(table, entries);
}

const NOTHING: Entries = { rows: [], marks: [], databases: '', asked: false };

/** All entries as they are now: those that came, and of those known before the ones whose mark some entry still has. */
export function entriesOf(answer: readonly AnswerRow[], previous: StatementTable | undefined): Entries {
  const before = (previous && known.get(previous)) ?? NOTHING;
  const databases = answer[0]?.databases ?? before.databases;
  const compared = before.asked && databases === before.databases;
  const gone = new Set(answer.flatMap((row) => row.gone ?? []));
  const came = answer.flatMap((row) => {
    const [entry, mark] = [entryOf(row), row.mark];
    return entry && mark !== null ? [{ entry, mark }] : [];
  });
  const stayed = before.rows.flatMap((entry, i) => {
    const mark = before.marks[i];
    return compared && mark !== undefined && !gone.has(i + 1) ? [{ entry, mark }] : [];
  });
  const all = [...came, ...stayed];
  const old = new Set(compared ? [] : before.marks);
  const changed = compared ? came.length : came.filter(({ mark }) => !old.has(mark)).length;
  const isCalm = before.rows.length === 0 || changed <= all.length * CALM_SHARE;
  return {
    rows: all.map(({ entry }) => entry),
    marks: all.map(({ mark }) => mark),
    databases,
    asked: isCalm && answer.length < MOST_ENTRIES && !(answer[0]?.are_logged ?? true),
  };
}

/** The entry of a row that has one. The server has a value for all of these; who calls a place in the marks an entry sees NULL. */
function entryOf(row: AnswerRow): StatementRow | undefined {
  const { user_id, own, db, queryid, toplevel, calls, exec_ms, stddev_ms } = row;
  const { result_rows, blocks_hit, blocks_read, block_read_ms, temp_blocks, wal_bytes, since } = row;
  if (user_id === null || own === null || db === null || queryid === null || toplevel === null) return undefined;
  if (calls === null || exec_ms === null || stddev_ms === null || result_rows === null) return undefined;
  if (blocks_hit === null || blocks_read === null || block_read_ms === null || temp_blocks === null) return undefined;
  const work = { result_rows, blocks_hit, blocks_read, block_read_ms, temp_blocks, wal_bytes };
  return { user_id, own, db, queryid, toplevel, calls, exec_ms, stddev_ms, ...work, since };
}
