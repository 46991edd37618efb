import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { assemble, readStream } from './support/event-stream.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { provenanceSchema } from './support/provenance-schema.ts';
import { SIMULATED_MODELS } from './support/simulated-models.ts';

const WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'Name of the city' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
} as const satisfies OpenAI.ChatCompletionTool;

const TIME = {
  type: 'function',
  function: {
    name: 'get_time',
    description: 'The local time of a place',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
} as const satisfies OpenAI.ChatCompletionTool;

const ASKED: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'What is the weather in Paris and Berlin?' },
];

type Call = OpenAI.ChatCompletionMessageFunctionToolCall;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** Two calls of the one tool, each with an id of its own and arguments that parse. */
function expectBothCities(calls: readonly Call[] | undefined): void {
  expect(calls?.map((call) => call.function.name)).toEqual(['get_weather', 'get_weather']);
  expect(calls?.map((call) => JSON.parse(call.function.arguments) as unknown)).toEqual([
    { city: 'Paris' },
    { city: 'Berlin' },
  ]);
  expect(new Set(calls?.map((call) => call.id)).size).toBe(2);
  expect(calls?.every((call) => call.id !== '' && call.type === 'function')).toBe(true);
}

/** The results of the calls, in the other order than they were made: ids tie them, not positions. */
function results(calls: readonly Call[] | undefined): OpenAI.ChatCompletionToolMessageParam[] {
  const degrees: Readonly<Record<string, number>> = { Paris: 21, Berlin: 17 };
  return (calls ?? [])
    .map((call): OpenAI.ChatCompletionToolMessageParam => {
      const { city } = JSON.parse(call.function.arguments) as { city: string };
      return { role: 'tool', tool_call_id: call.id, content: JSON.stringify({ degrees: degrees[city] }) };
    })
    .toReversed();
}

describe.each(SIMULATED_MODELS)('$model', ({ model, provider }) => {
  test('calls a tool twice at once and answers from both results', async () => {
    const called = await gateway.client.chat.completions.create({ model, messages: ASKED, tools: [WEATHER] });
    const message = called.choices[0]?.message;
    expect(called.choices[0]?.finish_reason).toBe('tool_calls');
    const calls = message?.tool_calls as Call[] | undefined;
    expectBothCities(calls);
    const history = [...ASKED, message as OpenAI.ChatCompletionMessage, ...results(calls)];
    const answered = await gateway.client.chat.completions.create({ model, messages: history, tools: [WEATHER] });
    expect(answered.choices[0]?.finish_reason).toBe('stop');
    expect(answered.choices[0]?.message.content).toMatch(/Paris[^.]*21/);
    expect(answered.choices[0]?.message.content).toMatch(/Berlin[^.]*17/);
    expect(answered.choices[0]?.message.tool_calls ?? []).toEqual([]);
  });

  test('streams the same calls, whose fragments add up, and goes on from them', async () => {
    const { chunks, fields, endsWithDone } = await readStream(
      await gateway.client.chat.completions
        .create({ model, messages: ASKED, tools: [WEATHER], stream: true })
        .asResponse(),
    );
    expect({ fields, endsWithDone }).toEqual({ fields: ['data'], endsWithDone: true });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
    const message = assemble(chunks);
    expectBothCities(message.tool_calls);
    const deltas = chunks.flatMap((chunk) => chunk.choices.flatMap((choice) => choice.delta.tool_calls ?? []));
    // The id and the name come once, with the first fragment of each call.
    expect(deltas.filter((delta) => delta.id !== undefined).map((delta) => delta.index)).toEqual([0, 1]);
    expect(deltas.filter((delta) => delta.function?.name !== undefined)).toHaveLength(2);
    const history = [...ASKED, message, ...results(message.tool_calls)];
    const answered = await readStream(
      await gateway.client.chat.completions
        .create({ model, messages: history, tools: [WEATHER], stream: true })
        .asResponse(),
    );
    expect(assemble(answered.chunks).content).toMatch(/Paris[^.]*21/);
    expect(answered.chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  test('chooses between two tools, and calls none when told so', async () => {
    const tools = [WEATHER, TIME];
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'What is the weather in Lisbon and what is the local time in Tokyo?' },
    ];
    const both = await gateway.client.chat.completions.create({ model, messages, tools });
    const calls = (both.choices[0]?.message.tool_calls ?? []) as Call[];
    expect(
      Object.fromEntries(calls.map(({ function: { name, arguments: text } }) => [name, JSON.parse(text)])),
    ).toEqual({
      get_weather: { city: 'Lisbon' },
      get_time: { place: 'Tokyo' },
    });
    const named = await gateway.client.chat.completions.create({
      model,
      messages: ASKED,
      tools,
      tool_choice: { type: 'function', function: { name: 'get_time' } },
    });
    const namedCalls = (named.choices[0]?.message.tool_calls ?? []) as Call[];
    expect(new Set(namedCalls.map((call) => call.function.name))).toEqual(new Set(['get_time']));
    const none = await gateway.client.chat.completions.create({ model, messages: ASKED, tools, tool_choice: 'none' });
    expect(none.choices[0]?.finish_reason).toBe('stop');
    expect(none.choices[0]?.message.tool_calls ?? []).toEqual([]);
    const required = await gateway.client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Hello' }],
      tools: [WEATHER],
      tool_choice: 'required',
    });
    expect(required.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('makes one call where only one is allowed, or is not asked at all', async () => {
    const request = { model, messages: ASKED, tools: [WEATHER], parallel_tool_calls: false };
    if (provider === 'openai' || provider === 'anthropic') {
      const answer = await gateway.client.chat.completions.create(request);
      expect(answer.choices[0]?.message.tool_calls).toHaveLength(1);
      const { adjustments } = provenanceSchema.parse((answer as { candor?: unknown }).candor);
      expect(adjustments.map((adjustment) => adjustment.param)).not.toContain('parallel_tool_calls');
      return;
    }
    const before = gateway.simulator.received.length;
    await expect(gateway.client.chat.completions.create(request)).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'parallel_tool_calls',
    });
    expect(gateway.simulator.received).toHaveLength(before);
  });
});

describe('the runner of the SDK', () => {
  test.each(SIMULATED_MODELS)('carries $model through a whole tool loop', async ({ model, reasons }) => {
    const asked: string[] = [];
    const runner = gateway.client.chat.completions.runTools({
      model,
      messages: [...ASKED],
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: WEATHER.function.description,
            parameters: { ...WEATHER.function.parameters, required: ['city'] },
            parse: (text: string) => JSON.parse(text) as { city: string },
            function: ({ city }: { city: string }) => {
              asked.push(city);
              return { degrees: city.length };
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toMatch(/Paris[^.]*5.*Berlin[^.]*6/s);
    expect(asked).toEqual(['Paris', 'Berlin']);
    // The runner keeps only what the protocol knows, so the reasoning of the first turn does not come back.
    const { candor } = (await runner.finalChatCompletion()) as { candor?: unknown };
    const { adjustments } = provenanceSchema.parse(candor);
    const given = adjustments.filter((adjustment) => adjustment.param === 'messages[1].reasoning_content');
    expect(given.map(({ kind, sent }) => ({ kind, sent }))).toEqual(reasons ? [{ kind: 'defaulted', sent: '' }] : []);
  });
});
