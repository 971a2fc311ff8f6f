import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port on 127.0.0.1 that nobody listens on now. It can be taken before it is used: the user of it must try again.
 *
 * From below the range (32768 and up on Linux, 49152 on macOS and Windows) that outgoing connections get theirs from:
 * in that range any client could sit on the port of a server that is just restarting.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (await canListen(port)) return port;
  }
  throw new Error('No free port between 20000 and 32000 on 127.0.0.1: end a program that listens there.');
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
