import { expect, test } from 'vitest';
import { sentBy } from '../../../support/channels.ts';

test('a color, the text with its three characters escaped, a button', async () => {
  const [firing, over] = (await sentBy((url) => ({ type: 'slack', url }))).map(({ body }) => JSON.parse(body));
  expect(firing.text).toBe('[CRITICAL] shop: Blocking locks, 3 min');
  expect(firing.attachments[0].color).toBe('#c62828');
  expect(JSON.stringify(firing.attachments)).toContain('billing &lt;x&gt;');
  expect(firing.attachments[0].blocks[1]).toMatchObject({
    elements: [
      { text: { text: 'Open pgmon' }, url: expect.stringMatching(/^https:\/\/pgmon\.example\.com\/#\/locks/) },
    ],
  });
  expect([over.text, over.attachments[0].color]).toEqual(['[RESOLVED] shop: Blocking locks, was 3 min', '#2e7d32']);
});
