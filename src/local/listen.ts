import { createServer, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Env, Hono } from 'hono';
import { type HttpConfig, needsLogIn } from '../config/http.ts';
import { type HostFault, hostFault } from './hosts.ts';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What a client gets to send its request. Node's own limits are 60 s and 300 s, looked at every 30 s: 200 half-sent
 * requests would hold their sockets for a minute and a half. Connections stay well below the usual 1,024 open files, of which
 * sessions to targets need some.
 */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
} as const;
const IDLE_MS = 60_000;
const MOST_CONNECTIONS = 500;

/**
 * Serves the app at `http.bind`. Where nobody logs in, only requests to loopback names are answered, whatever they ask for.
 *
 * @throws where the port is taken, with what to do
 */
export async function listen<E extends Env>(
  app: Pick<Hono<E>, 'fetch'>,
  http: Pick<HttpConfig, 'bind' | 'tokens' | 'oidc'>,
): Promise<Listening> {
  const { bind } = http;
  const colon = bind.lastIndexOf(':');
  const hostname = bind.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(bind.slice(colon + 1));
  const answer = getRequestListener(app.fetch);
  let own = bind;
  const server = createServer(LIMITS, (request, response) => {
    const fault = hostFault(request.rawHeaders, request.url ?? '', needsLogIn(http) ? undefined : own);
    if (fault) refuse(response, fault);
    else void answer(request, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = IDLE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, bind)));
    server.listen(port, hostname, resolve);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  own = `${bind.slice(0, colon)}:${actual}`;
  return {
    url: `http://${own}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A request that goes no further, with nothing that a page could use. */
function refuse(response: ServerResponse, { status, detail }: HostFault): void {
  const title = status === 421 ? 'Misdirected request' : 'Bad request';
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
}

function listenError(error: NodeJS.ErrnoException, bind: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `${bind} is in use: end the other program, or set another address with PGMON_HTTP_BIND=127.0.0.1:8282 (http.bind in the file)`,
    );
  }
  if (error.code === 'EADDRNOTAVAIL') return new Error(`${bind} is not an address of this machine: change http.bind`);
  if (error.code === 'EACCES')
    return new Error(`${bind} is forbidden to this user: set a port above 1023 in http.bind`);
  return error;
}
