import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Datum } from '../../src/metrics/datum.ts';
import { CloudWatchSink } from '../../src/publish/cloudwatch.ts';

const callSchema = z.object({
  Namespace: z.string(),
  MetricData: z.array(z.looseObject({ MetricName: z.string(), Value: z.number(), StorageResolution: z.number() })),
});

const calls: z.output<typeof callSchema>[] = [];
const encodings: (string | undefined)[] = [];
/** Values that CloudWatch would not take: it refuses the whole call that holds one. */
let bad: number[] = [];
let broken = false;
/** What PutMetricData sends, as it comes over the wire; it refuses a call when asked to. */
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  encodings.push(request.headers['content-encoding']);
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString();
  const call = callSchema.parse(JSON.parse(text));
  if (broken || call.MetricData.some(({ Value }) => bad.includes(Value))) {
    const type = broken ? 'AccessDeniedException' : 'InvalidParameterValueException';
    response
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: type, message: 'no' }));
    return;
  }
  calls.push(call);
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
});
let sink: CloudWatchSink;
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  sink = new CloudWatchSink('pgmon', {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(() => {
  sink.close();
  receiver.close();
});

const data = (count: number): Datum[] =>
  Array.from({ length: count }, (_, i) => ({
    name: 'pg_up',
    dimensions: { cluster: `c${i}` },
    value: i,
    unit: 'None',
    at: new Date('2026-01-01T00:00:00Z'),
    resolution: 1,
  }));

test('at most 1,000 data a call, each at high resolution, none lost', async () => {
  calls.length = 0;
  encodings.length = 0;
  await sink.publish(data(2_300));
  expect(calls.map(({ MetricData }) => MetricData.length)).toEqual([1_000, 1_000, 300]);
  expect(encodings).toEqual(['gzip', 'gzip', 'gzip']);
  expect(calls.every(({ Namespace }) => Namespace === 'pgmon')).toBe(true);
  const values = calls.flatMap(({ MetricData }) => MetricData.map(({ Value }) => Value));
  expect(values).toEqual(data(2_300).map(({ value }) => value));
  expect(
    new Set(calls.flatMap(({ MetricData }) => MetricData.map(({ StorageResolution }) => StorageResolution))),
  ).toEqual(new Set([1]));
});

test('a bad value among good ones costs nobody else: it is left out, and said', async () => {
  calls.length = 0;
  bad = [7, 1_400];
  await expect(sink.publish(data(1_500))).rejects.toThrow('pg_up {"cluster":"c7"} = 7: no');
  bad = [];
  const values = calls.flatMap(({ MetricData }) => MetricData.map(({ Value }) => Value)).sort((a, b) => a - b);
  expect(values).toEqual(data(1_500).flatMap(({ value }) => (value === 7 || value === 1_400 ? [] : [value])));
});

test('what is no fault of the data is not tried in pieces', async () => {
  calls.length = 0;
  encodings.length = 0;
  broken = true;
  await expect(sink.publish(data(1_500))).rejects.toThrow('CloudWatch refused: no');
  broken = false;
  expect(encodings.length).toBe(2);
});

test('nothing to say is no call', async () => {
  calls.length = 0;
  await sink.publish([]);
  expect(calls).toEqual([]);
});
