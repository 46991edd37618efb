import { expect, test } from 'vitest';

import { ReturnedExtra } from './returned-extra.ts';

test('what is wanted back of one turn is put together, and nothing gives way', () => {
  const extra = new ReturnedExtra();
  expect(extra.content).toBeNull();
  extra.add({ anthropic: { thinking_blocks: ['a'] }, google: { thought_signature: 'one' } }, () => 'parts[0]');
  extra.add({ anthropic: { thinking_blocks: ['b'] }, google: { thought_signature: 'two' } }, () => 'parts[1]');
  expect(extra.content).toEqual({
    anthropic: { thinking_blocks: ['a', 'b'] },
    google: { thought_signature: 'two', 'parts[0]': 'one' },
  });
  expect([...extra.paths]).toEqual([
    ['anthropic', ['parts[0]', 'parts[1]']],
    ['google', ['parts[0]', 'parts[1]']],
  ]);
});
