import { PostgresProblem } from './problem.ts';

/** How a server begins: an answer to the request for TLS, or a message of login, error, notice or version. */
const TLS_ANSWERS = 'SN';
const FIRST_MESSAGES = 'RENv';

/** No first message of PostgreSQL is longer. */
const LONGEST = 1_048_576;

/**
 * Says that something else listens there, from the first bytes that it sent; undefined where they may be PostgreSQL's. The
 * driver would read them as the length of a message and wait for its end.
 */
export function foreignProtocol(first: Buffer): PostgresProblem | undefined {
  const type = String.fromCharCode(first[0] ?? 0);
  if (first.length === 1 && `${TLS_ANSWERS}${FIRST_MESSAGES}`.includes(type)) return undefined;
  const length = first.length < 5 ? 4 : first.readUInt32BE(1);
  if (FIRST_MESSAGES.includes(type) && length >= 4 && length <= LONGEST) return undefined;
  const [line = ''] = first
    .subarray(0, 60)
    .toString('latin1')
    .split(/[\r\n]/);
  const readable = /^[\x20-\x7e]{3,}$/.test(line) ? ` with "${line}"` : '';
  return new PostgresProblem('not-postgres', `something other than PostgreSQL answers${readable}`);
}
