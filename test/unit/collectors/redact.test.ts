import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactSql } from '../../../src/collectors/redact.ts';

test.each([
  ['string', "SELECT * FROM t WHERE a = 'secret'", 'SELECT * FROM t WHERE a = ?'],
  ['doubled quote', "SELECT 'it''s secret'", 'SELECT ?'],
  ['escape string', String.raw`SELECT E'it\'s secret'`, 'SELECT ?'],
  ['escape string that touches a number', String.raw`SELECT 1.5e3E'a\'secret'`, 'SELECT ??'],
  ['dollar quotes', 'SELECT $$secret$$, $x$ sec$$ret $x$', 'SELECT ?, ?'],
  ['numbers', 'SELECT 1, 2.5e-3, .5, 0xFF FROM t1', 'SELECT ?, ?, ?, ? FROM t1'],
  ['password', "ALTER ROLE x PASSWORD 'hunter2'", 'ALTER ROLE x PASSWORD ?'],
  ['parameter stays', 'SELECT $1, $22', 'SELECT $1, $22'],
  ['quoted identifier stays', `SELECT "it's 1" FROM "T"`, `SELECT "it's 1" FROM "T"`],
  ['line comment', "SELECT 1 -- it's secret\nFROM t", 'SELECT ?  \nFROM t'],
  ['nested comment', "SELECT /* a /* b */ it's */ 'secret'", 'SELECT   ?'],
  ['cut off in a string', "SELECT 'secr", 'SELECT ?'],
  ['cut off in a comment', 'SELECT /* secr', 'SELECT  '],
  ['bit and unicode strings', "SELECT B'1010', U&'secret', N'x'", 'SELECT ?, ?, ?'],
])('%s', (_name, text, redacted) => {
  expect(redactSql(text)).toBe(redacted);
});

test('no literal of the input survives, wherever the text is cut off', () => {
  const secret = 'Zq7secretZq';
  const quoted = fc.constantFrom(
    `'${secret}'`,
    `'a''${secret}'`,
    `E'\\'${secret}'`,
    `$$${secret}$$`,
    `$t$ ' ${secret} $t$`,
    `-- ${secret}\n`,
    `/* /* ' */ ${secret} */`,
    `U&'${secret}'`,
  );
  const plain = fc.constantFrom(
    'SELECT ',
    'a1 ',
    '"it\'s" ',
    '$1 ',
    ' = ',
    '(',
    ')',
    '42 ',
    '::text ',
    ', ',
    '-',
    '/',
    '*',
    "''",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(quoted, plain)), fc.nat(400), (parts, cut) => {
      // A space between parts: a quote right behind a quote would make one string of two.
      const text = parts.join(' ').slice(0, cut);
      expect(redactSql(text)).not.toContain('Zq7secret');
    }),
    { numRuns: 10_000 },
  );
});
