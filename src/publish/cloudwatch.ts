import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { Datum } from '../metrics/datum.ts';
import { dimensionValue } from './dimension.ts';

/** PutMetricData's own limit of data in a call. */
const DATA_PER_CALL = 1_000;

/** Publishes to CloudWatch in as few calls as its limits allow; the SDK gzips them. */
export class CloudWatchSink {
  readonly #client: CloudWatchClient;
  readonly #namespace: string;

  constructor(namespace: string, config: CloudWatchClientConfig) {
    this.#client = new CloudWatchClient(config);
    this.#namespace = namespace;
  }

  /** Every call is tried, whatever becomes of the others. @throws the errors of those that failed */
  async publish(data: readonly Datum[]): Promise<void> {
    const failures: unknown[] = [];
    for (let i = 0; i < data.length; i += DATA_PER_CALL) {
      failures.push(...(await this.#tried(data.slice(i, i + DATA_PER_CALL))));
    }
    if (failures.length > 0) {
      const reasons = failures.map((error) => (error instanceof Error ? error.message : String(error)));
      throw new AggregateError(failures, `CloudWatch refused: ${[...new Set(reasons)].slice(0, 3).join('; ')}`);
    }
  }

  /** One bad value lets CloudWatch refuse a whole call: such a call is cut in two, until only the bad one is left out. */
  async #tried(data: readonly Datum[]): Promise<unknown[]> {
    try {
      await this.#put(data);
      return [];
    } catch (error) {
      if (!isRefusal(error)) return [error];
      const [first] = data;
      if (data.length === 1 && first)
        return [new Error(`${first.name} ${JSON.stringify(first.dimensions)} = ${first.value}: ${error.message}`)];
      const half = Math.ceil(data.length / 2);
      return [...(await this.#tried(data.slice(0, half))), ...(await this.#tried(data.slice(half)))];
    }
  }

  async #put(data: readonly Datum[]): Promise<void> {
    await this.#client.send(
      new PutMetricDataCommand({ Namespace: this.#namespace, MetricData: data.map(metricDatum) }),
    );
  }

  close(): void {
    this.#client.destroy();
  }
}

/** What was sent is at fault, not the network, the load or the permission. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(InvalidParameter|MissingRequiredParameter|ValidationError|ValidationException)/.test(error.name)
  );
}

function metricDatum({ name, dimensions, value, unit, at, resolution }: Datum): MetricDatum {
  return {
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, text]) => ({ Name, Value: dimensionValue(text) })),
    Value: value,
    Unit: unit,
    Timestamp: at,
    StorageResolution: resolution,
  };
}
