import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { RELEASES } from '../support/majors.ts';
import { TestServer } from '../support/test-server.ts';
import { Watching } from '../support/watching.ts';

/** An address that moves from one server to the next, as that of a cluster does at the end of an upgrade. */
async function movingAddress(first: TestServer) {
  let port = first.postgres.port;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    moveTo: (next: TestServer) => {
      port = next.postgres.port;
      close();
    },
    close: () => {
      close();
      proxy.close();
    },
  };
}

test('an upgrade from 12 to 18 behind one address: the version from and to, and what else is another on the new server', async () => {
  const [old, upgraded] = await Promise.all([TestServer.start(12), TestServer.start(18)]);
  const address = await movingAddress(old);
  const dsn = `postgres://pgmon@127.0.0.1:${address.port}/postgres`;
  const hot = new Watching(dsn, 'hot');
  const others = (['workload', 'storage', 'hourly'] as const).map((loop) => new Watching(dsn, loop));
  const loops = [hot, ...others];
  try {
    for (const server of [old, upgraded]) await server.sql('CREATE TABLE orders (id int PRIMARY KEY)');
    for (const loop of loops) await loop.events();
    address.moveTo(upgraded);
    expect(await hot.until('version_changed')).toMatchObject({
      from: RELEASES[12].split('.0-')[0],
      to: RELEASES[18].split('.0-')[0],
    });
    const found: string[] = [];
    for (const loop of others)
      for (let i = 0; i < 3; i++) found.push(...(await loop.events()).map(({ kind, object }) => `${kind} ${object}`));
    // The new server has tables of its own under the names of the old ones.
    expect(found.toSorted()).toEqual([
      'extension_changed pg_stat_statements',
      'relation_replaced public.orders',
      'setting_changed port',
    ]);
  } finally {
    for (const { loop } of loops) await loop.close();
    address.close();
    await old.stop();
    await upgraded.stop();
  }
}, 120_000);
