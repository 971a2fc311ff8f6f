import type { ReaderRole } from '../config/http.ts';
import type { Event } from '../events/event.ts';
import type { Snapshot } from '../metrics/snapshot.ts';

/** Why a target does not answer, as viewers read it: messages of connections name hosts, addresses and certificates. */
const SAID: Readonly<Record<string, string>> = {
  unreachable: 'it is unreachable',
  timeout: 'no answer in time',
  tls: 'no trusted TLS connection',
  auth: 'the login was refused',
  database: 'its database does not exist',
  starting: 'it is starting up, shutting down or recovering',
  full: 'no connection is free',
  version: 'its version is not supported',
  'not-postgres': 'what answers is not PostgreSQL',
  writable: "pgmon's role can write",
  disconnected: 'the connection was lost',
  config: 'pgmon is not configured for it',
};

const FOR_OPERATORS = 'operators can read why';

/** From `host:port/database: ` on, up to what was said after it: every message of a failed connection begins with its place. */
const PLACE = /\S+:\d{1,5}\/[^:]*: .*?(?=; it lasted|\.?$)/s;

/** Why a target does not answer, for a reader: viewers see no addresses. */
export function problemFor(role: ReaderRole | undefined, problem: Snapshot['problem']): string | undefined {
  if (role !== 'viewer' || !problem) return problem?.message;
  return SAID[problem.kind] ?? FOR_OPERATORS;
}

/** What pgmon said of an alert or an event, for a reader. */
export function withoutPlace(role: ReaderRole | undefined, text: string): string {
  return role === 'viewer' ? text.replace(PLACE, FOR_OPERATORS) : text;
}

/** An event for a reader. What somebody posted is as it was posted. */
export function eventWithoutPlace(role: ReaderRole | undefined, event: Event): Event {
  return event.source === 'posted' ? event : { ...event, text: withoutPlace(role, event.text) };
}
