import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import { SendError } from '../channel.ts';
import { messageJson } from '../message-json.ts';
import { defineChannel } from './define.ts';

const SOURCE = 'pgmon';

/** Every transition as an event, for automation: source `pgmon`, detail type `Alert`. */
export const eventbridge = defineChannel({
  kind: 'eventbridge',
  help: 'An event bus, for automation: source `pgmon`, detail type `Alert`, the transition as JSON.',
  secrets: {},
  schema: {
    bus: z.string().min(1).default('default').describe('Name of a bus in the account and region of the deployment.'),
  },
  example: { bus: 'default' },
  address: ({ bus }) => bus,
  grants: ({ bus }, { partition, region, account }) => [
    {
      actions: ['events:PutEvents'],
      resource: `arn:${partition}:events:${region}:${account}:event-bus/${bus}`,
      conditions: { StringEquals: { 'events:source': SOURCE } },
    },
  ],
  client: async () => {
    const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
    const client = new EventBridgeClient({});
    return (input: PutEventsCommandInput) => client.send(new PutEventsCommand(input));
  },
  send: async (message, { bus }, putEvents) => {
    const { Entries: [entry] = [] } = await putEvents({
      Entries: [
        {
          EventBusName: bus,
          Source: SOURCE,
          DetailType: 'Alert',
          Time: new Date(message.transition.at),
          Detail: JSON.stringify(messageJson(message)),
        },
      ],
    });
    if (!entry?.EventId) throw new SendError(`${entry?.ErrorCode ?? 'refused'} ${entry?.ErrorMessage ?? ''}`.trim());
    return `event ${entry.EventId}`;
  },
});
