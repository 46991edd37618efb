import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import { compileSources, type CompiledSources } from '../../../test/support/compiled-sources.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { SuppliedContext } from '../supplied-context.ts';
import { GroundingThread } from './grounding-thread.ts';

/** What nobody writes and anybody can send; each repeats what was costly once. */
const COSTLY: readonly (readonly [string, (index: number) => string])[] = [
  ['one quotation', () => '"the court held that a landlord may not enter" '],
  ['one word as a quotation', () => '"the the the the the the the the" '],
  ['capitals and ampersands', () => 'A&'],
  ['brackets behind addresses', () => `https://a.example/${')'.repeat(500)} `],
  ['sums of what is not there', (index) => `${index * 7 + 0.125} `],
  ['roundings of what is not there', (index) => `about ${(index * 7919) % 100_003}.5 `],
  ['names with figures', (index) => `and Gpt-${index} then `],
];

function textOf(unit: (index: number) => string, characters: number): string {
  let text = '';
  for (let index = 0; text.length < characters; index++) text += unit(index);
  return text;
}

describe('a long text', () => {
  const context = (text: string): SuppliedContext =>
    new SuppliedContext(decodeClientBody({ model: 'm', messages: [{ role: 'user', content: text }] }));

  test.each(COSTLY)('of %s is compared in time', async (_, unit) => {
    const thread = new GroundingThread(new ManualClock());
    const supplied = context(textOf(unit, 200_000));
    const answer = [textOf((index) => unit(index + 17), 40_000)];
    const terms = { entities: true, allowComputed: true };
    for (const job of [{ terms: 'citations', answer } as const, { terms, answer }]) {
      expect(await thread.ground(job, supplied, ({ problem }) => problem)).toBeUndefined();
    }
  });
});

describe('compiled, it has a thread of its own', () => {
  let sources: CompiledSources;
  beforeAll(() => {
    sources = compileSources();
  });
  afterAll(() => sources.remove());

  test('so nobody waits for a comparison', () => {
    const at = (path: string): string => JSON.stringify(pathToFileURL(sources.path(path)).href);
    const script = `
      import { monitorEventLoopDelay } from 'node:perf_hooks';
      const { GroundingThread } = await import(${at('validation/grounding/grounding-thread')});
      const { ContextIndex } = await import(${at('validation/grounding/context-index')});
      const text = Array.from({ length: 60_000 }, (_, index) => index % 28 + ' March ' + (1000 + index % 9000)).join(' ');
      const texts = [{ path: 'messages[0]', role: 'user', text }];
      const context = { texts, index: new ContextIndex(texts) };
      const alive = setInterval(() => undefined, 1);
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const job = { terms: { entities: true, allowComputed: false }, answer: ['It was on 3 March 1003.'] };
      const told = await new GroundingThread().ground(job, context, (grounding) => grounding);
      clearInterval(alive);
      console.log(JSON.stringify({ isSupported: told.problem ?? told.facts[0][0].isSupported, loopMs: delay.max / 1e6 }));
    `;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const { isSupported, loopMs } = JSON.parse(out) as { isSupported: boolean | string; loopMs: number };
    expect(isSupported).toBe(true);
    // Reading these dates takes most of a second; only copying the text is done here.
    expect(loopMs).toBeLessThan(250);
  });
});
