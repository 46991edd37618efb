import { afterAll, beforeAll, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { startTestGateway } from '../support/gateway.ts';
import { eventStream, startRawUpstream, type RawUpstream } from '../support/raw-upstream.ts';
import { openUpstreamBench, type UpstreamBench } from '../support/upstream-bench.ts';
import { answer, json } from '../support/vendor-answers.ts';

/** Traps of translation between OpenAI's chat and Google's generateContent: exact input, exact output. */
const CONFIG = `providers: { openai: { sim: true }, anthropic: { sim: true }, google: { sim: true }, deepseek: { sim: true } }
models:
  g2: { at: google, id: gemini-2.5-flash }
  g3: { at: google, id: gemini-3-pro }
routes:
  strict: { try: [g2], params: strict }
  strict3: { try: [g3], params: strict }
`;
const OK = json({ candidates: [{ content: { parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' }] });
const U = { role: 'user', content: 'u' };

let bench: UpstreamBench;
let google: RawUpstream;
beforeAll(async () => {
  bench = await openUpstreamBench({ config: CONFIG });
  google = bench.upstreams['google'] as RawUpstream;
});
afterAll(() => bench.close());

interface Told {
  readonly status: number;
  readonly body: JsonObject;
  /** What the vendor was sent; `null` when it was not asked. */
  readonly sent: JsonObject | null;
  readonly adjustments: readonly JsonObject[];
}

/** Asks through the OpenAI dialect. */
async function chat(members: JsonObject, model = 'g2'): Promise<Told> {
  const before = google.requests.length;
  const response = await bench.gateway.post('/v1/chat/completions', { model, ...members });
  const body = (await response.json()) as JsonObject;
  const received = google.requests.length > before ? google.requests.at(-1) : undefined;
  const candor = body['candor'] as { adjustments?: readonly JsonObject[] } | undefined;
  return {
    status: response.status,
    body,
    sent: received === undefined ? null : (JSON.parse(received.body) as JsonObject),
    adjustments: candor?.adjustments ?? [],
  };
}

/** The chunks of a stream through the OpenAI dialect, and the last word if it is an error. */
async function stream(members: JsonObject, model = 'g2'): Promise<readonly JsonObject[]> {
  const response = await bench.gateway.post('/v1/chat/completions', {
    model,
    messages: [U],
    stream: true,
    stream_options: { include_usage: true },
    ...members,
  });
  const events = (await response.text()).split('\n\n').map((event) => event.replace(/^data: /, ''));
  return events.filter((event) => event.startsWith('{')).map((event) => JSON.parse(event) as JsonObject);
}

function sse(...chunks: readonly JsonObject[]): ReturnType<typeof eventStream> {
  return eventStream(
    chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`),
    'clean',
  );
}

function choice({ body }: Told): { readonly message: JsonObject } & JsonObject {
  return (body['choices'] as readonly ({ message: JsonObject } & JsonObject)[])[0] as {
    message: JsonObject;
  } & JsonObject;
}

/** The contents that were sent. */
function contents({ sent }: Pick<Told, 'sent'>): readonly JsonObject[] {
  return (sent?.['contents'] ?? []) as readonly JsonObject[];
}

/** The configuration of the answer that was sent. */
function config({ sent }: Pick<Told, 'sent'>): JsonObject {
  return (sent?.['generationConfig'] ?? {}) as JsonObject;
}

function error({ body }: Told): JsonObject {
  return body['error'] as JsonObject;
}

const call = (id: string, name = 'f', args = '{}'): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const result = (id: string, content: JsonValue = 'r'): JsonObject => ({ role: 'tool', tool_call_id: id, content });
const TOOLS = [{ type: 'function', function: { name: 'f' } }];

test('trap 1: system texts stand beside the conversation, not joined and in order', async () => {
  google.play(OK);
  const { sent } = await chat({ messages: [{ role: 'system', content: 's1' }, { role: 'system', content: 's2' }, U] });
  expect(sent).toEqual({
    systemInstruction: { parts: [{ text: 's1' }, { text: 's2' }] },
    contents: [{ role: 'user', parts: [{ text: 'u' }] }],
  });
});

test('trap 4: two user messages are two parts of one turn', async () => {
  google.play(OK);
  const { sent } = await chat({
    messages: [
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
    ],
  });
  expect(sent?.['contents']).toEqual([{ role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }]);
});

test('trap 5: a system message alone gets no invented user message', async () => {
  const told = await chat({ messages: [{ role: 'system', content: 's' }] });
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, 'messages', null]);
});

test('trap 6: a conversation that begins with the assistant gets no invented user turn', async () => {
  const told = await chat({ messages: [{ role: 'assistant', content: 'a' }, U] });
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, 'messages[0].role', null]);
});

test('trap 8: an assistant that only calls has calls only', async () => {
  google.play(OK);
  const { sent } = await chat({
    messages: [U, { role: 'assistant', content: null, tool_calls: [call('c1')] }, result('c1')],
    tools: TOOLS,
  });
  expect(contents({ sent })[1]).toEqual({
    role: 'model',
    parts: [{ functionCall: { id: 'c1', name: 'f', args: {} } }],
  });
});

test('trap 10: a name is dropped and said to be, and refused under strict', async () => {
  google.play(OK);
  const { sent, adjustments } = await chat({ messages: [{ ...U, name: 'bob' }] });
  expect(sent?.['contents']).toEqual([{ role: 'user', parts: [{ text: 'u' }] }]);
  expect(adjustments).toMatchObject([{ param: 'messages[0].name', asked: 'bob', sent: null, kind: 'dropped' }]);
  const told = await chat({ messages: [{ ...U, name: 'bob' }] }, 'strict');
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, 'messages[0].name', null]);
});

test('trap 13: the developer is the system', async () => {
  google.play(OK);
  const { sent } = await chat({ messages: [{ role: 'developer', content: 'd' }, U] });
  expect(sent?.['systemInstruction']).toEqual({ parts: [{ text: 'd' }] });
});

test('trap 14: what another vendor signed is dropped, the text it wrote is kept', async () => {
  google.play(OK);
  const blocks = [{ type: 'thinking', thinking: 't', signature: 's' }];
  const { sent, adjustments } = await chat({
    messages: [U, { role: 'assistant', content: 'a', extra_content: { anthropic: { thinking_blocks: blocks } } }, U],
  });
  expect(contents({ sent })[1]).toEqual({ role: 'model', parts: [{ text: 'a' }] });
  expect(adjustments).toMatchObject([{ param: 'messages[1].extra_content.anthropic', sent: null, kind: 'dropped' }]);
});

const UNSIGNED = {
  messages: [U, { role: 'assistant', content: null, tool_calls: [call('c1')] }, result('c1')],
  tools: TOOLS,
};

test('trap 16: a call that nobody signed goes with the documented stand-in, and not under strict', async () => {
  google.play(OK);
  const { sent, adjustments } = await chat(UNSIGNED, 'g3');
  expect(contents({ sent })[1]).toEqual({
    role: 'model',
    parts: [{ functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'skip_thought_signature_validator' }],
  });
  const param = 'messages[1].tool_calls[0].extra_content.google.thought_signature';
  expect(adjustments).toMatchObject([{ param, asked: null, kind: 'defaulted' }]);
  const told = await chat(UNSIGNED, 'strict3');
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, param, null]);
});

test('trap 16: a signature survives the way to the client and back', async () => {
  const signed = { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'c2ln' };
  google.play(json({ candidates: [{ content: { role: 'model', parts: [signed] }, finishReason: 'STOP' }] }));
  const { message } = choice(await chat({ messages: [U], tools: TOOLS }, 'g3'));
  expect(message['tool_calls']).toEqual([{ ...call('c1'), extra_content: { google: { thought_signature: 'c2ln' } } }]);
  google.play(OK);
  const { sent, adjustments } = await chat({ messages: [U, message, result('c1')], tools: TOOLS }, 'g3');
  expect(contents({ sent })[1]).toEqual({ role: 'model', parts: [signed] });
  expect(adjustments).toEqual([]);
});

test('trap 19: a result of no call is refused by its id', async () => {
  const told = await chat({ messages: [U, result('c9')] });
  expect([told.status, told.sent]).toEqual([400, null]);
  expect(error(told)['message']).toContain('c9');
});

const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const WITH_IMAGE = {
  messages: [
    U,
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ ...call('c1'), extra_content: { google: { thought_signature: 'c2ln' } } }],
    },
    result('c1', [{ type: 'text', text: 'seen' }, IMAGE]),
  ],
  tools: TOOLS,
};

test('trap 21: an image in a result is a part of it from Gemini 3 on, and refused before', async () => {
  google.play(OK);
  const { sent } = await chat(WITH_IMAGE, 'g3');
  expect(contents({ sent })[2]).toEqual({
    role: 'user',
    parts: [
      {
        functionResponse: {
          id: 'c1',
          name: 'f',
          response: { output: 'seen' },
          parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }],
        },
      },
    ],
  });
  const told = await chat(WITH_IMAGE);
  expect([told.status, told.sent]).toEqual([400, null]);
  expect(error(told)['param']).toMatch(/^messages\[2\]\.content\[1\]/);
});

test('trap 23: calls without ids get distinct ones, always the same, and their results find them', async () => {
  const parts = [1, 3].map((x) => ({ functionCall: { name: 'sum', args: { x } } }));
  google.play(
    json({ candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }], responseId: 'r' }),
  );
  const request = { messages: [U], tools: [{ type: 'function', function: { name: 'sum' } }] };
  const [first, second] = [choice(await chat(request)), choice(await chat(request))];
  const calls = first.message['tool_calls'] as readonly { readonly id: string }[];
  expect(second.message['tool_calls']).toEqual(calls);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  google.play(OK);
  const results = calls.map(({ id }, index) => result(id, `r${index}`)).toReversed();
  const { sent } = await chat({ ...request, messages: [U, first.message, ...results] });
  const answered = contents({ sent })[2]?.['parts'] as readonly { readonly functionResponse: JsonObject }[];
  expect(answered.map(({ functionResponse }) => functionResponse['response'])).toEqual([
    { output: 'r0' },
    { output: 'r1' },
  ]);
});

test.each([
  ['27', '{"a":'],
  ['28', '{"id":12345678901234567890}'],
])('trap %s: arguments that are no exact JSON object are refused by their path', async (_trap, args) => {
  const told = await chat({
    messages: [U, { role: 'assistant', content: null, tool_calls: [call('c1', 'f', args)] }, result('c1')],
    tools: TOOLS,
  });
  expect([told.status, error(told)['param'], told.sent]).toEqual([
    400,
    'messages[1].tool_calls[0].function.arguments',
    null,
  ]);
});

test('trap 29: names of 128 characters with dots are taken by this vendor alone', async () => {
  google.play(OK);
  const name = `a.b${'c'.repeat(125)}`;
  const response = await bench.gateway.post('/v1beta/models/g2:generateContent', {
    contents: [{ role: 'user', parts: [{ text: 'u' }] }],
    tools: [{ functionDeclarations: [{ name }] }],
  });
  expect(response.status).toBe(200);
  expect(JSON.parse(google.requests.at(-1)?.body ?? '')).toMatchObject({
    tools: [{ functionDeclarations: [{ name }] }],
  });
});

test('trap 33: one call at a time is no promise this vendor makes', async () => {
  const told = await chat({ messages: [U], tools: TOOLS, parallel_tool_calls: false });
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, 'parallel_tool_calls', null]);
});

test('trap 36: arguments that come by their paths become whole ones, without a last word too', async () => {
  const piece = (functionCall: JsonObject, more: JsonObject = {}): JsonObject => ({
    candidates: [{ content: { role: 'model', parts: [{ functionCall }] }, ...more }],
  });
  google.play(
    sse(
      piece({ name: 'w', willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.location', stringValue: 'San ', willContinue: true }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.location', stringValue: 'Francisco' }], willContinue: true }),
      { candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }] },
    ),
  );
  const chunks = await stream({ tools: TOOLS });
  const deltas = chunks.flatMap((chunk) => chunk['choices'] as readonly { readonly delta: JsonObject }[]);
  const args = deltas.flatMap(
    ({ delta }) => (delta['tool_calls'] as readonly { function: { arguments?: string } }[] | undefined) ?? [],
  );
  expect(args.map((each) => each.function.arguments ?? '').join('')).toBe('{"location":"San Francisco"}');
});

test('trap 37: a call ends with STOP, which is tool_calls', async () => {
  const parts = [{ functionCall: { name: 'f', args: {} } }];
  google.play(json({ candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }] }));
  expect(choice(await chat({ messages: [U], tools: TOOLS }))['finish_reason']).toBe('tool_calls');
});

test('trap 38: a malformed call is a failure, not an empty stop', async () => {
  google.play(json({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }));
  const told = await chat({ messages: [U], tools: TOOLS });
  expect([told.status, error(told)['code']]).toEqual([502, 'upstream_malformed_tool_call']);
});

test('trap 40: an answer whose room went to thinking is short, not complete, and flagged', async () => {
  google.play(
    json({
      candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }],
      usageMetadata: { promptTokenCount: 15, thoughtsTokenCount: 2, totalTokenCount: 17 },
    }),
  );
  const told = await chat({ messages: [U], max_tokens: 5 });
  expect(choice(told)).toMatchObject({ message: { content: null }, finish_reason: 'length' });
  expect(told.body['usage']).toMatchObject({
    prompt_tokens: 15,
    completion_tokens: 2,
    total_tokens: 17,
    completion_tokens_details: { reasoning_tokens: 2 },
  });
  const record = await bench.gateway.record(told.body['id'] as string);
  expect(JSON.stringify(record['attempts'])).toContain('all_output_spent_on_reasoning');
});

test('trap 44: two answers keep their places, whole and in a stream', async () => {
  const candidate = (index: number, text: string, finish = true): JsonObject => ({
    content: { role: 'model', parts: [{ text }] },
    ...(finish ? { finishReason: 'STOP' } : {}),
    index,
  });
  google.play(json({ candidates: [candidate(0, 'a'), candidate(1, 'b')] }));
  const told = await chat({ messages: [U], n: 2 });
  expect(told.sent?.['generationConfig']).toEqual({ candidateCount: 2 });
  expect(told.body['choices']).toMatchObject([
    { index: 0, message: { content: 'a' } },
    { index: 1, message: { content: 'b' } },
  ]);
  google.play(
    sse(
      { candidates: [candidate(1, 'b1', false)] },
      { candidates: [candidate(0, 'a1', false)] },
      { candidates: [candidate(0, 'a2')] },
      { candidates: [candidate(1, 'b2')] },
    ),
  );
  const texts = ['', ''];
  for (const chunk of await stream({ n: 2 })) {
    for (const { index, delta } of chunk['choices'] as readonly { index: number; delta: { content?: string } }[]) {
      texts[index] += delta.content ?? '';
    }
  }
  expect(texts).toEqual(['a1a2', 'b1b2']);
});

test('trap 45: a seed passes, tokens of another vocabulary are refused', async () => {
  google.play(OK);
  expect((await chat({ messages: [U], seed: 7, logit_bias: {} })).sent?.['generationConfig']).toEqual({ seed: 7 });
  const told = await chat({ messages: [U], logit_bias: { 50256: -100 } });
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, 'logit_bias', null]);
});

test('trap 46: Vertex tells how likely its tokens were, but for their bytes; the Gemini API does not', async () => {
  const vertex = await startRawUpstream(
    json({
      candidates: [
        {
          content: { parts: [{ text: 'Hi' }] },
          finishReason: 'STOP',
          logprobsResult: {
            chosenCandidates: [{ token: 'Hi', tokenId: 7, logProbability: -0.25 }],
            topCandidates: [
              {
                candidates: [
                  { token: 'Hi', tokenId: 7, logProbability: -0.25 },
                  { token: 'Ho', tokenId: 8, logProbability: -2 },
                ],
              },
            ],
          },
        },
      ],
    }),
  );
  const gateway = await startTestGateway({
    config: 'providers: { vertex: { sim: true } }\nmodels: { v2: { at: vertex, id: gemini-2.5-flash } }\n',
    upstreams: { vertex: vertex.url },
  });
  try {
    const response = await gateway.post('/v1/chat/completions', {
      model: 'v2',
      messages: [U],
      logprobs: true,
      top_logprobs: 2,
    });
    expect(JSON.parse(vertex.requests[0]?.body ?? '')).toMatchObject({
      generationConfig: { responseLogprobs: true, logprobs: 2 },
    });
    const { choices } = (await response.json()) as { choices: readonly JsonObject[] };
    expect(choices[0]?.['logprobs']).toEqual({
      content: [
        {
          token: 'Hi',
          logprob: -0.25,
          bytes: null,
          top_logprobs: [
            { token: 'Hi', logprob: -0.25, bytes: null },
            { token: 'Ho', logprob: -2, bytes: null },
          ],
        },
      ],
      refusal: null,
    });
  } finally {
    await gateway.close();
    await vertex.close();
  }
  const told = await chat({ messages: [U], logprobs: true });
  expect([told.status, error(told)['param'], told.sent]).toEqual([400, 'logprobs', null]);
});

test('trap 51: const becomes enum, and null among the types stays', async () => {
  google.play(json({ candidates: [{ content: { parts: [{ text: '{"a":null,"b":"x"}' }] }, finishReason: 'STOP' }] }));
  const schema = {
    type: 'object',
    properties: { a: { type: ['string', 'null'] }, b: { const: 'x' } },
    required: ['a', 'b'],
  };
  const { sent } = await chat({
    messages: [U],
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
  });
  const asked = config({ sent });
  expect(asked['responseMimeType']).toBe('application/json');
  expect((asked['responseJsonSchema'] as JsonObject)['properties']).toEqual({
    a: { type: ['string', 'null'] },
    b: { enum: ['x'] },
  });
});

test('trap 52: a schema that refers to itself passes', async () => {
  const text = '{"value":"A","children":[{"value":"B"},{"value":"C"}]}';
  google.play(json({ candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }] }));
  const schema = {
    $defs: {
      Tree: {
        type: 'object',
        properties: { value: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
        required: ['value'],
      },
    },
    $ref: '#/$defs/Tree',
  };
  const told = await chat({
    messages: [U],
    response_format: { type: 'json_schema', json_schema: { name: 'Tree', schema } },
  });
  expect(config(told)['responseJsonSchema']).toMatchObject(schema);
  expect(choice(told).message['content']).toBe(text);
});

test('trap 58: of the counts of a stream the last are taken, thoughts with the answer', async () => {
  const chunk = (text: string, counts: JsonObject, more: JsonObject = {}): JsonObject => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
    usageMetadata: counts,
  });
  google.play(
    sse(
      chunk('a', { promptTokenCount: 9, candidatesTokenCount: 5, totalTokenCount: 300 }),
      chunk(
        'b',
        { promptTokenCount: 9, candidatesTokenCount: 23, thoughtsTokenCount: 302, totalTokenCount: 334 },
        { finishReason: 'STOP' },
      ),
    ),
  );
  const last = (await stream({})).at(-1);
  expect(last?.['usage']).toMatchObject({
    prompt_tokens: 9,
    completion_tokens: 325,
    total_tokens: 334,
    completion_tokens_details: { reasoning_tokens: 302 },
  });
});

test('trap 60: a blocked prompt is content_filter without content or counts', async () => {
  google.play(json({ promptFeedback: { blockReason: 'SAFETY' } }));
  const told = await chat({ messages: [U] });
  expect(choice(told)).toMatchObject({ message: { content: null, refusal: null }, finish_reason: 'content_filter' });
  expect([told.status, told.body['usage']]).toEqual([200, null]);
});

test('trap 60: a word of the vendor for blocking is content_filter, one nobody knows is a failure', async () => {
  const ended = (finishReason: string): ReturnType<typeof json> =>
    json({ candidates: [{ content: { parts: [{ text: 'Some' }] }, finishReason }] });
  google.play(ended('MODEL_ARMOR'));
  expect(choice(await chat({ messages: [U] }))['finish_reason']).toBe('content_filter');
  google.play(ended('FAKE_ENUM'));
  const told = await chat({ messages: [U] });
  expect([told.status, error(told)['code']]).toEqual([502, 'upstream_unknown_finish_reason']);
});

function vendorError(
  code: number,
  status: string,
  message: string,
  details: readonly JsonObject[],
): ReturnType<typeof answer> {
  const text = JSON.stringify({ error: { code, message, status, details } });
  return answer(`${code} No`, ['content-type: application/json'], text);
}

test("trap 62: the operator's bad key is not the client's fault", async () => {
  google.play(vendorError(400, 'INVALID_ARGUMENT', 'API key not valid.', [{ reason: 'API_KEY_INVALID' }]));
  const told = await chat({ messages: [U] });
  expect([told.status, error(told)['code']]).toEqual([502, 'upstream_auth']);
});

const QUOTA = (quotaId: string, quotaValue: string, retryDelay: string): readonly JsonObject[] => [
  { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId, quotaValue }] },
  { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
];

test('trap 63: a prompt larger than what a minute allows never fits, whatever the vendor says of waiting', async () => {
  const details = QUOTA('GenerateContentPaidTierInputTokensPerModelPerMinute', '1000', '48s');
  google.play(vendorError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', details));
  const before = google.requests.length;
  const told = await chat({ messages: [{ role: 'user', content: 'word '.repeat(2000) }] });
  expect([told.status, error(told)['code']]).toEqual([400, 'context_length_exceeded']);
  expect(google.requests.length - before).toBe(1);
});

test('trap 63: what a day allows is a quota, not a rate', async () => {
  const details = QUOTA('GenerateRequestsPerDayPerProjectPerModel-FreeTier', '20', '34.4s');
  google.play(vendorError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', details));
  const told = await chat({ messages: [U] });
  expect([told.status, error(told)['code']]).toEqual([502, 'upstream_quota']);
});

test('trap 64: a rate limit tells to wait as long as the vendor says, in its seconds', async () => {
  const details = QUOTA('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', '10', '34.4s');
  google.play(vendorError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', details));
  const response = await bench.gateway.post('/v1/chat/completions', { model: 'g2', messages: [U] });
  expect([response.status, response.headers.get('retry-after-ms')]).toEqual([429, '34400']);
});
