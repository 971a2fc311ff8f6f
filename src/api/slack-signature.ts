import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the time of a request may be from ours: what is older may be somebody's copy. */
const MOST_SECONDS = 300;

/**
 * Why a request is not one of Slack's; undefined for one that is. Slack signs `v0:<timestamp>:<body>` with the secret of the app
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 *
 * @param body as it came, byte for byte
 */
export async function slackFault(
  { timestamp, signature, body }: { timestamp: string | undefined; signature: string | undefined; body: string },
  secrets: readonly (() => Promise<string>)[],
  now: Date,
): Promise<string | undefined> {
  if (!timestamp || !/^\d{1,12}$/.test(timestamp)) return 'it has no X-Slack-Request-Timestamp';
  if (!signature || !/^v0=[0-9a-f]{64}$/.test(signature)) return 'it has no X-Slack-Signature of version v0';
  const age = Math.round(now.getTime() / 1_000 - Number(timestamp));
  if (Math.abs(age) > MOST_SECONDS) return `its timestamp is ${age} s old: at most ${MOST_SECONDS} are taken`;
  const given = Buffer.from(signature.slice(3), 'hex');
  let isSigned = false;
  // All are compared, in constant time each: how long it takes says nothing.
  for (const secret of secrets) {
    const own = createHmac('sha256', await secret())
      .update(`v0:${timestamp}:${body}`)
      .digest();
    if (timingSafeEqual(own, given)) isSigned = true;
  }
  return isSigned ? undefined : 'its signature is wrong: check signing_secret of the channel';
}
