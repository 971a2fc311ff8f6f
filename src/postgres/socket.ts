import { connect, type Socket } from 'node:net';
import type pg from 'pg';

/** The socket below a client, TLS or plain; undefined where the driver has none. */
function socketOf(client: pg.Client): Socket | undefined {
  const connection: unknown = 'connection' in client ? client.connection : undefined;
  if (typeof connection !== 'object' || connection === null || !('stream' in connection)) return undefined;
  const { stream } = connection;
  return isSocket(stream) ? stream : undefined;
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'destroy' in value && 'prependListener' in value;
}

/** Calls `listener` with each chunk that arrives, before the driver parses it; TLS is followed. */
export function onData(client: pg.Client, listener: (chunk: Buffer) => void): void {
  const listen = () => socketOf(client)?.prependListener('data', listener);
  listen();
  const connection: unknown = 'connection' in client ? client.connection : undefined;
  if (typeof connection === 'object' && connection !== null && 'once' in connection) {
    const { once } = connection;
    if (typeof once === 'function') once.call(connection, 'sslconnect', listen);
  }
}

/** Closes the socket at once; what still waits for an answer on it fails. */
export function destroy(client: pg.Client): void {
  socketOf(client)?.destroy();
}

/** Which backend answers and what proves that it is ours: announced when the connection was made. */
export function backendKey(client: pg.Client): { readonly pid: number; readonly secret: number } | undefined {
  if (!('processID' in client) || !('secretKey' in client)) return undefined;
  const { processID: pid, secretKey: secret } = client;
  return typeof pid === 'number' && typeof secret === 'number' ? { pid, secret } : undefined;
}

/** Longest time that a cancel request may take. */
const CANCEL_MS = 500;

/**
 * Asks the server to cancel what a backend runs now, over a connection of its own, as `PQcancel` does. Resolves when
 * the server has passed it on, or cannot: it never answers.
 */
export async function cancelBackend(
  place: { readonly host: string; readonly port: number },
  key: { readonly pid: number; readonly secret: number },
): Promise<void> {
  const request = Buffer.alloc(16);
  [16, 80_877_102, key.pid, key.secret].forEach((value, i) => {
    request.writeInt32BE(value | 0, i * 4);
  });
  const { host, port } = place;
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  await new Promise<void>((resolve) => {
    socket.setTimeout(CANCEL_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('end', () => socket.destroy());
    socket.on('connect', () => socket.write(request));
    socket.resume();
  });
}
