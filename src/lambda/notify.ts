import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { transitionSchema } from '../alerts/transition.ts';
import type { Log } from '../loops/log.ts';
import { type RelayOptions, relay } from '../notify/relay.ts';
import { transitionOfAlarm } from '../notify/self-alarm.ts';

/** What SNS puts into a queue. */
const envelope = z.object({ Message: z.string() });

/** Hands on what comes out of the queue; what a channel did not take stays in it and comes again. */
export function notifier(options: RelayOptions, log: Log): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    const failed: string[] = [];
    for (const { messageId, body } of Records) {
      try {
        const message: unknown = JSON.parse(envelope.parse(JSON.parse(body)).Message);
        await relay(transitionOfAlarm(message) ?? transitionSchema.parse(message), options);
      } catch (error) {
        failed.push(messageId);
        log.error({ messageId, err: error }, 'not delivered, comes again');
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
