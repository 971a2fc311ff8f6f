import { expect, test } from 'vitest';
import { newEvent } from '../../../src/events/posted.ts';

test.each([
  ['half a character', 'deploy \ud83d', 'whole characters'],
  ['half a character, the other half', '\ude80 deploy', 'whole characters'],
  ['text that is turned around', 'deploy \u202egnp.exe', 'override its direction'],
  ['an isolate', '\u2067deploy\u2069', 'override its direction'],
  ['nothing to be seen', '\u200b\u200d\u2060', 'can be seen'],
  ['a filler', '\u3164', 'can be seen'],
  ['two lines', 'a\nb', 'one line'],
])('refused: %s', (_, text, reason) => {
  for (const event of [{ text }, { text: 'a', object: text }, { text: 'a', by: text }]) {
    const { error } = newEvent.safeParse(event);
    expect(error?.issues.map(({ message }) => message).join()).toContain(reason);
  }
});

test.each(['deploy 4711', '🚀', '👩‍💻 deployed', 'פריסה 4711', 'نشر', 'デプロイ', 'é'])('taken: %s', (text) => {
  expect(newEvent.parse({ text }).text).toBe(text);
});
