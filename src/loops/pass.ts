import type { Collector } from '../collectors/collector.ts';
import type { Limits } from '../collectors/transform.ts';
import type { Loop } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import { problemOf } from '../postgres/problem.ts';
import type { Session } from '../postgres/session.ts';
import type { Sessions } from '../postgres/sessions.ts';
import { clockStatement, parseClock } from './clock.ts';
import { scanDatabases } from './database-scan.ts';
import { DISCOVERY, discoveryStatement, isWatched, parseDiscovery, scanOrder } from './databases.ts';
import { readDetails } from './details.ts';
import type { LoopState } from './loop-state.ts';
import {
  type CarriedReads,
  downOutput,
  type PassHead,
  type PassOutput,
  type PassReads,
  passOutput,
} from './pass-output.ts';
import { isTimed, planAll, statementsOf } from './plan.ts';
import { type ReadContext, readsOf } from './read.ts';
import { dueDatabases, isNeglected, isUnused, type ScannedDatabase, type ScanState, useOf } from './scan-due.ts';

/** What all passes of a loop have in common. */
export interface PassSettings {
  readonly loop: Loop;
  readonly collectors: readonly Collector[];
  readonly sessions: Sessions;
  readonly limits: Limits;
  /** Replaces literals in the texts of statements before they are kept. */
  readonly redactSql: boolean;
  /** Most time until the answers must be there, the connection included. */
  readonly deadlineMs: number;
  /** Longest time between two passes over which a rate still says something about now. */
  readonly longestGapSeconds: number;
  readonly now: () => Date;
}

/**
 * One pass of a loop over one target: everything about the server and its connected database in one round trip, then
 * the other databases one by one. Each collector fails alone, each database too. Never throws for what a server does: a
 * target that is down is a snapshot that says so.
 */
export async function runPass(settings: PassSettings, target: TargetConfig, state: LoopState): Promise<PassOutput> {
  const start = performance.now();
  const head = (): PassHead => ({
    cluster: target.cluster,
    loop: settings.loop,
    takenAt: settings.now(),
    durationMs: performance.now() - start,
  });
  try {
    const { takenAt, ...reads } = await readTarget(settings, target, state, start);
    // A promotion changes what can be read: the next pass inspects the server again.
    if (reads.moment.role !== reads.server.role) await settings.sessions.drop(target);
    return passOutput({ ...head(), takenAt }, reads, state);
  } catch (error) {
    return downOutput(head(), problemOf(error, false), state);
  }
}

async function readTarget(
  settings: PassSettings,
  target: TargetConfig,
  state: LoopState,
  start: number,
): Promise<PassReads & { readonly takenAt: Date }> {
  const { collectors, sessions, limits, loop } = settings;
  const inDatabases = collectors.filter(({ scope }) => scope === 'database');
  const openedBefore = sessions.opened(target);
  const { session, plan, answers } = await sessions.read(
    target,
    ({ info }: Session) => {
      const watched = isWatched(info.database, target.databases);
      const chosen = collectors.filter(({ scope }) => scope === 'instance' || watched);
      const plans = planAll(chosen, info, limits, state);
      // The clock right behind what is timed, ahead of what takes long: it is the time of all that follows.
      const [timed, others] = [plans.filter(isTimed), plans.filter((one) => !isTimed(one))];
      const ours = inDatabases.length > 0 ? [clockStatement, discoveryStatement(info.major)] : [clockStatement];
      return { plans, statements: [...statementsOf(timed), ...ours, ...statementsOf(others)] };
    },
    settings.deadlineMs,
  );
  const seenAt = performance.now();
  const clock = answers.get(clockStatement.name);
  if (!clock?.ok) throw clock ? clock.problem : new Error('no answer');
  const { moment, seesAll } = parseClock(clock.rows);
  const { redactSql, longestGapSeconds } = settings;
  const { collectors: states } = state;
  const details = await readDetails(session, plan.plans, answers, { states, moment });
  const context: ReadContext = {
    states,
    moment,
    takenAt: settings.now().getTime(),
    seesAll,
    limits,
    redactSql,
    longestGapSeconds,
    details,
  };
  const reads = readsOf(plan.plans, session.info.database, answers, context);
  const findings = sessions.findings(target);
  const discovered = answers.get(DISCOVERY);
  const read = { server: session.info, moment };
  if (!discovered?.ok)
    return { ...read, takenAt: settings.now(), reads, findings, carried: [], scanned: state.scanned };
  const found = parseDiscovery(discovered.rows);
  const order = scanOrder(found, session.info.database, target.databases, state.resumeAt);
  const known = [...findings, ...order.findings];
  const last = state.scanned ?? new Map<string, ScannedDatabase>();
  // What runs on the other role only needs no connection to be skipped.
  const here = inDatabases.filter(({ role }) => role === 'any' || role === moment.role);
  // A scan of another loop that began meanwhile may or may not be counted by the server.
  const opened = (database: string) => {
    const [before, after] = [openedBefore.get(database) ?? 0, sessions.opened(target).get(database) ?? 0];
    return before === after ? before : undefined;
  };
  const isPrimary = moment.role === 'primary';
  const uses = new Map(found.map((one) => [one.database, useOf(one, opened(one.database), isPrimary)]));
  for (const [database, use] of uses) {
    const before = last.get(database);
    if (before && isUnused(before.seen, use)) sessions.noteUnused(target, database, before.seenAt, seenAt);
  }
  const restsWhileUnused = here.every((collector) => collector.restsWhileUnused);
  const due: ScanState = { uses, scanned: last, now: moment.at, restsWhileUnused, keptSeconds: longestGapSeconds };
  const scan = await scanDatabases({
    databases: here.length > 0 ? dueDatabases(order.databases, due) : [],
    watched: order.databases.length + 1,
    isNeglected: (database) => isNeglected(database, due),
    scan: (database, use) => sessions.scan(target, database, use),
    planFor: (info) => planAll(here, info, limits, state),
    context,
    known,
    loop,
    elapsedMs: () => performance.now() - start,
  });
  // One time for the pass and for what later passes carry over of it: by a millisecond more, what was found would be found again.
  const takenAt = settings.now();
  const scanned = new Map<string, ScannedDatabase>();
  const carried: CarriedReads[] = [];
  for (const [database, seen] of uses) {
    if (!order.databases.includes(database)) continue;
    const fresh = scan.scans.get(database);
    const before = last.get(database);
    const wasUnused = before !== undefined && isUnused(before.seen, seen);
    if (fresh)
      scanned.set(database, { at: moment.at, takenAt: takenAt.toISOString(), seen, seenAt, wasUnused, ...fresh });
    else if (before && moment.at - before.at <= longestGapSeconds) {
      scanned.set(database, before);
      carried.push(before);
    }
  }
  return {
    ...read,
    takenAt,
    reads: [...reads, ...[...scan.scans.values()].flatMap((one) => one.reads)],
    carried,
    databases: found.map(({ database }) => database).filter((database) => isWatched(database, target.databases)),
    findings: [...known, ...scan.findings, ...[...scanned.values()].flatMap((one) => one.findings)],
    resumeAt: scan.resumeAt,
    scanned,
  };
}
