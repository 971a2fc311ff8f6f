import { expect, test } from 'vitest';
import { pack, unpack } from '../../../src/store/codec.ts';

test('what is small stays plain, what is large is compressed, both come back', async () => {
  const small = { a: 'ünï', b: [1, null, true] };
  const large = Array.from({ length: 500 }, (_, i) => ({ i, text: 'the same text again' }));
  const [plain, packed] = [pack(small), pack(large)];
  expect(Buffer.from(plain).toString()).toBe(JSON.stringify(small));
  expect(packed.length).toBeLessThan(JSON.stringify(large).length / 5);
  expect(unpack(plain)).toEqual(small);
  expect(unpack(packed)).toEqual(large);
});
