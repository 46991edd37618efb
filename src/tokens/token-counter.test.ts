import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import { systemClock } from '../core/clock.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { promptTokensAtMost } from './prompt-bound.ts';
import { TokenCounter } from './token-counter.ts';
import type { CountedModel, TokenCount } from './token-count.ts';

const GPT_4O: CountedModel = { kind: 'openai', modelId: 'gpt-4o', simulated: false };
const OPUS: CountedModel = { kind: 'anthropic', modelId: 'claude-opus-4-8', simulated: false };
const GEMINI: CountedModel = { kind: 'google', modelId: 'gemini-2.5-pro', simulated: false };

let counter: TokenCounter;
let now = 0;

beforeEach(() => {
  now = 0;
  counter = new TokenCounter({ ...systemClock, now: () => now, wallTime: () => now });
});

afterEach(() => {
  counter.close();
});

function count(messages: JsonValue, model: CountedModel = GPT_4O, members: JsonObject = {}): Promise<TokenCount> {
  return counter.count(decodeClientBody({ model: 'm', messages, ...members }), model);
}

const image = (base64: string, detail = 'auto'): JsonObject => ({
  role: 'user',
  content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${base64}`, detail } }],
});

/** The first bytes of a PNG of that size, which is all that is read. */
function png(width: number, height: number): string {
  const bytes = Buffer.alloc(33);
  bytes.writeUInt32BE(0x89504e47, 0);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString('base64');
}

describe('a prompt of plain text at gpt-4o is counted exactly', () => {
  // The messages and the count that OpenAI's cookbook ("How to count tokens") shows its own API report for gpt-4o.
  const COOKBOOK = [
    ['system', 'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.'],
    ['system', 'New synergies will help drive top-line growth.', 'example_user'],
    ['system', 'Things working well together will increase revenue.', 'example_assistant'],
    [
      'system',
      "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
      'example_user',
    ],
    ['system', "Let's talk later when we're less busy about how to do better.", 'example_assistant'],
    ['user', "This late pivot means we don't have time to boil the ocean for the client deliverable."],
  ].map(([role, content, name]) => ({ role, content, ...(name === undefined ? {} : { name }) })) as JsonValue;

  test.each([
    ['the cookbook’s messages', COOKBOOK, 124],
    ['one word', [{ role: 'user', content: 'hello' }], 8],
  ])('%s', async (_name, messages, expected) => {
    expect(await count(messages)).toEqual({ count: expected, method: 'exact', errorBand: 0, isLowerBound: false });
  });

  test('words that are special to the vocabulary count as the text they are', async () => {
    const special = await count([{ role: 'user', content: '<|endoftext|>' }]);
    expect(special.count).toBeGreaterThan(8);
    expect(special.method).toBe('exact');
  });
});

describe('a count says how sure it is', () => {
  test.each<readonly [string, JsonValue, CountedModel, JsonObject]>([
    ['another vendor', [{ role: 'user', content: 'hello' }], OPUS, {}],
    ['the same name elsewhere', [{ role: 'user', content: 'hello' }], { ...GPT_4O, kind: 'openai-compatible' }, {}],
    ['the simulator', [{ role: 'user', content: 'hello' }], { ...GPT_4O, simulated: true }, {}],
    ['tools', [{ role: 'user', content: 'hello' }], GPT_4O, { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['several parts', [{ role: 'user', content: ['a', 'b'].map((text) => ({ type: 'text', text })) }], GPT_4O, {}],
  ])('%s: an estimate', async (_name, messages, model, members) => {
    const counted = await count(messages, model, members);
    expect(counted.method).toBe('estimated');
    expect(counted.errorBand).toBeGreaterThan(0);
    expect(counted.errorBand).toBeLessThanOrEqual(1);
  });

  test.each<readonly [string, JsonValue]>([
    ['an image at an address', { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }],
    ['an image nobody can read', { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
    ['a file', { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } }],
  ])('%s: a lower bound', async (_name, part) => {
    expect(await count([{ role: 'user', content: [part] }])).toMatchObject({
      method: 'estimated',
      isLowerBound: true,
    });
  });

  test.each<readonly [string, CountedModel, string, string, number]>([
    ['OpenAI by tiles', GPT_4O, png(1024, 1024), 'high', 85 + 4 * 170],
    ['OpenAI in little detail', GPT_4O, png(4000, 4000), 'low', 85],
    ['Anthropic by area', { ...OPUS, modelId: 'claude-haiku-4-5' }, png(750, 1000), 'auto', 1000],
    ['Gemini, a small one', GEMINI, png(300, 300), 'auto', 258],
    ['Gemini in crops', GEMINI, png(960, 540), 'auto', 258 * 6],
  ])('an image of known size: %s', async (_name, model, base64, detail, tokens) => {
    const [none, one] = await Promise.all([
      count([{ role: 'user', content: '' }], model),
      count([image(base64, detail)], model),
    ]);
    expect(one.count - none.count).toBe(tokens);
    expect(one.isLowerBound).toBe(false);
  });
});

describe('what a vendor reports', () => {
  const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(40);
  const prompt = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: TEXT }] });

  /** Waits for the tokenizer to have nothing to do: a count after another is answered after it. */
  async function report(model: CountedModel, tokens: number): Promise<void> {
    now += 1000;
    counter.learn(prompt, model, tokens);
    await count([{ role: 'user', content: 'x' }]);
  }

  test('teaches the factor, and narrows the band', async () => {
    const before = await counter.count(prompt, OPUS);
    const exact = await counter.count(prompt, GPT_4O);
    for (let each = 0; each < 40; each++) await report(OPUS, Math.round(exact.count * 1.2));
    const after = await counter.count(prompt, OPUS);
    expect(Math.abs(after.count / (exact.count * 1.2) - 1)).toBeLessThan(0.02);
    expect(after.errorBand).toBeLessThan(before.errorBand / 3);
    expect(before.errorBand).toBe(0.35);
  });

  test('teaches nothing of other models', async () => {
    const before = await counter.count(prompt, GEMINI);
    for (let each = 0; each < 20; each++) await report(OPUS, before.count * 2);
    expect(await counter.count(prompt, GEMINI)).toEqual(before);
  });

  test('takes back that a count is exact, when the vendor counts otherwise', async () => {
    const { count: own } = await counter.count(prompt, GPT_4O);
    for (let each = 0; each < 30; each++) await report(GPT_4O, Math.round(own * 1.1));
    const after = await counter.count(prompt, GPT_4O);
    expect(after.method).toBe('estimated');
    expect(Math.abs(after.count / (own * 1.1) - 1)).toBeLessThan(0.02);
  });

  test('is not looked at while the tokenizer does not run', async () => {
    counter.learn(prompt, OPUS, 1_000_000);
    now += 1000;
    const fresh = await counter.count(prompt, OPUS);
    expect(fresh.errorBand).toBe(0.35);
  });
});

describe('texts made to take long', () => {
  test.each([
    ['of one letter', 'a'.repeat(200_000)],
    ['without a space', '秋'.repeat(200_000)],
    ['of white space', ' '.repeat(200_000)],
    ['of marks', '!'.repeat(200_000)],
  ])('%s take no longer than others', async (_name, text) => {
    const started = performance.now();
    const counted = await count([{ role: 'user', content: text }]);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(counted.method).toBe('estimated');
    expect(counted.count).toBeGreaterThan(1000);
  });
});

test('a run longer than an engine of regular expressions holds is counted like others', async () => {
  const short = await count([{ role: 'user', content: ' '.repeat(1_000_000) }]);
  const long = await count([{ role: 'user', content: ' '.repeat(8_000_000) }]);
  expect(long.errorBand).toBe(short.errorBand);
  expect(long.count / short.count).toBeCloseTo(8, 1);
});

test('of what cannot be counted next to nothing is said, so that nobody is refused for it', async () => {
  const prompt = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'hello '.repeat(1000) }] });
  const counting = counter.count(prompt, GPT_4O);
  counter.close();
  expect(await counting).toMatchObject({ method: 'estimated', errorBand: 1 });
});

describe('promptTokensAtMost', () => {
  test.each(['hello', '秋の日は', '👩‍👩‍👧‍👦', 'a\u0000b', 'x'.repeat(5000)])(
    'is never less than the count: %j',
    async (text) => {
      const prompt = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: text }] });
      const bound = promptTokensAtMost(prompt);
      expect(bound).toBeGreaterThanOrEqual((await counter.count(prompt, GPT_4O)).count);
    },
  );

  test('is not known of an image', () => {
    expect(promptTokensAtMost(decodeClientBody({ model: 'm', messages: [image(png(1, 1))] }))).toBeNull();
  });
});

describe('what a model wrote', () => {
  test('is counted without a frame, by the measure of its vendor', async () => {
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(40);
    const own = await counter.countText(text, GPT_4O);
    expect(own).toBe(401);
    const { count: framed } = await count([{ role: 'user', content: text }]);
    expect(framed).toBeGreaterThan(own);
    expect(await counter.countText('', GPT_4O)).toBe(0);
  });

  test('is guessed by its bytes when the tokenizer takes too long, and so is a prompt', async () => {
    const impatient = new TokenCounter({
      ...systemClock,
      setTimer: (delayMs, callback) => {
        if (delayMs <= 50) callback();
        return { cancel: () => undefined };
      },
    });
    expect(await impatient.countText('x'.repeat(400), GPT_4O, 50)).toBe(100);
    const prompt = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(400) }] });
    expect(await impatient.count(prompt, GPT_4O, 50)).toMatchObject({ method: 'estimated', errorBand: 1 });
    impatient.close();
  });
});
