import { SEVERITIES, type Severity } from '../alerts/rule.ts';
import type { Message } from './message.ts';

/** A place that alerts are sent to. */
export interface Channel {
  /** Tells it apart in the outbox: stays the same over restarts. */
  readonly name: string;
  readonly minSeverity: Severity;
  readonly clusters?: readonly string[] | undefined;
  /**
   * Sends one message and says what the receiver answered.
   *
   * @throws SendError where it did not take it
   */
  send(message: Message): Promise<string>;
}

/** The text of a secret, fetched on demand. @throws SendError if it is unavailable */
export type SecretText = () => Promise<string>;

/** A receiver did not take a message; it may say for how long to leave it alone. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, retryAfterSeconds?: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Whether a channel wants to hear of incidents of these targets and severity. Who heard of one also hears of its end. */
export function wants({ minSeverity, clusters }: Channel, targets: readonly string[], severity: Severity): boolean {
  const reached = SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minSeverity);
  return reached && (!clusters || targets.some((target) => clusters.includes(target)));
}
