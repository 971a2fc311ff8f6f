import { expect, test } from 'vitest';
import { foreignProtocol } from '../../../src/postgres/foreign-protocol.ts';

test.each([
  [
    'a web server',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    'something other than PostgreSQL answers with "HTTP/1.1 400 Bad Request"',
  ],
  ['ssh', 'SSH-2.0-OpenSSH_9.9\r\n', 'something other than PostgreSQL answers with "SSH-2.0-OpenSSH_9.9"'],
  ['a screen', 'RFB 003.008\n', 'something other than PostgreSQL answers with "RFB 003.008"'],
  ['mail', '220 mail ESMTP\r\n', 'something other than PostgreSQL answers with "220 mail ESMTP"'],
  ['MySQL', '\x4a\x00\x00\x00\x0a8.0.36\x00', 'something other than PostgreSQL answers'],
  ['zeros', '\0\0\0\0\0\0', 'something other than PostgreSQL answers'],
])('%s is known by its first bytes', (_name, text, said) => {
  expect(foreignProtocol(Buffer.from(text, 'latin1'))).toMatchObject({ kind: 'not-postgres', message: said });
});

test.each([
  ['TLS', 'S'],
  ['no TLS', 'N'],
  ['a login', 'R\0\0\0\x08\0\0\0\0'],
  ['SCRAM', 'R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0'],
  ['an error', 'E\0\0\0\x64SFATAL\0'],
  ['the beginning of one', 'E\0\0'],
])('%s is PostgreSQL', (_name, text) => {
  expect(foreignProtocol(Buffer.from(text, 'latin1'))).toBeUndefined();
});
