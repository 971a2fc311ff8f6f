import type { Snapshot } from '../metrics/snapshot.ts';
import type { EventKind } from './kind.ts';

/** What is kept of the past of a target and loop for the next comparison. */
export interface Known {
  readonly last: Snapshot;
  /** Absent where the target never answered. */
  readonly good: Snapshot | undefined;
}

/** Of a snapshot what kinds compare: a server's statements and samples are large, and most are compared by nobody. */
export function compared(snapshot: Snapshot, kinds: readonly EventKind[]): Snapshot {
  const own = kinds.filter(({ loop }) => loop === snapshot.loop);
  const collectors = new Set(own.flatMap(({ reads }) => reads.map(({ name }) => name)));
  const metrics = new Set(own.flatMap((kind) => kind.metrics));
  return {
    ...snapshot,
    outcomes: snapshot.outcomes.filter(({ collector }) => collectors.has(collector)),
    findings: [],
    samples: snapshot.samples.filter(({ metric }) => metrics.has(metric)),
    rates: snapshot.rates.filter(({ metric }) => metrics.has(metric)),
    noRates: {},
    rows: Object.fromEntries(Object.entries(snapshot.rows).filter(([name]) => collectors.has(name))),
  };
}

/** What is known after a pass: of each collector and database the last answer, of one that gave none that of before. */
export function knownAfter(before: Known | undefined, snapshot: Snapshot, kinds: readonly EventKind[]): Known {
  const fresh = compared(snapshot, kinds);
  if (!snapshot.up) return { last: fresh, good: before?.good };
  return { last: fresh, good: before?.good ? withLastAnswers(before.good, fresh) : fresh };
}

function withLastAnswers(before: Snapshot, fresh: Snapshot): Snapshot {
  const scope = (collector: string, database: unknown) => JSON.stringify([collector, database]);
  const answered = new Set(
    fresh.outcomes.filter(({ status }) => status === 'ok').map((one) => scope(one.collector, one.database)),
  );
  const missing = before.outcomes.filter(
    ({ collector, database, status }) =>
      status === 'ok' && !answered.has(scope(collector, database)) && isStillThere(database, fresh),
  );
  if (missing.length === 0) return fresh;
  const kept = new Set(missing.map((one) => scope(one.collector, one.database)));
  // Rows carry their database only where their collector is read in each.
  const isOf = (collector: string, row: object) => {
    const db = 'db' in row && typeof row.db === 'string' ? row.db : undefined;
    return kept.has(scope(collector, db)) || kept.has(scope(collector, undefined));
  };
  const names = new Set([...Object.keys(fresh.rows), ...missing.map(({ collector }) => collector)]);
  return {
    ...fresh,
    outcomes: [
      ...fresh.outcomes.filter((one) => !kept.has(scope(one.collector, one.database))),
      ...missing.map((one) => ({ ...one, readAt: one.readAt ?? before.takenAt })),
    ],
    rows: Object.fromEntries(
      [...names].map((name) => [
        name,
        [...(fresh.rows[name] ?? []), ...(before.rows[name] ?? []).filter((row) => isOf(name, row))],
      ]),
    ),
  };
}

/** A database that was dropped or is no longer watched takes its last rows with it. */
function isStillThere(database: string | undefined, { databases }: Snapshot): boolean {
  return database === undefined || !databases || databases.includes(database);
}
