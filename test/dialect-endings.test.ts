import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventStream } from './support/raw-upstream.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import {
  anthropicStream,
  anthropicToolStream,
  deepSeekStream,
  geminiStream,
  openAiStream,
  openAiToolStream,
  type UpstreamStream,
} from './support/upstream-streams.ts';

/** In no dialect does a stream end as if the answer were whole, unless its vendor has said that it is. */
let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench();
});
afterAll(() => bench.close());

const QUESTION = [{ role: 'user', content: 'Hi' }];
const CONTENTS = [{ parts: [{ text: 'Hi' }] }];

/** How each dialect is asked, and what in its bytes says that the answer is whole, or that it broke. */
const DIALECTS: readonly {
  readonly name: string;
  readonly ask: (model: string) => readonly [path: string, body: object];
  readonly ending: RegExp;
  readonly error: RegExp;
}[] = [
  {
    name: 'Chat Completions',
    ask: (model) => ['/v1/chat/completions', { model, stream: true, messages: QUESTION }],
    ending: /"finish_reason":"|\[DONE\]/,
    error: /^data: \{"error"/m,
  },
  {
    name: 'Messages',
    ask: (model) => ['/v1/messages', { model, stream: true, max_tokens: 50, messages: QUESTION }],
    ending: /"stop_reason":"|message_stop/,
    error: /^event: error$/m,
  },
  {
    name: 'Responses',
    ask: (model) => ['/v1/responses', { model, stream: true, input: 'Hi' }],
    ending: /^event: response\.(?:completed|incomplete)$/m,
    error: /^event: error$/m,
  },
  {
    name: 'generateContent',
    ask: (model) => [`/v1beta/models/${model}:streamGenerateContent?alt=sse`, { contents: CONTENTS }],
    ending: /"finishReason"/,
    error: /^data: \{"error"/m,
  },
  {
    name: 'generateContent as an array',
    ask: (model) => [`/v1beta/models/${model}:streamGenerateContent`, { contents: CONTENTS }],
    ending: /"finishReason"/,
    error: /^\[?\{"error"/m,
  },
];

const WORDS = ['ein', 'zwei'];
const UPSTREAMS: readonly UpstreamStream[] = [
  openAiStream(WORDS),
  openAiToolStream(),
  deepSeekStream(WORDS),
  anthropicStream(WORDS),
  anthropicToolStream(),
  geminiStream(WORDS),
];

describe.each(DIALECTS)('$name', ({ ask, ending, error }) => {
  test.each(UPSTREAMS)('$name, cut after each of its events', async ({ provider, model, events, terminal }) => {
    const [path, body] = ask(model);
    for (const [length, end] of events.flatMap((_, at) => [[at, 'clean'] as const, [at, 'cut'] as const])) {
      await bench.gateway.closeCircuits();
      bench.upstreams[provider]!.play(eventStream(events.slice(0, length), end));
      const response = await bench.gateway.post(path, body, { 'x-candor-fallback': 'off' });
      const text = await response.text();
      const isWhole = length > terminal;
      const told = [ending.test(text), response.status !== 200 || error.test(text)];
      expect(told, `${length} events, ${end}: ${text}`).toEqual([isWhole, !isWhole]);
    }
  });
});
