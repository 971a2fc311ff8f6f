import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { Datum } from '../metrics/datum.ts';

/** PutMetricData's own limits: data in a call, dimensions of a metric, bytes of a dimension's value. */
const DATA_PER_CALL = 1_000;
const DIMENSION_VALUE = 1_024;

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
      try {
        await this.#put(data.slice(i, i + DATA_PER_CALL));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `CloudWatch refused ${failures.length} calls`);
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

function metricDatum({ name, dimensions, value, unit, at, resolution }: Datum): MetricDatum {
  return {
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, text]) => ({ Name, Value: text.slice(0, DIMENSION_VALUE) })),
    Value: value,
    Unit: unit,
    Timestamp: at,
    StorageResolution: resolution,
  };
}
