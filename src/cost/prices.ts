import * as z from 'zod';
import prices from './prices.json' with { type: 'json' };

const tier = z.object({ upTo: z.number().nullable(), price: z.number() });

/** Prices in one dated file; each says its unit in its name. */
const pricesSchema = z.object({
  date: z.string(),
  region: z.string(),
  currency: z.string(),
  source: z.string(),
  unsure: z.array(z.string()),
  hoursAMonth: z.number(),
  lambda: z.object({
    arm64GbSecond: z.number(),
    millionRequests: z.number(),
    freeGbSeconds: z.number(),
    freeRequests: z.number(),
  }),
  scheduler: z.object({ millionInvocations: z.number(), freeInvocations: z.number() }),
  cloudWatch: z.object({
    metricMonth: z.array(tier),
    freeMetrics: z.number(),
    thousandCalls: z.number(),
    freeCalls: z.number(),
    alarmMonth: z.number(),
    freeAlarms: z.number(),
    dashboardMonth: z.number(),
    freeDashboards: z.number(),
    logsGb: z.number(),
    freeLogsGb: z.number(),
  }),
  dynamoDb: z.object({
    millionWriteUnits: z.number(),
    millionReadUnits: z.number(),
    storageGbMonth: z.number(),
    freeStorageGb: z.number(),
    recoveryGbMonth: z.number(),
  }),
  secretMonth: z.number(),
  kmsKeyMonth: z.number(),
  sqsMillionRequests: z.number(),
  sqsFreeRequests: z.number(),
  apiGatewayMillionRequests: z.number(),
  interfaceEndpointMonth: z.number(),
});
export type Prices = z.output<typeof pricesSchema>;

export const listPrices: Prices = pricesSchema.parse(prices);
