import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Env, Hono } from 'hono';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the app at `host:port`. @throws where the port is taken, with what to do */
export async function listen<E extends Env>(app: Pick<Hono<E>, 'fetch'>, bind: string): Promise<Listening> {
  const colon = bind.lastIndexOf(':');
  const hostname = bind.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(bind.slice(colon + 1));
  const server = await new Promise<Server>((resolve, reject) => {
    const made = serve({ fetch: app.fetch, hostname, port }, () => resolve(made as Server));
    made.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, bind)));
  });
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${actual}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listenError(error: NodeJS.ErrnoException, bind: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `${bind} is in use: end the other program, or choose another address with PGMON_HTTP_BIND=127.0.0.1:8282 (http.bind in the file)`,
    );
  }
  if (error.code === 'EADDRNOTAVAIL') return new Error(`${bind} is not an address of this machine: change http.bind`);
  if (error.code === 'EACCES')
    return new Error(`${bind} may not be listened on by this user: choose a port above 1023 in http.bind`);
  return error;
}
