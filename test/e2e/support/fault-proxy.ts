import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';

export type Fault = 'throttle' | 'error' | 'hang';

/** What CloudWatch was asked to keep. */
export interface Put {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: string;
  readonly resolution: number;
}

/** Stands between functions and the emulator: passes on what it gets, or fails it as AWS does in its worse hours. */
export class FaultProxy {
  readonly faults = new Map<'dynamodb' | 'cloudwatch', Fault>();
  readonly puts: Put[] = [];
  /** The largest item and the longest expression that DynamoDB was sent, by what it counts. */
  readonly largest = { itemBytes: 0, expressionBytes: 0 };
  readonly #calls = new Map<string, number>();
  readonly #server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const service = serviceOf(incoming);
    if (service === 'cloudwatch') this.#notePut(incoming, body);
    if (service === 'dynamodb') this.#measure(incoming, body);
    const fault = service && this.faults.get(service);
    if (fault === 'hang') return;
    if (fault) {
      const type =
        fault === 'error' ? 'InternalServerError' : service === 'dynamodb' ? 'ThrottlingException' : 'Throttling';
      outgoing
        .writeHead(fault === 'error' ? 500 : 400, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ __type: type, message: `injected: ${fault}` }));
      return;
    }
    const target = new URL(this.#to);
    const forwarded = request(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    forwarded.end(body);
  });
  readonly #to: string;

  constructor(to: string) {
    this.#to = to;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** How often an operation of DynamoDB was called. */
  called(operation: string): number {
    return this.#calls.get(operation) ?? 0;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #notePut({ headers }: IncomingMessage, body: Buffer): void {
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString();
    const { Namespace, MetricData } = JSON.parse(text);
    for (const { MetricName, Dimensions, StorageResolution } of MetricData ?? []) {
      this.puts.push({
        namespace: Namespace,
        metric: MetricName,
        dimensions: Dimensions.map(({ Name, Value }: { Name: string; Value: string }) => `${Name}=${Value}`).join(),
        resolution: StorageResolution,
      });
    }
  }

  #measure({ headers }: IncomingMessage, body: Buffer): void {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    this.#calls.set(operation, (this.#calls.get(operation) ?? 0) + 1);
    const { Item, ExpressionAttributeValues, RequestItems, ...rest } = JSON.parse(body.toString());
    const batch =
      operation === 'BatchWriteItem' ? Object.values<{ PutRequest?: { Item: object } }[]>(RequestItems) : [];
    const items = [Item, ExpressionAttributeValues, ...batch.flat().map(({ PutRequest }) => PutRequest?.Item)];
    for (const item of items) {
      if (item) this.largest.itemBytes = Math.max(this.largest.itemBytes, bytesOf(item));
    }
    for (const [key, text] of Object.entries(rest)) {
      if (!key.endsWith('Expression')) continue;
      this.largest.expressionBytes = Math.max(this.largest.expressionBytes, Buffer.byteLength(String(text)));
    }
  }
}

/** Bytes of a DynamoDB map, as the service counts them: names and values, bytes not in base64. */
function bytesOf(map: Readonly<Record<string, Readonly<Record<string, unknown>>>>): number {
  return Object.entries(map).reduce((sum, [name, value]) => {
    const [[type, content] = ['', '']] = Object.entries(value);
    const bytes = Buffer.byteLength(typeof content === 'string' ? content : JSON.stringify(content));
    return sum + Buffer.byteLength(name) + (type === 'B' ? Math.ceil((bytes * 3) / 4) : bytes);
  }, 0);
}

function serviceOf({ headers }: IncomingMessage): 'dynamodb' | 'cloudwatch' | undefined {
  const target = String(headers['x-amz-target'] ?? '');
  if (target.startsWith('DynamoDB')) return 'dynamodb';
  return target.startsWith('GraniteService') ? 'cloudwatch' : undefined;
}
