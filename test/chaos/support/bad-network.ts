import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the network does to what goes through it. */
export type Weather =
  | 'fair'
  /** Accepts connections and lets nothing through, either way. */
  | 'black hole'
  /** Lets everything to the server and nothing back. */
  | 'one-way loss'
  /** Resets every connection. */
  | 'reset'
  | { readonly latencyMs: number };

/** A stretch of network between pgmon and a server, with weather. */
export class BadNetwork {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#accept(client));
  readonly #port: number;
  #weather: Weather = 'fair';

  constructor(serverPort: number) {
    this.#port = serverPort;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  set weather(weather: Weather) {
    this.#weather = weather;
    if (weather === 'reset') for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size / 2;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #accept(client: Socket): void {
    if (this.#weather === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#port, '127.0.0.1');
    for (const [from, to, direction] of [
      [client, server, 'there'],
      [server, client, 'back'],
    ] as const) {
      this.#sockets.add(from);
      // One after the other: late bytes must not overtake.
      let last = Promise.resolve();
      from.on('data', (bytes) => {
        last = last.then(async () => {
          if (this.#weather === 'black hole' || (this.#weather === 'one-way loss' && direction === 'back')) return;
          if (typeof this.#weather === 'object') await sleep(this.#weather.latencyMs / 2);
          if (!to.destroyed) to.write(bytes);
        });
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
