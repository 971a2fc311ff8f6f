import { SendError } from './channel.ts';

/** A receiver that has not answered by then is tried again later. */
const TIMEOUT_MS = 5_000;

/** A receiver that asks for more is tried after a quarter of an hour all the same: at night nobody can wait for longer. */
const LONGEST_RETRY_AFTER = 900;

/** Posts JSON; a name and a password in the URL go into the header that they stand for. @returns the status and the beginning of the answer. @throws SendError for anything but 2xx */
export async function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  let response: Response;
  const { address, authorization } = withoutCredentials(url);
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'pgmon', ...authorization, ...headers },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new SendError(reasonOf(error));
  }
  const answer = `${response.status} ${(await response.text().catch(() => '')).slice(0, 200)}`.trim();
  if (response.ok) return answer;
  throw new SendError(`answered ${answer}`, retryAfter(response.headers.get('retry-after')));
}

/** fetch() refuses an address with credentials, by a message that has them in it. */
function withoutCredentials(url: string): { address: URL; authorization: Readonly<Record<string, string>> } {
  const address = new URL(url);
  const [user, password] = [address.username, address.password].map(decodeURIComponent);
  address.username = '';
  address.password = '';
  if (!user && !password) return { address, authorization: {} };
  return {
    address,
    authorization: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
  };
}

/** Seconds, from a number of them or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const number = header.trim() === '' ? Number.NaN : Number(header);
  const seconds = Number.isFinite(number) ? number : (Date.parse(header) - Date.now()) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.min(LONGEST_RETRY_AFTER, Math.max(0, seconds));
}

/** The reason of a failed fetch lies in its cause; the URL, which may be a secret, is in none of it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : 'the request failed';
}
