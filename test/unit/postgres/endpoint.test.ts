import { expect, test } from 'vitest';
import { targetSchema } from '../../../src/config/target.ts';
import { dsnCredentials, endpointOf } from '../../../src/postgres/endpoint.ts';

const endpoint = (dsn: string, more: object = {}) =>
  endpointOf(targetSchema.parse({ cluster: 'c', dsn, ...more }), dsnCredentials(dsn));

test.each([
  ['loopback goes without', 'postgres://u@127.0.0.1/d', 'disable'],
  ['localhost, too', 'postgres://u@localhost/d', 'disable'],
  ['anything else is verified in full', 'postgres://u@db.example.com/d', 'verify-full'],
  ['require is no weaker', 'postgres://u@db.example.com/d?sslmode=require', 'verify-full'],
  ['nor is prefer', 'postgres://u@127.0.0.1/d?sslmode=prefer', 'verify-full'],
  ['the name may be left out', 'postgres://u@db.example.com/d?sslmode=verify-ca', 'verify-ca'],
  ['off when it is said', 'postgres://u@db.example.com/d?sslmode=disable', 'disable'],
])('TLS: %s', (_name, dsn, tls) => {
  expect(endpoint(dsn).tls).toBe(tls);
});

test('the target wins over its DSN', () => {
  const said = endpoint('postgres://u@a:1/d?sslmode=disable', {
    host: 'b',
    port: 2,
    database: 'e',
    tls: { mode: 'verify-full', ca: '/ca.pem' },
  });
  expect(said).toEqual({ host: 'b', port: 2, database: 'e', tls: 'verify-full', ca: '/ca.pem' });
});

test('what the DSN leaves out has the usual values', () => {
  expect(endpoint('postgres://u@h')).toMatchObject({ port: 5432, database: 'postgres' });
  expect(dsnCredentials('postgres://us%40er:p%2Fw@h/d')).toMatchObject({ user: 'us@er', password: 'p/w' });
});
