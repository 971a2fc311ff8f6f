import type { Collector, Row } from '../../../src/collectors/collector.ts';
import type { Loop } from '../../../src/config/loop.ts';
import type { Event } from '../../../src/events/event.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';

/** What a collector answered, as a pass keeps it. */
export interface Answered {
  readonly collector: Collector;
  readonly rows: readonly Row[];
  readonly database?: string;
  readonly total?: number;
  readonly status?: 'ok' | 'failed' | 'skipped';
}

/** A pass at a minute of a day, with these answers. */
export function passAt(
  minute: number,
  loop: Loop,
  answers: readonly Answered[] = [],
  more: Partial<Snapshot> = {},
): Snapshot {
  const rows: Record<string, Row[]> = {};
  for (const { collector, rows: own, database } of answers) {
    rows[collector.name] ??= [];
    rows[collector.name]?.push(...own.map((row) => (database === undefined ? row : { db: database, ...row })));
  }
  return {
    cluster: 'shop',
    loop,
    takenAt: new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString(),
    up: true,
    server: { version: '18.4', major: 18, role: 'primary', startedAt: 1_000, database: 'postgres', pooled: false },
    durationMs: 1,
    outcomes: answers.map(({ collector, database, status = 'ok', total, rows: own }) => ({
      collector: collector.name,
      database,
      status,
      total,
      rows: own.length,
    })),
    findings: [],
    samples: [],
    rates: [],
    noRates: {},
    rows,
    ...more,
  };
}

export function eventAt(at: string, more: Partial<Event> = {}): Event {
  const id = more.id ?? `e${at}`;
  return { at, cluster: 'shop', kind: 'test', severity: 'notice', source: 'seen', text: 'Something.', ...more, id };
}
