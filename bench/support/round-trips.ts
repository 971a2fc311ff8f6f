import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

/** A relay on loopback that counts round trips: how often the client speaks after the server did. */
export class RoundTripCounter {
  roundTrips = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<RoundTripCounter> {
    const server = createServer();
    const counter = new RoundTripCounter(server);
    server.on('connection', (client) => {
      const upstream = connect(port, '127.0.0.1');
      client.setNoDelay();
      upstream.setNoDelay();
      let serverSpoke = true;
      client.on('data', (chunk) => {
        if (serverSpoke) counter.roundTrips += 1;
        serverSpoke = false;
        upstream.write(chunk);
      });
      upstream.on('data', (chunk) => {
        serverSpoke = true;
        client.write(chunk);
      });
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        from.on('close', () => to.destroy());
        from.on('error', () => to.destroy());
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return counter;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  close(): void {
    this.#server.close();
  }
}
