import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventKinds } from '../../../src/events/kinds/index.ts';

const FOLDER = new URL('../../integration/', import.meta.url);

/** The tests that make events happen on real servers. */
const texts = readdirSync(FOLDER)
  .filter((name) => /^((object|replication|statement|upgrade)-)?events\.test\.ts$/.test(name))
  .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));

test('there are tests of all loops', () => {
  expect(texts).toHaveLength(5);
});

test.each(eventKinds.map(({ name }) => name))('%s is provoked on a real server and found', (kind) => {
  // As the kind of an event, or at the beginning of what is said of one; a longer name is another kind.
  const expected = new RegExp(`['"\`]${kind}(['"\`]| [|\\w])`);
  expect(texts.some((text) => expected.test(text))).toBe(true);
});
