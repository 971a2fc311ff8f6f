import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import type { Table } from '../../src/store/table.ts';
import { type Dynamo, startDynamo } from './dynamo.ts';

/** What the handlers ask of AWS, counted as it is billed. */
export interface Asked {
  /** Calls by service and operation, such as `DynamoDB.UpdateItem`. */
  readonly calls: Map<string, number>;
  writeUnits: number;
  /** Write units by the kind of item: what its partition key begins with. */
  readonly written: Map<string, number>;
  readUnits: number;
  /** Metric name with its dimensions: each is one metric on the bill. */
  readonly metrics: Set<string>;
  /** Bodies of messages published. */
  readonly published: string[];
  /** Partition keys that were written, by operation: `PutItem LATEST#shop`. */
  readonly wrote: Set<string>;
}

/**
 * One endpoint that stands for AWS: DynamoDB is an emulator that says what each call consumes;
 * CloudWatch, SNS, EventBridge and Secrets Manager take what they are sent. A call can be made to fail or hang.
 */
export class CountingAws {
  readonly secrets = new Map<string, string>();
  /** What becomes of a call; undefined lets it through. */
  fault: ((operation: string, body: string) => 'throttle' | 'error' | 'hang' | undefined) | undefined;
  asked: Asked = nothing();
  #dynamo: Dynamo | undefined;
  #table: DynamoTable | undefined;
  readonly #server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const [service, operation] = operationOf(request, body);
    const name = `${service}.${operation}`;
    this.asked.calls.set(name, (this.asked.calls.get(name) ?? 0) + 1);
    const fault = this.fault?.(name, body.toString());
    if (fault === 'hang') return;
    if (fault) {
      const type = fault === 'throttle' ? 'ProvisionedThroughputExceededException' : 'InternalServerError';
      response
        .writeHead(fault === 'throttle' ? 400 : 500, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ __type: type, message: fault }));
      return;
    }
    const answer = service === 'DynamoDB' ? await this.#ask(request, operation, body) : this.#other(name, body);
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });

  async start(): Promise<this> {
    this.#dynamo = await startDynamo();
    this.#table = new DynamoTable(this.#dynamo.table, this.#dynamo.config);
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  /** The table itself, for what is not to be counted. */
  get table(): Table {
    if (!this.#table) throw new Error('not started');
    return this.#table;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** What a Lambda of the deployment has in its environment. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      PGMON_TABLE: 'pgmon',
      PGMON_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:pgmon',
      PGMON_SHARD: 'default-1',
      PGMON_TOKENS_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:tokens',
    };
  }

  reset(): void {
    this.asked = nothing();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#table?.close();
    await this.#dynamo?.stop();
  }

  async #ask(request: IncomingMessage, operation: string, body: Buffer) {
    const answer = await fetch(this.#dynamo?.endpoint ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': String(request.headers['x-amz-target']),
        authorization: String(request.headers.authorization),
        'x-amz-date': String(request.headers['x-amz-date']),
      },
      body: JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'TOTAL' }),
    });
    const text = await answer.text();
    const consumed = [JSON.parse(text).ConsumedCapacity ?? []].flat();
    const units = consumed.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
    if (!/^((Put|Update|Delete)Item|BatchWriteItem)$/.test(operation)) this.asked.readUnits += units;
    else {
      const { Key, Item, RequestItems } = JSON.parse(body.toString());
      const key = Key ?? Item ?? RequestItems.pgmon[0].PutRequest.Item;
      const kind = String(key.pk.S).split('#')[0] ?? '';
      this.asked.writeUnits += units;
      this.asked.wrote.add(`${operation} ${key.pk.S}`);
      this.asked.written.set(kind, (this.asked.written.get(kind) ?? 0) + units);
    }
    return { status: answer.status, type: 'application/x-amz-json-1.0', body: text };
  }

  #other(name: string, body: Buffer) {
    const json = (value: object) => ({ status: 200, type: 'application/x-amz-json-1.0', body: JSON.stringify(value) });
    switch (name) {
      case 'CloudWatch.PutMetricData':
        for (const { MetricName, Dimensions } of JSON.parse(body.toString()).MetricData)
          this.asked.metrics.add(`${MetricName} ${JSON.stringify(Dimensions)}`);
        return json({});
      case 'EventBridge.PutEvents':
        return json({ FailedEntryCount: 0, Entries: [{ EventId: 'event' }] });
      case 'SecretsManager.GetSecretValue': {
        const text = this.secrets.get(JSON.parse(body.toString()).SecretId);
        return text === undefined
          ? { ...json({ __type: 'ResourceNotFoundException', message: 'no such secret' }), status: 400 }
          : json({ SecretString: text });
      }
      case 'SNS.Publish':
        this.asked.published.push(new URLSearchParams(body.toString()).get('Message') ?? '');
        return {
          status: 200,
          type: 'text/xml',
          body: '<PublishResponse><PublishResult><MessageId>message</MessageId></PublishResult></PublishResponse>',
        };
      default:
        return { ...json({ __type: 'UnknownOperationException', message: name }), status: 400 };
    }
  }
}

function nothing(): Asked {
  return {
    calls: new Map(),
    written: new Map(),
    writeUnits: 0,
    readUnits: 0,
    metrics: new Set(),
    published: [],
    wrote: new Set(),
  };
}

const SERVICES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'DynamoDB',
  GraniteServiceVersion20100801: 'CloudWatch',
  AWSEvents: 'EventBridge',
  secretsmanager: 'SecretsManager',
};

function operationOf(request: IncomingMessage, body: Buffer): [service: string, operation: string] {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') return ['SNS', new URLSearchParams(body.toString()).get('Action') ?? ''];
  const [service = '', operation = ''] = target.split('.');
  return [SERVICES[service] ?? service, operation];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
