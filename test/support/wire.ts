import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A listener that speaks just enough of the protocol to say one thing: what no server that can be installed says. */
export async function fakeServer(
  answer: (socket: Socket, message: Buffer, nth: number) => void,
): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let nth = 0;
    socket.on('data', (chunk) => answer(socket, chunk, nth++));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A message of the protocol: its type, its length and its body. */
export function message(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function errorMessage(sqlState: string, text: string): Buffer {
  return message('E', Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${text}\0\0`));
}

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

/** Log-in accepted, with this backend pid, and ready. */
export function welcome(pid: number): Buffer {
  return Buffer.concat([
    message('R', int32(0)),
    message('K', Buffer.concat([int32(pid), int32(1)])),
    message('Z', Buffer.from('I')),
  ]);
}

/** One row of text values with their types' oids, complete and ready again. */
export function oneRow(columns: readonly (readonly [name: string, oid: number, value: string])[]): Buffer {
  const fields = columns.map(([name, oid]) =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(oid), int16(-1), int32(-1), int16(0)]),
  );
  const values = columns.map(([, , value]) => Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]));
  return Buffer.concat([
    message('T', Buffer.concat([int16(columns.length), ...fields])),
    message('D', Buffer.concat([int16(columns.length), ...values])),
    message('C', Buffer.from('SELECT 1\0')),
    message('Z', Buffer.from('I')),
  ]);
}
