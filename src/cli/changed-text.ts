import type { z } from '@hono/zod-openapi';
import { secondsText } from '../alerts/format.ts';
import type { changedRoute } from '../api/changed-routes.ts';
import type { Clock } from './times.ts';

type Changed = z.output<(typeof changedRoute)['responses'][200]['content']['application/json']['schema']>;
type Move = Changed['moves'][number];

/** Longest text of a statement in a line. */
const LONGEST_STATEMENT = 100;

/** What changed as sentences: of when it is, the events, what moved most, and what could not be compared. */
export function changedText(answer: Changed, clock: Clock): string {
  const { cluster, events, moves, notes, more_events: more = 0 } = answer;
  const count = events.length + more;
  const what = [
    count === 0 ? 'no events' : `${counted(count, 'event')}${more > 0 ? `, of which ${events.length} are shown` : ''}`,
    moves.length === 0 ? 'nothing moved' : `${counted(moves.length, 'move')}`,
  ].join(', ');
  return [
    `What changed on ${cluster} from ${clock.text(answer.from)} to ${clock.text(answer.to)} (${clock.zone}): ${what}.`,
    ...(answer.alert ? [`Then began: ${answer.alert.title}: ${answer.alert.message}.`] : []),
    ...(answer.since ? [`The data begins at ${clock.text(answer.since)}.`] : []),
    ...section(
      'Events',
      events.map((event) => `${clock.text(event.at)}  ${event.text}${inDatabase(event)}`),
    ),
    ...section(`Moved most, against the ${lengthOf(answer)} before`, moves.flatMap(moveLines)),
    ...section('Of this comparison', notes),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function lengthOf({ from, to }: Changed): string {
  return secondsText((Date.parse(to) - Date.parse(from)) / 1_000);
}

/** Where it was, unless the sentence says so. */
function inDatabase({ db, text }: { readonly db?: string | undefined; readonly text: string }): string {
  return db === undefined || text.includes(db) ? '' : ` (${db})`;
}

const WHAT: Readonly<Record<Move['kind'], { readonly unit: string; readonly subject: (name: string) => string }>> = {
  statement: { unit: 'ms a second', subject: (name) => `Statement ${name}` },
  wait: { unit: 'active sessions', subject: (name) => `Wait ${name}` },
  connections: { unit: 'connections', subject: (name) => `Application ${name}` },
  table: { unit: 'rows written a second', subject: (name) => `Table ${name}` },
};

function moveLines(move: Move): string[] {
  const { kind, name, db, before, after, cause, calls, mean, text } = move;
  const { unit, subject } = WHAT[kind];
  const place = db === undefined ? '' : ` in ${db}`;
  const because = cause === undefined || cause === 'both' ? '' : `, by ${cause}`;
  const first = `${subject(name)}${place}: ${pairText({ before, after }, 1)} ${unit}${because}.`;
  const details = [
    ...(calls ? [`${pairText(calls, 1)} calls a second`] : []),
    ...(mean ? [`${pairText(mean, 1_000)} ms a call`] : []),
  ].join(', ');
  return [
    first,
    ...(details ? [`  ${details}`] : []),
    ...(text ? [`  ${text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_STATEMENT)}`] : []),
  ];
}

/** `10 → 120`; of what was not among those that are listed there is no value. */
function pairText(
  { before, after }: { readonly before: number | null; readonly after: number | null },
  factor: number,
) {
  const value = (one: number | null) => (one === null ? 'not listed' : numberText(one * factor));
  return `${value(before)} → ${value(after)}`;
}

function numberText(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 });
}
