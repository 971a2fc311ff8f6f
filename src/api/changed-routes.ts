import { z } from '@hono/zod-openapi';
import { applicationsOf } from '../collectors/activity/applications.ts';
import { shownStatementSchema } from '../collectors/statements/shown.ts';
import { durationMs } from '../config/scalars.ts';
import {
  connectionMoves,
  eventsOfWindow,
  foremost,
  type IntervalOf,
  MOVE_KINDS,
  type Move,
  ranked,
  type StatementSum,
  statementMoves,
  summedWithin,
  type Reading as TableReading,
  tableMoves,
  waitMoves,
} from '../events/changed.ts';
import type { Event } from '../events/event.ts';
import { pageLink } from '../events/link.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { eventsAndAlerts } from '../store/event-reading.ts';
import type { EventCursor } from '../store/events.ts';
import type { Top } from '../store/top.ts';
import { shownAs, shownEvent } from './event-routes.ts';
import { withoutPlace } from './hide-places.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, dataOf, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Events are read in pages of so many, and at most so many pages: 10,000 of a day. */
const PAGE = 500;
const MOST_PAGES = 20;

/** Most events, and most moves of each kind. */
const MOST_EVENTS = 100;
const MOST_MOVES = 15;

const pair = z.object({ before: z.number().nullable(), after: z.number().nullable() });

const move = z.object({
  kind: z.enum(MOVE_KINDS),
  name: z.string(),
  db: z.string().optional(),
  text: z.string().optional().openapi({ description: 'Of a statement its text, for roles that may read it.' }),
  unit: z.string(),
  before: z.number().nullable().openapi({ description: 'Null where it was not in the list that is kept.' }),
  after: z.number().nullable(),
  change: z.number(),
  cause: z.enum(['calls', 'time per call', 'both']).optional(),
  calls: pair.optional().openapi({ description: 'Calls a second.' }),
  mean: pair.optional().openapi({ description: 'Seconds per call.' }),
  weight: z.number().openapi({
    description:
      'How much it weighs against the others: 1 is a session that is busy all the time, 10 connections, or 1,000 rows written a second.',
  }),
  link: z.string(),
});

export const changedRoute = getRoute({
  path: '/changed',
  summary:
    'What changed up to a moment, or the begin of an alert, against the time before: events, then what moved most.',
  query: z.object({
    cluster: clusterQuery,
    at: timeQuery.at,
    alert: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be the fingerprint of an alert')
      .optional()
      .openapi({ description: 'Fingerprint of an alert, in place of a moment: up to when its condition began.' }),
    window: z
      .string()
      .refine((text) => {
        const ms = durationMs(text) ?? 0;
        return ms >= 5 * MINUTE_MS && ms <= 24 * HOUR_MS;
      }, 'must be a duration such as 15m, of 5m to 24h')
      .default('15m')
      .openapi({ description: 'Length of the window, and of the one before it.' }),
  }),
  answer: z.object({
    cluster: z.string(),
    at: z.string(),
    from: z.string(),
    to: z.string(),
    before_from: z.string(),
    alert: z.object({ fingerprint: z.string(), rule: z.string(), title: z.string(), message: z.string() }).optional(),
    since: z.string().optional().openapi({ description: 'When the data begins, where the windows are before it.' }),
    events: z.array(shownEvent),
    more_events: z.number().optional().openapi({
      description: 'How many more events the window has: those shown are the most severe, and some of each kind.',
    }),
    moves: z.array(move),
    notes: z.array(z.string()).openapi({ description: 'What could not be compared, and why.' }),
  }),
});

/** What changed: events, and what moved most between a window and the one before. */
export function addChangedRoutes(app: Api, reading: Reading): void {
  const { stores, now } = reading;
  app.openapi(changedRoute, async (context) => {
    const { at: asked, alert: fingerprint, window, cluster: name } = context.req.valid('query');
    if (asked !== undefined && fingerprint !== undefined) throw problem(400, 'alert: give either alert or at');
    const cluster = clusterOf(name, reading);
    const alert = fingerprint === undefined ? undefined : await alertOf(reading, cluster, fingerprint);
    const length = durationMs(window) ?? 15 * MINUTE_MS;
    const moment = alert
      ? new Date(Math.min(now().getTime(), Date.parse(alert.since)))
      : (momentOf({ at: asked }, now()) ?? now());
    const [from, first] = [1, 2].map((windows) => new Date(moment.getTime() - windows * length));
    if (!from || !first) throw problem(400, 'window: unreadable');
    // An hour later, too: settings are read once an hour, and a change is found with the next reading.
    const found = await allEvents(
      reading,
      cluster,
      from,
      new Date(Math.min(now().getTime(), moment.getTime() + HOUR_MS)),
    );
    const role = context.get('role');
    const viewer = role === 'viewer';
    const inWindow = eventsOfWindow(found.events, from, moment).filter(
      (event) => event.source !== 'alert' || event.at <= moment.toISOString(),
    );
    const moreEvents = Math.max(0, inWindow.length - MOST_EVENTS);
    const events = foremost(inWindow, MOST_EVENTS).map((event) => shownAs(event, role));
    const parts = await Promise.all([
      statementsOf(reading, cluster, first, from, moment),
      waitsOf(reading, cluster, first, from, moment),
      connectionsOf(reading, cluster, from, moment),
      tablesOf(reading, cluster, moment),
    ]);
    const moves = ranked(
      parts.flatMap((part) => part.moves),
      MOST_MOVES,
    );
    const queryids = moves.flatMap((one) => (one.kind === 'statement' ? [one.name] : []));
    const texts = viewer ? new Map<string, string>() : await stores.statements.get(cluster, [...new Set(queryids)]);
    const since = events.length + moves.length === 0 ? await stores.past.since(cluster, 'hot', now()) : undefined;
    return context.json(
      {
        cluster,
        at: moment.toISOString(),
        from: from.toISOString(),
        to: moment.toISOString(),
        before_from: first.toISOString(),
        alert: alert && {
          fingerprint: alert.fingerprint,
          rule: alert.rule,
          title: alert.title,
          message: withoutPlace(role, alert.message),
        },
        since: since && since > from ? since.toISOString() : undefined,
        events,
        more_events: moreEvents > 0 ? moreEvents : undefined,
        moves: moves.map((one) => ({
          ...one,
          text: one.kind === 'statement' ? texts.get(one.name) : undefined,
          link: moveLink(one, cluster, first, moment),
        })),
        notes: [...parts.flatMap(({ note }) => note ?? []), ...(found.isCut ? [EVENTS_CUT] : [])],
      },
      200,
    );
  });
}

const EVENTS_CUT = `Events: of more than ${(PAGE * MOST_PAGES).toLocaleString('en-US')} in the window, only the last were read.`;

/** All events between two times, as far as there are not too many of them. */
async function allEvents({ stores }: Reading, cluster: string, from: Date, to: Date) {
  const events: Event[] = [];
  let after: EventCursor | undefined;
  for (let i = 0; i < MOST_PAGES; i++) {
    const page = await eventsAndAlerts(stores, cluster, { from, to, limit: PAGE, after, routine: false });
    events.push(...page.events);
    after = page.next;
    if (!after) return { events, isCut: false };
  }
  return { events, isCut: true };
}

/** @throws 404 where the target never had it */
async function alertOf({ stores, now }: Reading, cluster: string, fingerprint: string) {
  const [newest] = await stores.alertHistory.newest(
    1,
    { at: new Date(now().getTime() + 1) },
    (one) => one.fingerprint === fingerprint && one.cluster === cluster,
    { clusters: [cluster] },
  );
  if (!newest) throw problem(404, `No alert of ${cluster} has this fingerprint.`);
  return newest;
}

const VIEWS: Readonly<Record<Move['kind'], string>> = {
  statement: 'queries',
  wait: 'activity',
  connections: 'activity',
  table: 'storage',
};

function moveLink({ kind, name, db }: Move, cluster: string, from: Date, to: Date): string {
  const range = { cluster, db, from: from.toISOString(), to: to.toISOString() };
  return pageLink(VIEWS[kind], kind === 'statement' ? { ...range, queryid: name } : range);
}

interface Part {
  readonly moves: readonly Move[];
  readonly note?: string;
}

async function statementsOf({ stores }: Reading, cluster: string, first: Date, from: Date, to: Date): Promise<Part> {
  const tops = await stores.top.between(cluster, 'statements', first, to);
  const intervals = tops.map(intervalOf);
  const [before, after] = [summedWithin(intervals, first, from), summedWithin(intervals, from, to)];
  if (!before || !after) return { moves: [], note: 'Statements: not measured in both windows.' };
  return { moves: statementMoves(before, after) };
}

/** Thousands of rows are checked for one answer: only what is compared. */
const comparedSchema = shownStatementSchema.pick({
  db: true,
  queryid: true,
  interval_seconds: true,
  calls: true,
  exec_seconds: true,
});

function intervalOf({ at, rows }: Top): IntervalOf<StatementSum> {
  const items = rows.flatMap((row) => comparedSchema.safeParse(row).data ?? []);
  return {
    end: Date.parse(at) / 1_000,
    seconds: items.find(({ interval_seconds }) => interval_seconds !== null)?.interval_seconds ?? 0,
    items: items.map(({ db, queryid, calls, exec_seconds }) => ({
      db,
      queryid,
      calls: calls ?? 0,
      exec_seconds: exec_seconds ?? 0,
    })),
  };
}

async function waitsOf({ stores }: Reading, cluster: string, first: Date, from: Date, to: Date): Promise<Part> {
  const loads = await stores.activity.passes(cluster, first, to);
  const split = from.toISOString();
  const [before, after] = [loads.filter(({ at }) => at <= split), loads.filter(({ at }) => at > split)];
  if (before.length === 0 || after.length === 0) return { moves: [], note: 'Waits: not measured in both windows.' };
  return { moves: waitMoves(before, after) };
}

/** At the end of each window: what a pass before it has seen, up to two minutes. */
async function connectionsOf(reading: Reading, cluster: string, from: Date, to: Date): Promise<Part> {
  const at = async (moment: Date) => {
    const { snapshot } = await snapshotAt(reading, cluster, 'hot', moment);
    const isRecent = snapshot?.up && moment.getTime() - Date.parse(snapshot.takenAt) <= 2 * MINUTE_MS;
    return isRecent ? applicationsOf(snapshot.rows['activity']) : undefined;
  };
  const [before, after] = await Promise.all([at(from), at(to)]);
  if (!before || !after) return { moves: [], note: 'Connections: not measured at the end of both windows.' };
  return { moves: connectionMoves(before, after) };
}

/** Counters of tables are kept by the hour: the readings around the moment, and the one before. */
async function tablesOf(reading: Reading, cluster: string, moment: Date): Promise<Part> {
  const { stores, now } = reading;
  const near = moment.getTime() + HOUR_MS;
  const at = async (time: Date | undefined) => dataOf(await snapshotAt(reading, cluster, 'storage', time));
  const third = await at(near >= now().getTime() ? undefined : new Date(near));
  const before = async (snapshot: Snapshot | undefined) =>
    snapshot && (await stores.past.at(cluster, 'storage', new Date(Date.parse(snapshot.takenAt) - 1)));
  const second = await before(third);
  const first = second && (await before(second));
  if (!first || !second || !third)
    return { moves: [], note: 'Tables: there are not three readings of their counters yet.' };
  return {
    moves: tableMoves([readingOf(first), readingOf(second), readingOf(third)]),
    note: `Tables: written between ${clock(second.takenAt)} and ${clock(third.takenAt)}, against the time from ${clock(first.takenAt)}.`,
  };
}

const tableRow = z.object({
  db: z.string(),
  relation: z.string(),
  inserted: z.number().nullable(),
  updated: z.number().nullable(),
  deleted: z.number().nullable(),
});

function readingOf({ takenAt, rows }: Snapshot): TableReading {
  const tables = (rows['tables'] ?? []).flatMap((row) => {
    const { data } = tableRow.safeParse(row);
    if (!data) return [];
    const { db, relation, inserted, updated, deleted } = data;
    return [{ db, relation, written: (inserted ?? 0) + (updated ?? 0) + (deleted ?? 0) }];
  });
  return { at: Date.parse(takenAt) / 1_000, tables };
}

function clock(at: string): string {
  return `${at.slice(11, 16)} UTC`;
}
