import type { Context } from 'hono';
import { shownLabel } from '../metrics/sample.ts';
import { cutText } from '../metrics/text.ts';
import type { ApiEnv } from './auth.ts';

const LONGEST = 100;

/**
 * Who does it: whom the token stands for. A name that the caller gives goes with it, and alone where nobody has to log in,
 * since then there is no other.
 */
export function actorOf(context: Context<ApiEnv>, claimed: string | undefined): string | undefined {
  const who = context.get('who');
  const name = claimed && who && claimed !== who ? `${claimed} (${who})` : who || claimed;
  return name ? cutText(shownLabel(name), LONGEST) : undefined;
}
