import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CountingAws } from '../../support/aws.ts';
import { builtLambda } from '../../support/bundles.ts';
import { HttpReceiver } from '../../support/receivers.ts';

const config = (more: object = {}) => ({
  targets: [{ cluster: 'shop', host: 'shop', auth: { iam: true, user: 'pgmon' } }],
  ...more,
});
let aws: CountingAws;
beforeAll(async () => {
  aws = await new CountingAws().start();
});
afterAll(() => aws.close());

describe('the authorizer', () => {
  type Handler = (event: object) => Promise<{ isAuthorized: boolean; context: { role: string; who: string } }>;
  const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:tokens';
  const ask = (handler: Handler, token?: string, routeKey = 'GET /metrics') =>
    handler({ routeKey, headers: token ? { authorization: `Bearer ${token}` } : {} });

  test('knows the tokens of the secret, each with its role', async () => {
    aws.secrets.set(
      arn,
      JSON.stringify([
        { name: 'a', role: 'viewer', token: 'viewer-token-0123456789' },
        { name: 'b', role: 'admin', token: 'admin-token-0123456789' },
      ]),
    );
    const handler = await builtLambda<Handler>('authorizer', config(), aws.environment);
    expect(await ask(handler, 'viewer-token-0123456789')).toEqual({
      isAuthorized: true,
      context: { role: 'viewer', who: 'a' },
    });
    expect(await ask(handler, 'admin-token-0123456789')).toEqual({
      isAuthorized: true,
      context: { role: 'admin', who: 'b' },
    });
    expect((await ask(handler, 'another-token-0123456789')).isAuthorized).toBe(false);
    expect((await ask(handler)).isAuthorized).toBe(false);
    expect(await ask(handler, undefined, 'GET /healthz')).toEqual({
      isAuthorized: true,
      context: { role: '', who: '' },
    });
    expect((await ask(handler, undefined, 'GET /api/{proxy+}')).isAuthorized).toBe(false);
  });

  test('a secret that is not as it should be says so, and does not say what is in it', async () => {
    aws.secrets.set(arn, '{"token":"hunter2"}');
    const handler = await builtLambda<Handler>('authorizer', config(), aws.environment);
    const failure = ask(handler, 'viewer-token-0123456789');
    await expect(failure).rejects.toThrow('must be {"name": "…", "role": "viewer, operator or admin", "token": "…"}');
    await expect(failure).rejects.not.toThrow('hunter2');
  });

  test('[E12] a token that is new in the secret is good at once, and guessing does not read the secret each time', async () => {
    const tokens = (...names: string[]) =>
      aws.secrets.set(
        arn,
        JSON.stringify(names.map((name) => ({ name, role: 'viewer', token: `${name}-0123456789` }))),
      );
    tokens('first');
    const handler = await builtLambda<Handler>('authorizer', config(), aws.environment);
    expect((await ask(handler, 'first-0123456789')).isAuthorized).toBe(true);
    tokens('first', 'second');
    // No more than every 5 s, whoever asks: so it may take as long until it is read again.
    await expect
      .poll(async () => (await ask(handler, 'second-0123456789')).isAuthorized, { timeout: 10_000, interval: 500 })
      .toBe(true);
    const reads = () => aws.asked.calls.get('SecretsManager.GetSecretValue') ?? 0;
    const [before, began] = [reads(), performance.now()];
    for (let i = 0; i < 50; i++) await ask(handler, `guess-${i}-0123456789`);
    expect(reads() - before).toBeLessThanOrEqual(1 + (performance.now() - began) / 5_000);
  }, 30_000);

  test('[E12] a token that no header can carry is refused where it is written', async () => {
    aws.secrets.set(arn, JSON.stringify({ name: 'a', role: 'viewer', token: 'with space and ümlaut' }));
    const handler = await builtLambda<Handler>('authorizer', config(), aws.environment);
    await expect(ask(handler, 'with')).rejects.toThrow('16 or more letters, digits and . _ ~ + / -');
  });

  test('a token of the issuer gives the role of its groups; one of another audience none', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keys = createServer(async (_, response) => {
      response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] }));
    }).listen(0, '127.0.0.1');
    await once(keys, 'listening');
    const address = keys.address();
    const issuer = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const handler = await builtLambda<Handler>(
      'authorizer',
      config({ http: { oidc: { issuer, audience: 'pgmon', roles: { operator: ['dba'] } } } }),
      { ...aws.environment },
    );
    aws.secrets.set(arn, JSON.stringify({ name: 'a', role: 'viewer', token: 'viewer-token-0123456789' }));
    const token = (audience: string) =>
      new SignJWT({ groups: ['dba'] })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setSubject('dora')
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime('5m')
        .sign(privateKey);
    expect(await ask(handler, await token('pgmon'))).toEqual({
      isAuthorized: true,
      context: { role: 'operator', who: 'dora' },
    });
    expect((await ask(handler, await token('another'))).isAuthorized).toBe(false);
    keys.close();
  });
});

describe('the API', () => {
  type Handler = (event: object) => Promise<{ statusCode: number; body: string; headers: Record<string, string> }>;
  const ask = (handler: Handler, path: string, role?: string) =>
    handler({
      version: '2.0',
      routeKey: '$default',
      rawPath: path,
      rawQueryString: '',
      headers: { host: 'api.example.com', authorization: 'Bearer not-read-here' },
      requestContext: {
        domainName: 'api.example.com',
        http: { method: 'GET', path, sourceIp: '127.0.0.1', protocol: 'HTTP/1.1', userAgent: 'test' },
        ...(role === undefined ? {} : { authorizer: { lambda: { role } } }),
      },
      isBase64Encoded: false,
    });

  test('believes the authorizer and nobody else', async () => {
    const handler = await builtLambda<Handler>('api', config(), aws.environment);
    expect((await ask(handler, '/api/v1/targets')).statusCode).toBe(401);
    expect((await ask(handler, '/api/v1/targets', '')).statusCode).toBe(401);
    expect((await ask(handler, '/api/v1/targets', 'root')).statusCode).toBe(401);
    const { statusCode, body } = await ask(handler, '/api/v1/targets', 'viewer');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).targets).toMatchObject([{ cluster: 'shop', up: false, taken_at: null }]);
    // Nothing has run yet: that is a warning, and no illness.
    expect(JSON.parse((await ask(handler, '/healthz', 'viewer')).body)).toMatchObject({ status: 'ok' });
  });
});

describe('the widgets', () => {
  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'nothing'])(
    '[E12] there is no widget %s, and it says so',
    async (widget) => {
      const handler = await builtLambda<(event: object) => Promise<string>>('widget', config(), aws.environment);
      expect(await handler({ widget, cluster: 'shop' })).toContain('There is no widget');
    },
  );
});

describe('the notifier', () => {
  type Handler = (event: object) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
  const transition = (id: string, at: string, kind = 'firing') => ({
    id,
    fingerprint: 'f',
    kind,
    at,
    cluster: 'shop',
    rule: 'blocking_locks',
    title: 'Blocking locks',
    severity: 'warning',
    labels: {},
    since: at,
    message: 'A session waits',
    action: 'Find the root',
    panel: 'locks',
  });
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const records = (...messages: object[]) => ({
    Records: messages.map((message, i) => ({
      messageId: String(i),
      body: JSON.stringify({ Message: JSON.stringify(message) }),
    })),
  });

  test('tells each channel once, in order, again only who did not take it; alarms on pgmon, too', async () => {
    const [good, bad] = [new HttpReceiver(), new HttpReceiver()];
    const urls = [await good.listen(), await bad.listen()];
    const handler = await builtLambda<Handler>(
      'notifier',
      config({ notifiers: { channels: urls.map((url) => ({ type: 'webhook', url })) } }),
      aws.environment,
    );
    bad.status = 503;
    const first = transition('1', minutesAgo(10));
    expect((await handler(records(first))).batchItemFailures).toEqual([{ itemIdentifier: '0' }]);
    bad.status = undefined;
    expect((await handler(records(first))).batchItemFailures).toEqual([]);
    const end = transition('2', minutesAgo(5), 'resolved');
    await handler(records(end, first)); // a queue keeps no order
    for (const { received } of [good, bad]) expect(received.map(({ body }) => JSON.parse(body).id)).toEqual(['1', '2']);
    const alarm = {
      AlarmName: 'pgmon hot default-1 loop failing',
      AlarmDescription: 'hot default-1: fails. Runbook: docs/runbook.md#loop_failing',
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed',
      StateChangeTime: minutesAgo(0).replace('Z', '+0000'),
    };
    await handler(records(alarm));
    expect(good.json().at(-1)).toMatchObject({ severity: 'critical', title: 'pgmon hot default-1 loop failing' });
    good.close();
    bad.close();
  });
});
