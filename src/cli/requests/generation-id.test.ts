import { expect, it } from 'vitest';

import { FakeGenerationList } from '../../../test/support/fake-generation-list.ts';
import { newGenerationId } from '../../core/identifier.ts';
import { wholeId } from './generation-id.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');

it('finds the one id that begins so, whatever else there is', async () => {
  const list = new FakeGenerationList();
  // The body of this one took five minutes to arrive.
  const wanted = newGenerationId(NOW);
  list.put(wanted, NOW + 300_000, 'complete');
  for (let minute = 1; minute <= 500; minute++)
    list.put(newGenerationId(NOW + minute * 60_000), NOW + minute * 60_000, 'complete');
  expect(await wholeId(list.client, wanted.slice(0, 18))).toBe(wanted);
  expect(await wholeId(list.client, wanted.slice(0, 11))).toBe(wanted);
  expect(list.requests).toBe(2);
  await expect(wholeId(list.client, `${wanted.slice(0, 18)}ZZZ`)).rejects.toThrow('no id on record begins with');
});

it('does not choose between two', async () => {
  const list = new FakeGenerationList();
  const ids = [newGenerationId(NOW), newGenerationId(NOW)];
  for (const id of ids) list.put(id, NOW, 'running');
  await expect(wholeId(list.client, ids[0]!.slice(0, 14))).rejects.toThrow(
    /more than one id begins with gen_\w+: gen_\w+, gen_\w+/,
  );
});

it('looks for nothing that is whole, too short or no id', async () => {
  const list = new FakeGenerationList();
  for (const text of [newGenerationId(NOW), 'gen_01M8', 'gen_', 'x', '../gen_01M8200000']) {
    expect(await wholeId(list.client, text)).toBe(text);
  }
  expect(list.requests).toBe(0);
});
