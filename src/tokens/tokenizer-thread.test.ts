import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { compileSources, type CompiledSources } from '../../test/support/compiled-sources.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { TokenizerThread } from './tokenizer-thread.ts';

describe('the tokenizer', () => {
  test('refuses what would make too much wait, and counts what comes after', async () => {
    const thread = new TokenizerThread(new ManualClock());
    const long = 'word '.repeat(8_000_000);
    const first = thread.count(['hello', 'world']);
    const [refused, counted] = await Promise.all([thread.count([long, long]), first]);
    expect(refused).toBeNull();
    expect(counted).toEqual({ tokens: 2, isExact: true });
    expect(thread.isFree).toBe(true);
    thread.stop();
  });

  test('gives what waits up when it is stopped, and begins again with the next count', async () => {
    const thread = new TokenizerThread(new ManualClock());
    const waiting = thread.count(['hello']);
    thread.stop();
    expect(await waiting).toBeNull();
    expect(thread.isFree).toBe(false);
    expect(await thread.count(['hello'])).toEqual({ tokens: 1, isExact: true });
    thread.stop();
  });

  test('ends after ten minutes without a count', async () => {
    const clock = new ManualClock();
    const thread = new TokenizerThread(clock);
    await thread.count(['hello']);
    clock.advance(599_999);
    expect(thread.isFree).toBe(true);
    clock.advance(1);
    expect(thread.isFree).toBe(false);
  });
});

describe('compiled, it has a thread of its own', () => {
  let sources: CompiledSources;

  beforeAll(() => {
    sources = compileSources();
  });

  afterAll(() => sources.remove());

  test('so nobody waits for a long text, and the process ends when it is done', () => {
    const script = `
      import { monitorEventLoopDelay } from 'node:perf_hooks';
      const { TokenizerThread } = await import(${JSON.stringify(pathToFileURL(sources.path('tokens/tokenizer-thread')).href)});
      const { systemClock } = await import(${JSON.stringify(pathToFileURL(sources.path('core/clock')).href)});
      const thread = new TokenizerThread(systemClock);
      const alive = setInterval(() => undefined, 1);
      const text = Array.from({ length: 400_000 }, (_, index) => 'word' + index).join(' ');
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const counted = await thread.count([text]);
      clearInterval(alive);
      console.log(JSON.stringify({ ...counted, loopMs: delay.max / 1e6 }));
    `;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const { tokens, isExact, loopMs } = JSON.parse(out) as { tokens: number; isExact: boolean; loopMs: number };
    expect({ isExact, many: tokens > 800_000 }).toEqual({ isExact: true, many: true });
    // Counting it takes most of a second; only copying the text is done here.
    expect(loopMs).toBeLessThan(250);
  });
});
