import pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { TestLoop, total } from '../support/pass.ts';
import { majors, useServer } from '../support/test-server.ts';
import { Passes, rulesOf } from '../unit/alerts/support.ts';

describe.each(majors)('PostgreSQL %i without a free connection', (major) => {
  const server = useServer(major, {
    max_connections: '16',
    superuser_reserved_connections: '3',
    ...(major >= 16 ? { reserved_connections: '2' } : {}),
  });
  const open = 16 - 3 - (major >= 16 ? 2 : 0);

  /** Takes every connection that an ordinary role gets; the server itself says when it is full. */
  async function fill(): Promise<() => Promise<void>> {
    await server().sql('DROP ROLE IF EXISTS app');
    await server().sql('CREATE ROLE app LOGIN');
    const clients: pg.Client[] = [];
    for (;;) {
      const client = new pg.Client({ connectionString: server().postgres.dsn('app'), application_name: 'app' });
      client.on('error', () => {});
      try {
        await client.connect();
        clients.push(client);
      } catch (error) {
        expect(error).toMatchObject({ code: '53300' });
        // The one that was refused is still on the list for a moment.
        await server().until(
          "SELECT 1 FROM pg_stat_activity WHERE usename = 'app' AND backend_type = 'client backend' HAVING count(*) = $1",
          [clients.length],
        );
        break;
      }
    }
    return async () => {
      await Promise.all(clients.map((client) => client.end()));
      await server().until("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'app')");
    };
  }

  /** What is alerted after three minutes of this. */
  function alerts(snapshot: Snapshot): string[] {
    const rules = rulesOf().filter(({ id }) => ['connection_saturation', 'server_down', 'cannot_log_in'].includes(id));
    const passes = new Passes(rules);
    const all = Array.from({ length: 12 }, () => passes.pass(snapshot.samples, { up: snapshot.up })).flat();
    return all.map(({ kind, rule, severity }) => `${kind} ${rule} ${severity}`);
  }

  test('[A3] connected before: all slots that ordinary clients may use are used, ours among them, and that is critical', async () => {
    const loop = new TestLoop(server().postgres.dsn('pgmon'));
    const quiet = await loop.snapshot();
    expect(alerts(quiet)).toEqual([]);
    expect(total(quiet, 'pg_used_connection_slots')).toBe(total(quiet, 'pg_client_connections') + 1);
    const leave = await fill();
    const full = await loop.snapshot();
    expect(total(full, 'pg_used_connection_slots')).toBe(open);
    expect(total(full, 'pg_max_connections') - total(full, 'pg_reserved_connections')).toBe(open);
    expect(alerts(full)).toEqual(['firing connection_saturation critical']);
    await leave();
    expect(alerts(await loop.snapshot())).toEqual([]);
    await loop.close();
    await server().until("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'pgmon')");
  });

  test('[A3] connecting after: being refused is the same alert, and no other', async () => {
    const leave = await fill();
    const loop = new TestLoop(server().postgres.dsn('pgmon'));
    const refused = await loop.snapshot();
    expect([refused.up, refused.problem?.kind]).toEqual([false, 'full']);
    expect(alerts(refused)).toEqual(['firing connection_saturation critical']);
    await leave();
    // A slot is free a moment after its session has left the list.
    await expect.poll(async () => (await loop.snapshot()).up, { timeout: 10_000 }).toBe(true);
    await loop.close();
  });

  test('[A3] a limit of our own role is no saturation of the server', async () => {
    await server().sql('ALTER ROLE pgmon CONNECTION LIMIT 0');
    const loop = new TestLoop(server().postgres.dsn('pgmon'));
    const refused = await loop.snapshot();
    await server().sql('ALTER ROLE pgmon CONNECTION LIMIT -1');
    expect(refused.problem).toMatchObject({ kind: 'auth', hint: expect.stringContaining('CONNECTION LIMIT') });
    expect(alerts(refused)).toEqual(['firing cannot_log_in critical']);
    await loop.close();
  });
});
