import { SendError } from './channel.ts';

/** A receiver that has not answered by then is tried again later. */
const TIMEOUT_MS = 5_000;

/** Posts JSON. @returns the status and the beginning of the answer. @throws SendError for anything but 2xx */
export async function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'pgmon', ...headers },
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

/** Seconds, from a number of them or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1_000);
}

/** The reason of a failed fetch lies in its cause; the URL, which may be a secret, is not in it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : error.message;
}
