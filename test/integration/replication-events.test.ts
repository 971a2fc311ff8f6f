import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { majors, useServer } from '../support/test-server.ts';
import { startReceiver } from '../support/wal-receiver.ts';
import { Watching } from '../support/watching.ts';

describe.each(majors)('events of replication on PostgreSQL %i', (major) => {
  const server = useServer(major, {
    wal_level: 'logical',
    wal_sender_timeout: '0',
    min_wal_size: '32MB',
    max_wal_size: '32MB',
    ...(major >= 13 ? { max_slot_wal_keep_size: '16MB' } : {}),
  });
  const publisher = useServer(major, { wal_level: 'logical' });
  let workload: Watching;
  beforeAll(async () => {
    workload = new Watching(server().postgres.dsn('pgmon'), 'workload');
    await workload.events();
  }, 60_000);
  afterAll(() => workload?.loop.close());

  test('of two replicas of one name, which one left: by its number, and by its slot', async () => {
    const first = await startReceiver(server(), 'twin');
    expect(await workload.until('replica_connected', 'twin')).toMatchObject({ to: '127.0.0.1' });
    const second = await startReceiver(server(), 'twin');
    expect(await workload.until('replica_connected', 'twin #2')).toMatchObject({ to: '127.0.0.1' });
    await first.leave();
    expect(await workload.until('replica_gone')).toMatchObject({ object: 'twin', from: '127.0.0.1' });
    await second.leave();
    expect(await workload.until('replica_gone')).toMatchObject({ object: 'twin #2' });

    for (const slot of ['one', 'other']) await server().sql('SELECT pg_create_physical_replication_slot($1)', [slot]);
    const one = await startReceiver(server(), 'twin', 'one');
    const other = await startReceiver(server(), 'twin', 'other');
    await workload.until('replica_connected');
    await other.leave();
    expect(await workload.until('replica_gone')).toMatchObject({ object: 'twin', from: '127.0.0.1, slot other' });
    await one.leave();
    expect(await workload.until('replica_gone')).toMatchObject({ from: '127.0.0.1, slot one' });
    for (const slot of ['one', 'other']) await server().sql('SELECT pg_drop_replication_slot($1)', [slot]);
  });

  test('a slot whose consumer comes and leaves, and that loses WAL', async () => {
    await server().sql("SELECT pg_create_physical_replication_slot('kept', true)");
    await workload.until('slot_created', 'kept');
    const receiver = await startReceiver(server(), 'receiver', 'kept');
    expect(await workload.until('slot_changed', 'kept')).toMatchObject({
      severity: 'notice',
      from: 'inactive',
      to: 'active',
      text: 'Slot kept has a consumer.',
    });
    await receiver.leave();
    expect(await workload.until('slot_changed', 'kept')).toMatchObject({
      severity: 'warning',
      from: 'active',
      to: 'inactive',
    });
    if (major < 13) return;
    for (let i = 0; i < 6; i++) {
      await server().sql("SELECT pg_logical_emit_message(false, 'fill', 'it')");
      await server().sql('SELECT pg_switch_wal()');
    }
    await server().sql('CHECKPOINT');
    await server().until("SELECT 1 FROM pg_replication_slots WHERE slot_name = 'kept' AND wal_status = 'lost'");
    expect(await workload.until('slot_changed', 'kept')).toMatchObject({
      severity: 'warning',
      from: 'inactive',
      to: 'lost',
    });
    expect(await workload.events()).toEqual([]);
    await server().sql("SELECT pg_drop_replication_slot('kept')");
    await workload.until('slot_dropped', 'kept');
  });

  test('a subscription made, disabled, enabled, given another publication and dropped', async () => {
    await publisher().sql('CREATE TABLE sent (i int PRIMARY KEY)');
    await publisher().sql('CREATE PUBLICATION "all of it" FOR ALL TABLES');
    await publisher().sql('CREATE PUBLICATION "some" FOR TABLE sent');
    await server().sql('CREATE TABLE sent (i int PRIMARY KEY)');
    const odd = `it's "the" one`;
    const name = `"it's ""the"" one"`;
    const { port } = publisher().postgres;
    await server().sql(
      `CREATE SUBSCRIPTION ${name} CONNECTION 'host=127.0.0.1 port=${port} user=postgres dbname=postgres password=s3cret' PUBLICATION "all of it" WITH (slot_name = 'received')`,
    );
    expect(await workload.until('subscription_changed')).toMatchObject({ object: odd, to: 'created' });
    await server().sql(`ALTER SUBSCRIPTION ${name} DISABLE`);
    expect(await workload.until('subscription_changed')).toMatchObject({
      object: odd,
      from: 'enabled',
      to: 'disabled',
      severity: 'warning',
    });
    await server().sql(`ALTER SUBSCRIPTION ${name} SET PUBLICATION "some", "all of it" WITH (refresh = false)`);
    expect(await workload.until('subscription_changed')).toMatchObject({
      object: odd,
      from: 'all of it',
      to: 'all of it, some',
    });
    await server().sql(`ALTER SUBSCRIPTION ${name} ENABLE`);
    expect(await workload.until('subscription_changed')).toMatchObject({ from: 'disabled', to: 'enabled' });
    await server().sql(`DROP SUBSCRIPTION ${name}`);
    const dropped = await workload.until('subscription_changed');
    expect(dropped).toMatchObject({ object: odd, to: 'dropped' });
    expect(JSON.stringify(dropped)).not.toContain('s3cret');
  });
});
