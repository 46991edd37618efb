import fc from 'fast-check';
import { expect, it } from 'vitest';

import { FakeGenerationList } from '../../../test/support/fake-generation-list.ts';
import { stringMember, type JsonObject } from '../../core/json.ts';
import { GenerationFollower } from './generation-follower.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const POLL_MS = 300;

function ids(generations: readonly JsonObject[]): readonly string[] {
  return generations.map((generation) => stringMember(generation, 'id') ?? '');
}

it('begins with the last that have ended, oldest first, and leaves the older ones', async () => {
  const list = new FakeGenerationList();
  for (let number = 0; number < 5; number++) list.put(`gen_${number}`, NOW + number, 'complete');
  list.put('gen_5', NOW + 5, 'running');
  const follower = new GenerationFollower({});
  expect(ids(await follower.start(list.client, 2))).toEqual(['gen_3', 'gen_4']);
  expect(ids(await follower.poll(list.client))).toEqual([]);
  list.put('gen_5', NOW + 5, 'complete');
  expect(ids(await follower.poll(list.client))).toEqual(['gen_5']);
  expect(ids(await follower.poll(list.client))).toEqual([]);
});

it('gives all of a burst that fills many pages', async () => {
  const list = new FakeGenerationList();
  const follower = new GenerationFollower({});
  await follower.start(list.client, 10);
  for (let number = 0; number < 731; number++) list.put(`gen_${1000 + number}`, NOW + (number % 7), 'complete');
  expect(new Set(ids(await follower.poll(list.client))).size).toBe(731);
  expect(ids(await follower.poll(list.client))).toEqual([]);
});

it('gives one that began long before, however much has come since', async () => {
  const list = new FakeGenerationList();
  list.put('gen_old', NOW - 3_600_000, 'running');
  const follower = new GenerationFollower({ route: 'legal' });
  await follower.start(list.client, 10);
  for (let number = 0; number < 300; number++) list.put(`gen_${number}`, NOW + number, 'complete', { route: 'legal' });
  expect(await follower.poll(list.client)).toHaveLength(300);
  list.put('gen_old', NOW - 3_600_000, 'interrupted', { route: 'legal' });
  expect(ids(await follower.poll(list.client))).toEqual(['gen_old']);
  expect(ids(await follower.poll(list.client))).toEqual([]);
});

it('gives one that ends between two requests of a poll once', async () => {
  const list = new FakeGenerationList();
  list.put('gen_1', NOW, 'running');
  const follower = new GenerationFollower({});
  await follower.start(list.client, 0);
  list.beforeAnswer = (path) => {
    if (path.includes('status=running')) return;
    list.put('gen_1', NOW, 'complete');
    // So much later that the list is no longer read back to the first.
    list.put('gen_2', NOW + 60_000, 'complete');
  };
  expect(ids(await follower.poll(list.client)).toSorted()).toEqual(['gen_1', 'gen_2']);
  for (let poll = 0; poll < 10; poll++) expect(ids(await follower.poll(list.client))).toEqual([]);
});

it('gives one that has ended beyond the pages it has read, however fast the list goes on', async () => {
  const list = new FakeGenerationList(1);
  const follower = new GenerationFollower({});
  list.put('gen_0', NOW, 'running');
  await follower.start(list.client, 0);
  const given: string[] = [];
  for (let second = 1; second <= 20; second++) {
    if (second === 3) list.put('gen_0', NOW, 'complete');
    list.put(`gen_${second}`, NOW + second * 5_000, 'complete');
    given.push(...ids(await follower.poll(list.client)));
  }
  expect(given.filter((id) => id === 'gen_0')).toEqual(['gen_0']);
  expect(given).toHaveLength(21);
});

it('leaves out what does not match, also among those it watched', async () => {
  const list = new FakeGenerationList();
  list.put('gen_old', NOW - 3_600_000, 'running', { route: 'create' });
  const follower = new GenerationFollower({ route: 'legal', status: 'failed' });
  await follower.start(list.client, 10);
  list.put('gen_old', NOW - 3_600_000, 'failed', { route: 'create' });
  list.put('gen_1', NOW, 'complete', { route: 'legal' });
  list.put('gen_2', NOW, 'failed', { route: 'legal' });
  expect(ids(await follower.poll(list.client))).toEqual(['gen_2']);
});

it('asks little where nothing happens', async () => {
  const list = new FakeGenerationList();
  for (let number = 0; number < 2_000; number++) list.put(`gen_${number}`, NOW - number * 1000, 'complete');
  const follower = new GenerationFollower({});
  await follower.start(list.client, 10);
  const before = list.requests;
  for (let poll = 0; poll < 100; poll++) await follower.poll(list.client);
  expect(list.requests - before).toBeLessThanOrEqual(2 * 100);
});

/** One generation: when it begins, how long until it is in the list, and how long it runs from then. */
const planned = fc.record({
  beginsMs: fc.integer({ min: -20_000, max: 20_000 }),
  hiddenMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })),
  runsMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 40_000 })),
  matches: fc.boolean(),
});

it('gives each that matches once, whatever begins, ends and is away when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(planned, { maxLength: 150, size: 'max' }),
      fc.array(fc.integer({ min: 0, max: 60_000 / POLL_MS }), { maxLength: 40, size: 'max' }),
      async (plans, awayAt) => {
        // Small pages, so that a poll seldom sees all there is.
        const list = new FakeGenerationList(4);
        const shown = plans.map((plan, index) => ({ ...plan, id: `gen_${String(index).padStart(4, '0')}` }));
        const advance = (toMs: number): void => {
          for (const { id, beginsMs, hiddenMs, runsMs, matches } of shown) {
            const ended = toMs >= beginsMs + hiddenMs + runsMs;
            const route = { route: matches ? 'legal' : 'create' };
            if (toMs >= beginsMs + hiddenMs) list.put(id, NOW + beginsMs, ended ? 'complete' : 'running', route);
          }
        };
        const follower = new GenerationFollower({ route: 'legal' });
        advance(0);
        await follower.start(list.client, 0);
        const given: string[] = [];
        for (let poll = 1; poll * POLL_MS <= 75_000; poll++) {
          advance(poll * POLL_MS);
          list.away = awayAt.includes(poll);
          await follower.poll(list.client).then(
            (ended) => given.push(...ids(ended)),
            () => undefined,
          );
        }
        const wanted = shown.filter((each) => each.matches && each.beginsMs + each.hiddenMs + each.runsMs > 0);
        expect(given.toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
}, 60_000);
