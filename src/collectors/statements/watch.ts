import * as z from 'zod';
import type { Statement } from './deltas.ts';
import { significant, type Work } from './period.ts';

/** What is notable of a statement. Blocks, seconds and rows are those of a call. */
export const statementChangeSchema = z.object({
  change: z.enum(['new', 'gone', 'plan']),
  db: z.string(),
  queryid: z.string(),
  /** Of the time of all statements, 0 to 1. */
  share: z.number(),
  /** Of a suspected plan, what a call took before and takes now. */
  before: z.object({ blocks: z.number(), seconds: z.number(), rows: z.number() }).optional(),
  after: z.object({ blocks: z.number(), seconds: z.number(), rows: z.number() }).optional(),
});
export type StatementChange = z.output<typeof statementChangeSchema>;

const sums = z.object({ calls: z.number(), seconds: z.number(), blocks: z.number(), rows: z.number() });
type Sums = z.output<typeof sums>;

const watchedSchema = z.object({
  /** Passes in which it was called, and those since then in which only others were. */
  active: z.number(),
  silent: z.number(),
  /** Of those in which it could have been called. */
  passes: z.number(),
  /** Its usual share of the time. */
  share: z.number(),
  /** What its calls took lately, older ones counting less and less. */
  usual: sums,
  /** Calls that took far more or less, pass after pass, until it is clear that they stay so. */
  jump: sums.extend({ passes: z.number(), up: z.boolean() }).optional(),
  /** Of one that is new: passes with a share to speak of, until it has been said or is too old to be new. */
  heavyPasses: z.number().optional(),
});
type Watched = z.output<typeof watchedSchema>;

export const watchSchema = z.object({
  /** Usual seconds of all statements in a second. */
  load: z.number(),
  /** By queryid and database, a space between. */
  statements: z.record(z.string(), watchedSchema),
});
export type Watch = z.output<typeof watchSchema>;

/** Statements that are watched: those with the most time and calls. */
const MOST = 300;
/** Of the time and the calls of a pass; whoever has less of both, and had before, is not looked at: most of 5,000 have. */
const LEAST_SHARE = 0.001;
/** Below it a statement comes and goes without an event: else every query that somebody types would be one. */
const SHARE = 0.05;
/** A server with less load than a hundredth of a session has no statements that matter. */
const LEAST_LOAD = 0.01;
/** A statement is new for so many passes, and has to matter in two of them. */
const NEW_PASSES = 30;
const HEAVY_PASSES = 2;
/** No longer seen: called in nine of ten passes over half an hour, then in none of ten in which others were. */
const REGULAR_PASSES = 30;
const REGULAR_SHARE = 0.9;
const SILENT_PASSES = 10;
/** A plan is suspected where a call reads four times the blocks for the rows of before, takes twice the time, and continues so. */
const BLOCKS_TIMES = 4;
const BLOCKS_LEAST = 100;
const SECONDS_TIMES = 2;
const ROWS_TIMES = 2;
const JUMP_PASSES = 2;
const JUMP_CALLS = 10;
/** What is usual takes so many calls in so many passes to know. */
const USUAL_CALLS = 50;
const USUAL_PASSES = 10;
/** What a pass counts after the next one: half of it after 23. */
const DECAY = 0.97;

/**
 * What the statements of an interval show beside those of before.
 *
 * @param isTrusted whether a statement that was not there before is new, and not one that was evicted and came back
 */
export function watched(
  before: Watch | undefined,
  statements: readonly Statement[],
  seconds: number | undefined,
  isTrusted: boolean,
): { readonly watch: Watch | undefined; readonly changes: StatementChange[] } {
  if (seconds === undefined || seconds <= 0) return { watch: before, changes: [] };
  const [total, calls] = [sumOf(statements, 'seconds'), sumOf(statements, 'calls')];
  const load = total / seconds;
  const usualLoad = before?.load ?? load;
  const known = before?.statements ?? {};
  const called = statements.flatMap(({ db, queryid, interval: work, isNew }) => {
    if (!work || work.calls <= 0) return [];
    const key = `${queryid} ${db}`;
    const isLight = work.seconds < total * LEAST_SHARE && work.calls < calls * LEAST_SHARE;
    return isLight && !known[key] ? [] : [{ db, queryid, isNew, work, key }];
  });
  const changes: StatementChange[] = [];
  const next = new Map<string, Watched>();
  const present = new Set<string>();
  for (const { db, queryid, isNew, work, key } of called) {
    present.add(key);
    const share = total > 0 ? work.seconds / total : 0;
    const { entry, plan } = advanced(known[key] ?? fresh(isNew && isTrusted && before !== undefined), work, share);
    if (plan) changes.push({ change: 'plan', db, queryid, share, ...plan });
    const isHeavy = share >= SHARE && load >= LEAST_LOAD;
    next.set(key, entry.heavyPasses === undefined ? entry : aged(entry, isHeavy));
    if (entry.heavyPasses !== undefined && isHeavy && entry.heavyPasses + 1 === HEAVY_PASSES)
      changes.push({ change: 'new', db, queryid, share });
  }
  for (const [key, entry] of Object.entries(known)) {
    if (present.has(key)) continue;
    // Where all of them rest, none is missing.
    const othersGoOn = load >= LEAST_LOAD && load >= (usualLoad * (1 - Math.min(1, entry.share))) / 4;
    const silent = entry.silent + Number(othersGoOn);
    if (isRegular(entry) && silent >= SILENT_PASSES) {
      const [queryid = '', ...rest] = key.split(' ');
      changes.push({ change: 'gone', db: rest.join(' '), queryid, share: entry.share });
    } else if (silent < SILENT_PASSES) next.set(key, { ...entry, silent, passes: entry.passes + Number(othersGoOn) });
  }
  return { watch: { load: round(usualLoad * DECAY + load * (1 - DECAY)), statements: first(next) }, changes };
}

function sumOf(statements: readonly Statement[], field: 'seconds' | 'calls'): number {
  let sum = 0;
  for (const { interval } of statements) sum += interval?.[field] ?? 0;
  return sum;
}

function fresh(isNew: boolean): Watched {
  const usual = { calls: 0, seconds: 0, blocks: 0, rows: 0 };
  return { active: 0, silent: 0, passes: 0, share: 0, usual, ...(isNew ? { heavyPasses: 0 } : {}) };
}

/** One that is new: it was said, or is no longer new, or still may be. */
function aged(entry: Watched, isHeavy: boolean): Watched {
  const { heavyPasses = 0, ...rest } = entry;
  const passes = heavyPasses + Number(isHeavy);
  return passes >= HEAVY_PASSES || entry.passes >= NEW_PASSES ? rest : { ...rest, heavyPasses: passes };
}

function isRegular({ active, passes, silent, share }: Watched): boolean {
  return active >= REGULAR_PASSES && active >= (passes - silent) * REGULAR_SHARE && share >= SHARE;
}

function advanced(
  entry: Watched,
  work: Work,
  share: number,
): { entry: Watched; plan?: Pick<StatementChange, 'before' | 'after'> } {
  const now: Sums = {
    calls: work.calls,
    seconds: work.seconds,
    blocks: work.blocksHit + work.blocksRead,
    rows: work.rows,
  };
  const counted = {
    ...entry,
    active: entry.active + 1,
    passes: entry.passes + 1,
    silent: 0,
    share: entry.active === 0 ? round(share) : round(entry.share * DECAY + share * (1 - DECAY)),
  };
  const { jump: last, ...steady } = counted;
  const usual = { ...steady, usual: plus(entry.usual, now, DECAY) };
  if (entry.usual.calls < USUAL_CALLS || entry.active < USUAL_PASSES) return { entry: usual };
  const up = jumps(entry.usual, now);
  if (up === undefined) return { entry: usual };
  const sum = last && last.up === up ? plus(last, now, 1) : now;
  const passes = last && last.up === up ? last.passes + 1 : 1;
  if (passes < JUMP_PASSES || sum.calls < JUMP_CALLS) return { entry: { ...steady, jump: { ...sum, passes, up } } };
  return { entry: { ...steady, usual: sum }, plan: { before: perCall(entry.usual), after: perCall(sum) } };
}

/** Whether calls take far more than usual (true), far less (false), or neither. */
function jumps(usual: Sums, now: Sums): boolean | undefined {
  const [before, after] = [perCall(usual), perCall(now)];
  const rows = (after.rows + 1) / (before.rows + 1);
  if (rows > ROWS_TIMES || rows < 1 / ROWS_TIMES) return undefined;
  if (Math.abs(after.blocks - before.blocks) < BLOCKS_LEAST) return undefined;
  const isMore = (a: typeof before, b: typeof before) =>
    b.blocks >= a.blocks * BLOCKS_TIMES && b.seconds >= a.seconds * SECONDS_TIMES;
  return isMore(before, after) ? true : isMore(after, before) ? false : undefined;
}

function perCall({ calls, seconds, blocks, rows }: Sums) {
  return { blocks: blocks / calls, seconds: seconds / calls, rows: rows / calls };
}

function plus(sum: Sums, more: Sums, factor: number): Sums {
  const both = (field: keyof Sums) => round(sum[field] * factor + more[field]);
  return { calls: both('calls'), seconds: both('seconds'), blocks: both('blocks'), rows: both('rows') };
}

function round(value: number): number {
  return significant(value, 6);
}

/** In turn the next by time and by calls, up to {@link MOST}. */
function first(all: ReadonlyMap<string, Watched>): Record<string, Watched> {
  const entries = [...all];
  if (entries.length <= MOST) return Object.fromEntries(entries);
  const by = (field: 'seconds' | 'calls') =>
    entries.toSorted(([, a], [, b]) => b.usual[field] - a.usual[field]).slice(0, MOST / 2);
  return Object.fromEntries([...by('seconds'), ...by('calls')]);
}
