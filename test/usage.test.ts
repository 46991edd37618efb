import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { body, eventStream } from './support/raw-upstream.ts';
import { askWithSdk, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import {
  anthropicStream,
  data,
  deepSeekStream,
  DONE,
  geminiStream,
  MESSAGE_STOP,
  named,
  openAiStream,
  textStreams,
} from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

/** What the record keeps of the one attempt. */
interface Recorded {
  readonly usage: JsonObject | null;
  readonly cost: number | null;
  readonly attempts: readonly { readonly usage: JsonObject | null; readonly flags: readonly string[] }[];
}

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench();
});
afterAll(() => bench.close());

/** Streams these events and gives what the client was told of the usage, and what is on record. */
async function stream(
  upstream: { readonly provider: string; readonly model: string },
  events: readonly string[],
  includeUsage = true,
): Promise<{ readonly told: unknown; readonly recorded: Recorded }> {
  bench.upstreams[upstream.provider]!.play(eventStream(events, 'clean'));
  const asked = { model: upstream.model, messages: MESSAGES };
  const outcome = await askWithSdk(
    bench.gateway.url,
    includeUsage ? { ...asked, stream_options: { include_usage: true } } : asked,
  );
  expect(outcome.thrown).toBeNull();
  expect(readStream(outcome.bytes).done).toBe(true);
  const chunks = outcome.bytes
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)) as { usage?: unknown });
  const recorded = await bench.gateway.record(outcome.headers.get('x-request-id') ?? '');
  return {
    told: chunks.map((chunk) => chunk.usage ?? null).find((usage) => usage !== null) ?? null,
    recorded: recorded as unknown as Recorded,
  };
}

/** The same for a whole answer. */
async function whole(
  { provider, model }: { readonly provider: string; readonly model: string },
  answer: JsonObject,
): Promise<{ readonly told: unknown; readonly recorded: Recorded }> {
  bench.upstreams[provider]!.play(body(JSON.stringify(answer)));
  const response = await bench.gateway.post('/v1/chat/completions', { model, messages: MESSAGES });
  const { id, usage } = (await response.json()) as { id: string; usage: unknown };
  return { told: usage, recorded: (await bench.gateway.record(id)) as unknown as Recorded };
}

const OPENAI = openAiStream(['ein']);
const DEEPSEEK = deepSeekStream(['ein']);
const ANTHROPIC = anthropicStream(['ein']);
const GEMINI = geminiStream(['ein']);

/** Streams whose last report of usage is this one. */
const reporting = {
  openai: (usage: JsonObject) => [
    ...OPENAI.events.slice(0, OPENAI.terminal + 1),
    data({ choices: [], model: 'gpt-4o-2024-08-06', usage }),
    DONE,
  ],
  anthropic: (usage: JsonObject) => [
    ...ANTHROPIC.events.slice(0, -2),
    named('message_delta', { delta: { stop_reason: 'end_turn' }, usage }),
    MESSAGE_STOP,
  ],
  google: (usageMetadata: JsonObject) => [
    data({ candidates: [{ content: { parts: [{ text: 'ein' }] } }], usageMetadata: { promptTokenCount: 5 } }),
    data({ candidates: [{ content: { parts: [{ text: ' zwei' }] }, finishReason: 'STOP' }], usageMetadata }),
  ],
} as const;

describe('what was used, as the vendor reports it', () => {
  test('Anthropic: what the end says supersedes what the beginning said', async () => {
    const events = reporting.anthropic({ input_tokens: 61, output_tokens: 2 });
    const { told, recorded } = await stream(ANTHROPIC, events);
    expect(told).toMatchObject({ prompt_tokens: 61, completion_tokens: 2, total_tokens: 63 });
    expect(recorded.usage).toMatchObject({ prompt_tokens: 61, completion_tokens: 2, total_tokens: 63 });
  });

  test('Anthropic: what the end leaves out stands as the beginning said it', async () => {
    const { told } = await stream(ANTHROPIC, reporting.anthropic({ output_tokens: 7, input_tokens: null }));
    expect(told).toMatchObject({ prompt_tokens: 5, completion_tokens: 7 });
  });

  test('Gemini: each report holds all before it, and the last one counts', async () => {
    const events = reporting.google({
      promptTokenCount: 9,
      candidatesTokenCount: 23,
      thoughtsTokenCount: 302,
      totalTokenCount: 334,
    });
    const { told, recorded } = await stream(GEMINI, events);
    const counts = { prompt_tokens: 9, completion_tokens: 325, total_tokens: 334 };
    expect(told).toMatchObject({ ...counts, completion_tokens_details: { reasoning_tokens: 302 } });
    expect(recorded.usage).toMatchObject({ ...counts, reasoning_tokens: 302 });
  });

  test('more reasoning than there are tokens is passed on as it is, and flagged', async () => {
    const usage = {
      prompt_tokens: 43,
      completion_tokens: 10,
      total_tokens: 53,
      completion_tokens_details: { reasoning_tokens: 11 },
    };
    const { told, recorded } = await stream(OPENAI, reporting.openai(usage));
    expect(told).toMatchObject(usage);
    expect(recorded.usage).toMatchObject({ completion_tokens: 10, reasoning_tokens: 11 });
    expect(recorded.attempts[0]?.flags).toEqual(['usage_inconsistent']);
  });

  test.each(textStreams(['ein', 'zwei']).map((upstream) => [upstream.name, upstream] as const))(
    '%s: a client that does not ask is told nothing, and the record has it',
    async (_name, upstream) => {
      const { told, recorded } = await stream(upstream, upstream.events, false);
      expect(told).toBeNull();
      expect(recorded.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 });
      expect(recorded.attempts[0]?.flags).toEqual([]);
    },
  );

  test('none reported is unknown, and so is the cost', async () => {
    const { told, recorded } = await stream(OPENAI, [...OPENAI.events.slice(0, OPENAI.terminal + 1), DONE]);
    expect([told, recorded.usage, recorded.cost]).toEqual([null, null, null]);
    expect(recorded.attempts[0]?.flags).toEqual([]);
  });

  test.each(textStreams(['ein', 'zwei', 'drei']).map((upstream) => [upstream.name, upstream] as const))(
    '%s: of an answer that its client gave up the tokens are estimated, and the cost is not known',
    async (_name, upstream) => {
      bench.upstreams[upstream.provider]!.play(
        eventStream(upstream.events.slice(0, upstream.provider === 'google' ? 1 : upstream.firstContent + 1), 'open'),
      );
      const controller = new AbortController();
      const response = await fetch(`${bench.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: upstream.model, messages: MESSAGES, stream: true }),
        signal: controller.signal,
      });
      const id = response.headers.get('x-request-id') ?? '';
      controller.abort();
      const count = expect.any(Number) as number;
      const usage = { prompt_tokens: count, completion_tokens: count, cached_tokens: null, source: 'estimated' };
      await vi.waitFor(
        async () => {
          expect(await bench.gateway.record(id)).toMatchObject({
            status: 'cancelled',
            usage,
            cost: null,
            attempts: [{ usage, cost: null, possibly_billed: true }],
          });
        },
        { timeout: 5_000 },
      );
    },
  );
});

describe('a count that cannot be one is unknown, never 0, and flagged', () => {
  const absurd: readonly (readonly [string, unknown])[] = [
    ['negative', -6],
    ['beyond measure', 1e18],
    ['infinite', 'Infinity'],
    ['a fraction', 6.5],
    ['a text', '6'],
    ['a list', [6]],
  ];
  /** As JSON, in which `1e999` is a number without measure. */
  const withCount = (events: readonly string[], count: unknown): readonly string[] =>
    events.map((event) => event.replaceAll('"COUNT"', count === 'Infinity' ? '1e999' : JSON.stringify(count)));

  const cases = [
    ['OpenAI', OPENAI, reporting.openai({ prompt_tokens: 5, completion_tokens: 'COUNT', total_tokens: 11 })],
    ['Anthropic', ANTHROPIC, reporting.anthropic({ output_tokens: 'COUNT' })],
    ['Anthropic, cached', ANTHROPIC, reporting.anthropic({ output_tokens: 6, cache_read_input_tokens: 'COUNT' })],
    ['Gemini', GEMINI, reporting.google({ promptTokenCount: 5, candidatesTokenCount: 'COUNT', totalTokenCount: 11 })],
  ] as const;

  test.each(cases.flatMap((row) => absurd.map(([what, count]) => [row[0], what, row[1], row[2], count] as const)))(
    '%s: %s, in a stream',
    async (_name, _what, upstream, events, count) => {
      const { told, recorded } = await stream(upstream, withCount(events, count));
      expect([told, recorded.usage, recorded.cost]).toEqual([null, null, null]);
      expect(recorded.attempts[0]).toMatchObject({ usage: null, flags: ['usage_unreadable'] });
    },
  );

  const answers: readonly (readonly [string, typeof OPENAI, JsonObject])[] = [
    [
      'OpenAI',
      OPENAI,
      {
        object: 'chat.completion',
        model: 'gpt-4o-2024-08-06',
        choices: [{ index: 0, message: { role: 'assistant', content: 'ein' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: -1, completion_tokens: 6, total_tokens: 11 },
      },
    ],
    [
      'Anthropic',
      ANTHROPIC,
      {
        type: 'message',
        model: 'claude-opus-4-8',
        content: [{ type: 'text', text: 'ein' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: -1, output_tokens: 6 },
      },
    ],
    [
      'Gemini',
      GEMINI,
      {
        candidates: [{ content: { parts: [{ text: 'ein' }] }, finishReason: 'STOP' }],
        modelVersion: 'gemini-2.5-flash',
        usageMetadata: { promptTokenCount: -1, candidatesTokenCount: 6 },
      },
    ],
  ];
  test.each(answers)('%s: in a whole answer', async (_name, upstream, answer) => {
    const { told, recorded } = await whole(upstream, answer);
    expect([told, recorded.usage, recorded.cost]).toEqual([null, null, null]);
    expect(recorded.attempts[0]).toMatchObject({ usage: null, flags: ['usage_unreadable'] });
  });

  test('one that only says more than the others takes nothing from them', async () => {
    const usage = {
      prompt_tokens: 5,
      completion_tokens: 6,
      total_tokens: 'eleven',
      prompt_tokens_details: { cached_tokens: -1, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 1e18 },
    };
    const { told, recorded } = await stream(OPENAI, reporting.openai(usage));
    expect(told).toMatchObject({
      prompt_tokens: 5,
      completion_tokens: 6,
      total_tokens: 11,
      prompt_tokens_details: { audio_tokens: 0 },
      completion_tokens_details: {},
    });
    expect(told).not.toHaveProperty('prompt_tokens_details.cached_tokens');
    expect(told).not.toHaveProperty('completion_tokens_details.reasoning_tokens');
    expect(recorded.usage).toMatchObject({ total_tokens: 11, cached_tokens: null, reasoning_tokens: null });
    expect(recorded.attempts[0]?.flags).toEqual(['usage_unreadable']);
  });

  test('one that is no JSON takes its event with it', async () => {
    const events = reporting.openai({ prompt_tokens: 5, completion_tokens: 'COUNT' });
    const { told, recorded } = await stream(
      OPENAI,
      events.map((event) => event.replaceAll('"COUNT"', 'NaN')),
    );
    expect([told, recorded.usage, recorded.cost]).toEqual([null, null, null]);
    expect(recorded).toMatchObject({ degraded: { reason: 'event_skipped' } });
  });

  test('an answer of which another report follows is counted by that one', async () => {
    const events = [
      ...DEEPSEEK.events.slice(0, -2),
      data({ choices: [], model: 'deepseek-chat', usage: { prompt_tokens: -5, completion_tokens: 6 } }),
      ...DEEPSEEK.events.slice(-2),
    ];
    const { told, recorded } = await stream(DEEPSEEK, events);
    expect(told).toMatchObject({ prompt_tokens: 5, completion_tokens: 6 });
    expect(recorded.attempts[0]?.flags).toEqual([]);
  });
});
