import { afterAll, beforeAll, expect, test } from 'vitest';

import type { JsonObject } from '../../src/core/json.ts';
import { startKeyedGateway, type KeyedGateway } from '../support/keyed-gateway.ts';
import { eventStream } from '../support/raw-upstream.ts';
import { expectRefused } from '../support/refusal.ts';
import { readStream } from '../support/stream-reading.ts';
import { MESSAGE_START, MESSAGE_STOP, named } from '../support/upstream-streams.ts';
import { anthropicMessage, completion, json } from '../support/vendor-answers.ts';

const ROUTES = ['chain: { try: [deepseek-chat, gpt-4o] }', 'tools: { try: [gemini-flash, gpt-4o, claude-opus] }'];
const TOOLS: readonly JsonObject[] = [
  { type: 'function', function: { name: 'make_file', parameters: { type: 'object', properties: {} } } },
];

let gateway: KeyedGateway;
beforeAll(async () => {
  gateway = await startKeyedGateway({ routes: ROUTES });
});
afterAll(() => gateway.close());

function ask(request: JsonObject): Promise<Response> {
  return gateway.ask({ messages: [{ role: 'user', content: 'Answer in JSON' }], ...request });
}

test('trap 33: who cannot be told to make one call is not asked, and two calls of who was told are a validation failure', async () => {
  const call = (id: string, city: string): JsonObject => {
    return { id, type: 'function', function: { name: 'make_file', arguments: JSON.stringify({ city }) } };
  };
  const twice = { role: 'assistant', content: null, tool_calls: [call('call_1', 'Oslo'), call('call_2', 'Rome')] };
  gateway.upstreams.openai.play(
    json(completion({ members: { choices: [{ index: 0, message: twice, finish_reason: 'tool_calls' }] } })),
  );
  const once = { type: 'tool_use', id: 'toolu_1', name: 'make_file', input: { city: 'Oslo' } };
  gateway.upstreams.anthropic.play(json(anthropicMessage({ finish: 'tool_use', members: { content: [once] } })));
  const asked = gateway.upstreams.google.requests.length;
  const response = await ask({ model: 'tools', tools: TOOLS, parallel_tool_calls: false });
  const answered = (await response.json()) as {
    readonly choices: readonly { readonly message: JsonObject }[];
  };
  expect(answered.choices[0]?.message['tool_calls']).toEqual([call('toolu_1', 'Oslo')]);
  expect(gateway.upstreams.google.requests).toHaveLength(asked);
  const { candidates, attempts } = await gateway.record(response.headers.get('x-request-id') ?? '');
  expect(candidates.find(({ deployment }) => deployment === 'google/gemini-flash')).toMatchObject({
    verdict: 'excluded',
    reasons: [{ rule: 'single_tool_call', need: 'parallel_tool_calls' }],
  });
  expect(attempts.map(({ deployment, kind }) => [deployment, kind])).toEqual([
    ['openai/gpt-4o', 'validation_failed'],
    ['anthropic/claude-opus', 'ok'],
  ]);
  expect(attempts[0]?.validation).toEqual({
    status: 'failed',
    verdicts: [{ validator: 'parallel_tool_calls', outcome: 'fail', reason: 'the model called 2 tools at once' }],
  });
});

test.each([[true], [false]])(
  'trap 34: a cut inside a tool call’s JSON is a length stop with the arguments as they came, flagged (stream: %s)',
  async (stream) => {
    const partial = '{"filename": "taxes.txt", "lines_of_text": [\n"# GUIDE",\n"Filing taxes';
    const pieces = [partial.slice(0, 23), partial.slice(23)];
    const block = { type: 'tool_use', id: 'toolu_01', name: 'make_file', input: {} };
    const events = [
      MESSAGE_START,
      named('content_block_start', { index: 0, content_block: block }),
      ...pieces.map((piece) =>
        named('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: piece } }),
      ),
      named('message_delta', {
        delta: { stop_reason: 'max_tokens', stop_sequence: null },
        usage: { output_tokens: 124 },
      }),
      MESSAGE_STOP,
    ];
    gateway.upstreams.anthropic.play(eventStream(events, 'clean'));
    const response = await ask({ model: 'claude-opus', stream, tools: TOOLS, max_tokens: 124 });
    const text = await response.text();
    const { args, finish, candor } = stream ? streamedCall(text) : wholeCall(text);
    expect({ args, finish }).toEqual({ args: partial, finish: 'length' });
    expect(candor).toMatchObject({
      validation: {
        status: 'failed',
        verdicts: [
          {
            validator: 'tool_arguments',
            outcome: 'fail',
            reason: 'the arguments of tool_calls[0] (make_file) are not JSON',
          },
        ],
      },
      degraded: { reason: 'validation_failed' },
    });
  },
);

test('trap 54: what a vendor cannot enforce of a schema is checked by the original, and a violation is no success', async () => {
  const schema = {
    type: 'object',
    properties: {
      year: { type: 'integer', minimum: 1900 },
      tags: { type: 'array', items: { type: 'string' }, minItems: 3 },
    },
    required: ['year', 'tags'],
    additionalProperties: false,
  };
  const format = { type: 'json_schema', json_schema: { name: 'book', schema } };
  gateway.upstreams.anthropic.play(json(anthropicMessage({ text: '{"year": 1850, "tags": ["a", "b", "c"]}' })));
  const response = await ask({ model: 'claude-opus', response_format: format });
  const { message } = await expectRefused(response, 424, 'validation_failed');
  expect(message).toContain('/year must be >= 1900');
});

test('trap 55: white space from a vendor in JSON mode is an invalid answer, and another model is asked', async () => {
  gateway.upstreams.deepseek.play(json(completion({ text: '   \n\n   ' })));
  gateway.upstreams.openai.play(json(completion({ text: '{"ok": true}' })));
  const response = await ask({ model: 'chain', response_format: { type: 'json_object' } });
  const answered = (await response.json()) as {
    readonly choices: readonly { readonly message: JsonObject }[];
    readonly candor: JsonObject;
  };
  expect(answered.choices[0]?.message['content']).toBe('{"ok": true}');
  expect(answered.candor['fallback']).toEqual({ reason: 'validation_failed', certificate: null });
  const alone = await ask({ model: 'deepseek-chat', response_format: { type: 'json_object' } });
  await expectRefused(alone, 424, 'validation_failed');
});

interface Call {
  readonly args: string;
  readonly finish: string | undefined;
  readonly candor: unknown;
}

interface ToolMember {
  readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[];
}

function wholeCall(text: string): Call {
  const { choices, candor } = JSON.parse(text) as {
    readonly choices: readonly { readonly finish_reason: string; readonly message: ToolMember }[];
    readonly candor: unknown;
  };
  return { args: argumentsOf(choices.map(({ message }) => message)), finish: choices[0]?.finish_reason, candor };
}

function streamedCall(text: string): Call {
  const { finishReasons, candor } = readStream(text);
  const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
  const deltas = lines.flatMap((line) => {
    const { choices } = JSON.parse(line.slice('data: '.length)) as { choices?: readonly { delta: ToolMember }[] };
    return (choices ?? []).map(({ delta }) => delta);
  });
  return { args: argumentsOf(deltas), finish: finishReasons[0], candor };
}

function argumentsOf(members: readonly ToolMember[]): string {
  return members
    .flatMap((member) => member.tool_calls ?? [])
    .map((call) => call.function?.arguments ?? '')
    .join('');
}
