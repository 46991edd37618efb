import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { openExtra } from '../src/core/sealed-extra.ts';
import { body, eventStream, type RawUpstream } from './support/raw-upstream.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { anthropicMessage, completion, json } from './support/vendor-answers.ts';

/** Google's dialect at the front door: before its own protocol, and before others. */
const CONFIG = `providers: { openai: { sim: true }, anthropic: { sim: true }, google: { sim: true }, deepseek: { sim: true } }
models:
  gpt: { at: openai, id: gpt-4o }
  claude: { at: anthropic, id: claude-opus-4-8 }
  gemini: { at: google, id: gemini-2.5-flash }
  gemini3: { at: google, id: gemini-3-pro }
routes:
  held: { try: [gemini], stream: hold }
`;
const HI = [{ role: 'user', parts: [{ text: 'Hi' }] }];

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench({ config: CONFIG });
});
afterAll(() => bench.close());

function upstream(name: string): RawUpstream {
  return bench.upstreams[name] as RawUpstream;
}

interface Chunk extends JsonObject {
  readonly candidates: readonly { readonly content: { readonly parts: readonly JsonObject[] } & JsonObject }[] &
    JsonObject[];
}

async function ask(model: string, request: JsonObject, method = 'generateContent'): Promise<Response> {
  return bench.gateway.post(`/v1beta/models/${model}:${method}`, request);
}

async function generate(model: string, request: JsonObject): Promise<JsonObject> {
  const response = await ask(model, request);
  return (await response.json()) as JsonObject;
}

/** What was last sent to the upstream. */
function sent(name: string): JsonObject {
  return JSON.parse(upstream(name).requests.at(-1)?.body ?? 'null') as JsonObject;
}

describe('before its own protocol', () => {
  test('the bytes of request and answer pass, but for what is ours', async () => {
    const request =
      '{"contents": [ {"role":"user","parts":[{"text":"Hi \\u00e9"}]} ], "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}],' +
      ' "newThing": {"a": 1.50}, "candor": {"tags": {"team": "a"}}, "generationConfig": {"temperature": 0.70}}';
    const whole =
      '{\n "candidates": [ {"content": {"role":"model","parts":[{"text":"He\\u0301"}]}, "finishReason":"STOP", "avgLogprobs": -0.10} ],\n' +
      ' "usageMetadata": {"promptTokenCount":2,"candidatesTokenCount":3,"totalTokenCount":5,"trafficType":"ON_DEMAND"}, "modelVersion":"gemini-2.5-flash", "responseId":"r1" }';
    upstream('google').play(body(whole));
    const response = await bench.gateway.post('/v1beta/models/gemini:generateContent', request, {
      'x-candor-body': 'off',
    });
    expect(upstream('google').requests.at(-1)?.body).toBe(request.replace(', "candor": {"tags": {"team": "a"}}', ''));
    expect(upstream('google').requests.at(-1)?.head).toContain(
      'POST /models/gemini-2.5-flash:generateContent HTTP/1.1',
    );
    const id = response.headers.get('x-request-id') ?? '';
    expect(await response.text()).toBe(
      whole
        .replace('"r1"', `"${id}"`)
        .replace(/\{"promptTokenCount".*?\}/, (usage) => JSON.stringify(JSON.parse(usage))),
    );
  });

  const CHUNKS = [
    'data: {"candidates": [{"content": {"parts": [{"text": "One \\"responseId\\": \\"r1\\""}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 2,"candidatesTokenCount": 1,"totalTokenCount": 3},"modelVersion": "gemini-2.5-flash","responseId": "r1"}\n\n',
    'data: {"candidates": [{"content": {"parts": [{"text": " two"}],"role": "model"},"finishReason": "STOP","index": 0,"safetyRatings": []}],"usageMetadata": {"promptTokenCount": 2,"candidatesTokenCount": 3,"totalTokenCount": 5},"modelVersion": "gemini-2.5-flash","responseId": "r1"}\n\n',
  ] as const;

  test('the events of a stream pass, the last with the provenance', async () => {
    upstream('google').play(eventStream(CHUNKS, 'clean'));
    const response = await ask('gemini', { contents: HI }, 'streamGenerateContent?alt=sse');
    expect(upstream('google').requests.at(-1)?.head).toContain(':streamGenerateContent?alt=sse HTTP/1.1');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const id = response.headers.get('x-request-id') ?? '';
    const [first = '', last = '', ...rest] = (await response.text()).split(/(?<=\n\n)/);
    expect(rest).toEqual([]);
    expect(first).toBe(CHUNKS[0].replace('"responseId": "r1"}', `"responseId": "${id}"}`));
    const { candor, ...chunk } = JSON.parse(last.slice('data: '.length)) as JsonObject;
    const { usageMetadata, ...whole } = JSON.parse(CHUNKS[1].slice('data: '.length)) as JsonObject;
    expect(chunk).toEqual({
      ...whole,
      responseId: id,
      usageMetadata: { ...(usageMetadata as JsonObject), cost: expect.any(Number) },
    });
    expect(candor).toMatchObject({ asked: 'gemini', served_by: 'google/gemini', adjustments: [] });
  });

  test('without alt=sse a stream is one JSON array', async () => {
    upstream('google').play(eventStream(CHUNKS, 'clean'));
    const response = await ask('gemini', { contents: HI }, 'streamGenerateContent');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const chunks = (await response.json()) as readonly Chunk[];
    expect(chunks.map((chunk) => chunk.candidates[0]?.['content'])).toEqual([
      { parts: [{ text: 'One "responseId": "r1"' }], role: 'model' },
      { parts: [{ text: ' two' }], role: 'model' },
    ]);
    expect(chunks[1]?.['candor']).toMatchObject({ served_by: 'google/gemini' });
  });

  test('of a model that says with every chunk how it ends, only the last word is passed on', async () => {
    const every = (text: string): string =>
      `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }], responseId: 'r2' })}\n\n`;
    upstream('google').play(eventStream([every('a'), every('b'), every('c')], 'clean'));
    const response = await ask('gemini', { contents: HI }, 'streamGenerateContent');
    const chunks = (await response.json()) as readonly Chunk[];
    expect(chunks.map((chunk) => chunk.candidates[0]?.['finishReason'])).toEqual([undefined, undefined, 'STOP']);
  });

  test('a stream that breaks ends with an error, in either form, and with no finish', async () => {
    for (const method of ['streamGenerateContent?alt=sse', 'streamGenerateContent']) {
      upstream('google').play(eventStream([CHUNKS[0]], 'cut'));
      const response = await ask('gemini', { contents: HI }, method);
      const text = await response.text();
      const last = method.endsWith('sse')
        ? (JSON.parse(text.split('data: ').at(-1) ?? '') as JsonObject)
        : (JSON.parse(text) as readonly JsonObject[]).at(-1);
      expect(last?.['error']).toMatchObject({ code: 502, status: 'UNAVAILABLE' });
      expect(text).not.toContain('finishReason');
    }
  });

  test('a pause of the vendor is gone on from with its token, for clients of other protocols and in streams', async () => {
    const candidate = (text: string, more: JsonObject): JsonObject => ({
      candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
      usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 1, totalTokenCount: 3 },
    });
    const answers = [
      candidate('One ', { finishReason: 'CONTINUATION', continuationToken: 'tok' }),
      candidate('two', { finishReason: 'STOP' }),
    ];
    const playEach = (write: (chunk: JsonObject) => ReturnType<typeof json>): void => {
      let at = 0;
      upstream('google').play((socket, request) => write(answers[at++] as JsonObject)(socket, request));
    };
    playEach(json);
    const messages = [{ role: 'user', content: 'Hi' }] as const;
    const { choices } = await bench.gateway.client.chat.completions.create({
      model: 'gemini',
      messages: [...messages],
    });
    expect(choices[0]).toMatchObject({ message: { content: 'One two' }, finish_reason: 'stop' });
    expect(sent('google')).toEqual({ contents: HI, continuationToken: 'tok' });

    playEach((chunk) => eventStream([`data: ${JSON.stringify(chunk)}\n\n`], 'clean'));
    const response = await ask('gemini', { contents: HI }, 'streamGenerateContent');
    const chunks = (await response.json()) as readonly Chunk[];
    expect(chunks.map(({ candidates: [first] }) => [first?.content.parts, first?.['finishReason']])).toEqual([
      [[{ text: 'One ' }], undefined],
      [[{ text: 'two' }], 'STOP'],
    ]);
  });

  test('a cap and a prompt of the config are edited into the body, in the spelling it has', async () => {
    const capped = await openUpstreamBench({
      config: `providers: { google: { sim: true } }
models: { gemini: { at: google, id: gemini-2.5-flash, prompt: { append: Be brief. } } }
routes: { task: { try: [gemini], params: { temperature: { max: 0.2 } } } }
`,
    });
    try {
      const google = capped.upstreams['google'] as RawUpstream;
      google.play(json({ candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] }));
      const response = await capped.gateway.post(
        '/v1beta/models/task:generateContent',
        '{"system_instruction":{"role":"user","parts":[{"text":"Be kind."}]},"contents":[{"parts":[{"text":"Hi"}]}],"generation_config":{"max_output_tokens":5,"temperature":0.9}}',
      );
      expect(google.requests.at(-1)?.body).toBe(
        '{"system_instruction":{"role":"user","parts":[{"text":"Be kind."},{"text":"Be brief."}]},"contents":[{"parts":[{"text":"Hi"}]}],"generation_config":{"max_output_tokens":5,"temperature":0.2}}',
      );
      const { candor } = (await response.json()) as { candor: JsonObject };
      expect(candor['adjustments']).toMatchObject([
        { param: 'generation_config.temperature', asked: 0.9, sent: 0.2, kind: 'capped' },
        { sent: 'Be brief.' },
      ]);
    } finally {
      await capped.close();
    }
  });
});

describe('before other protocols', () => {
  test('a whole answer with a tool call keeps every digit of its arguments', async () => {
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'pay', arguments: '{"cents": 12345678901234567890}' },
    };
    upstream('openai').play(
      json(
        completion({
          members: {
            choices: [
              {
                index: 0,
                message: { role: 'assistant', content: null, tool_calls: [call] },
                finish_reason: 'tool_calls',
              },
            ],
          },
        }),
      ),
    );
    const response = await ask('gpt', {
      contents: HI,
      tools: [
        {
          functionDeclarations: [
            { name: 'pay', parameters: { type: 'OBJECT', properties: { cents: { type: 'INTEGER', nullable: true } } } },
          ],
        },
      ],
    });
    const text = await response.text();
    expect(text).toContain(
      '{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"call_1","name":"pay","args":{"cents": 12345678901234567890}}}]},"finishReason":"STOP","index":0}],' +
        '"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":6,"totalTokenCount":11,',
    );
    expect(sent('openai')['tools']).toEqual([
      {
        type: 'function',
        function: { name: 'pay', parameters: { type: 'object', properties: { cents: { type: ['integer', 'null'] } } } },
      },
    ]);
  });

  test('a call whose arguments were cut is left out and said to be', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'pay', arguments: '{"cents": 12' } };
    upstream('openai').play(
      json(
        completion({
          members: {
            choices: [
              { index: 0, message: { role: 'assistant', content: 'So', tool_calls: [call] }, finish_reason: 'length' },
            ],
          },
        }),
      ),
    );
    const { candidates } = await generate('gpt', {
      contents: HI,
      tools: [{ functionDeclarations: [{ name: 'pay' }] }],
    });
    expect(candidates).toEqual([
      {
        content: { role: 'model', parts: [{ text: 'So' }] },
        finishReason: 'MAX_TOKENS',
        finishMessage: 'a call of pay is left out: its arguments are no whole JSON object',
        index: 0,
      },
    ]);
  });

  test('what another vendor wants back travels in a signature, and comes back to it', async () => {
    const thinking = { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmVk' };
    upstream('anthropic').play(
      json(anthropicMessage({ members: { content: [thinking, { type: 'text', text: 'Yes.' }] } })),
    );
    const answered = (await generate('claude', { contents: HI })) as Chunk;
    const parts = answered.candidates[0]?.content.parts ?? [];
    expect(parts).toEqual([
      { text: 'Let me see.', thought: true },
      { text: 'Yes.', thoughtSignature: expect.stringMatching(/^candor:/) },
    ]);
    expect(openExtra(parts[1]?.['thoughtSignature'] as string)).toEqual({ anthropic: { thinking_blocks: [thinking] } });

    const history = [...HI, { role: 'model', parts }, { role: 'user', parts: [{ text: 'Sure?' }] }];
    upstream('anthropic').play(json(anthropicMessage()));
    await generate('claude', { contents: history });
    expect(sent('anthropic')['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [thinking, { type: 'text', text: 'Yes.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Sure?' }] },
    ]);

    upstream('google').play(json({ candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] }));
    const { candor } = await generate('gemini', { contents: history });
    expect(sent('google')['contents']).toEqual([
      HI[0],
      { role: 'model', parts: [parts[0], { text: 'Yes.' }] },
      { role: 'user', parts: [{ text: 'Sure?' }] },
    ]);
    expect((candor as JsonObject)['adjustments']).toMatchObject([
      { param: 'contents[1].parts[1].thoughtSignature', kind: 'dropped', sent: null },
    ]);
  });

  test('contents of the model that follow each other are one turn, as the SDK keeps the chunks of a stream', async () => {
    upstream('openai').play(json(completion()));
    await generate('gpt', {
      contents: [
        ...HI,
        { role: 'model', parts: [{ text: 'Hm', thought: true }] },
        { role: 'model', parts: [{ text: 'Let me ' }] },
        { role: 'model', parts: [{ text: 'look.' }] },
        { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'look', args: {} } }] },
        { role: 'model', parts: [{ text: '' }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'look', response: { output: 'red' } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'look' }] }],
    });
    expect((sent('openai')['messages'] as readonly JsonObject[]).map(({ role, content }) => [role, content])).toEqual([
      ['user', 'Hi'],
      ['assistant', 'Let me look.'],
      ['tool', 'red'],
    ]);
  });

  test.each<[string, JsonObject, string]>([
    ['safety settings', { safetySettings: [{ category: 'A' }] }, 'safetySettings'],
    ['a tool of the vendor', { tools: [{ googleSearch: {} }] }, 'tools[0].googleSearch'],
    ['a member nobody knows', { generationConfig: { newThing: 1 } }, 'generationConfig.newThing'],
    [
      'a video',
      { contents: [{ parts: [{ inlineData: { mimeType: 'video/mp4', data: 'AAAA' } }] }] },
      'contents[0].parts[0].inlineData',
    ],
    [
      'logprobs of text',
      { generationConfig: { responseMimeType: 'text/x.enum' } },
      'generationConfig.responseMimeType',
    ],
    [
      'a name with dots',
      { tools: [{ functionDeclarations: [{ name: 'a.b' }] }] },
      'tools[0].functionDeclarations[0].name',
    ],
  ])('%s binds to this protocol', async (_name, members, param) => {
    const response = await ask('claude', { contents: HI, ...members });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { details: readonly JsonObject[] } & JsonObject };
    expect(error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
    expect(error.details[0]?.['metadata']).toMatchObject({ code: 'unsupported_parameter', param });
  });
});

describe('the front door', () => {
  test.each<[string, string, JsonObject | string, string, string | null]>([
    ['a key in the query', 'gemini:generateContent?key=abc', { contents: HI }, 'unsupported_parameter', 'key'],
    [
      'a stream in another form',
      'gemini:streamGenerateContent?alt=media',
      { contents: HI },
      'unsupported_parameter',
      'alt',
    ],
    ['a method that is not there', 'gemini:embedContent', { contents: HI }, 'not_supported', null],
    ['a model without a method', 'gemini', { contents: HI }, 'method_not_allowed', null],
    ['no contents', 'gemini:generateContent', {}, 'invalid_type', 'contents'],
    [
      'contents without parts',
      'gemini:generateContent',
      { contents: [{ role: 'user', parts: [] }] },
      'invalid_messages',
      'contents[0].parts',
    ],
    [
      'two spellings',
      'gemini:generateContent',
      { contents: HI, toolConfig: {}, tool_config: {} },
      'duplicate_key',
      'tool_config',
    ],
    [
      'another model in the body',
      'gemini:generateContent',
      { contents: HI, model: 'models/x' },
      'invalid_request',
      'model',
    ],
    [
      'a schema without its type',
      'gemini:generateContent',
      { contents: HI, generationConfig: { responseSchema: {} } },
      'invalid_request',
      'generationConfig.responseSchema',
    ],
    [
      'a result without a call',
      'gemini:generateContent',
      { contents: [{ parts: [{ functionResponse: { name: 'f', response: {} } }] }] },
      'invalid_messages',
      'contents[0].parts[0].functionResponse.name',
    ],
    [
      'a name that is not among the functions',
      'gemini:generateContent',
      { contents: HI, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } } },
      'invalid_request',
      'toolConfig.functionCallingConfig.allowedFunctionNames[0]',
    ],
    [
      'a temperature beyond the scale',
      'gemini:generateContent',
      { contents: HI, generation_config: { temperature: 3 } },
      'param_out_of_range',
      'generation_config.temperature',
    ],
    ['no JSON', 'gemini:generateContent', '{', 'invalid_json', null],
    ['an unknown model', 'nobody:generateContent', { contents: HI }, 'model_not_found', 'model'],
  ])('refuses %s', async (_name, path, request, code, param) => {
    const response = await bench.gateway.post(`/v1beta/models/${path}`, request);
    const { error } = (await response.json()) as { error: { details: readonly JsonObject[] } & JsonObject };
    expect(error['code']).toBe(response.status);
    expect(error.details[0]).toMatchObject({
      domain: 'candor',
      metadata: { code, ...(param === null ? {} : { param }) },
    });
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  test.each([
    '/v1beta/models/openai/gpt',
    '/v1beta/models/openai%2Fgpt',
    '/v1/models/gpt',
    '/gemini/v1beta/models/gpt',
    '/gemini/v1/models/gpt',
  ])('answers at %s', async (path) => {
    upstream('openai').play(json(completion({ text: 'Here.' })));
    const response = await bench.gateway.post(`${path}:generateContent`, { contents: HI });
    expect(response.status, await response.clone().text()).toBe(200);
    expect(await response.json()).toMatchObject({ candidates: [{ content: { parts: [{ text: 'Here.' }] } }] });
  });

  test('counts the tokens of a prompt, whole requests too', async () => {
    const request = { contents: [{ parts: [{ text: 'one two three four five six seven' }] }] };
    const count = async (members: JsonObject): Promise<number> => {
      const response = await ask('gpt', members, 'countTokens');
      const counted = (await response.json()) as { totalTokens: number; candor: JsonObject };
      expect(counted.candor).toMatchObject({ counted_for: 'openai/gpt' });
      return counted.totalTokens;
    };
    const plain = await count(request);
    expect(plain).toBeGreaterThan(6);
    expect(plain).toBeLessThan(40);
    expect(await count({ generateContentRequest: { model: 'models/gpt', ...request } })).toBe(plain);
    const withSystem = { ...request, systemInstruction: { parts: [{ text: 'Always answer in French, please.' }] } };
    expect(await count({ generateContentRequest: withSystem })).toBeGreaterThan(plain);
  });
});

test('the record keeps what was asked, and of what people wrote nothing among the parameters', async () => {
  upstream('google').play(json({ candidates: [{ content: { parts: [{ text: '{}' }] }, finishReason: 'STOP' }] }));
  const { candor, responseId } = await generate('gemini', {
    contents: HI,
    system_instruction: { parts: [{ text: 'Ann is ill.' }] },
    generation_config: {
      seed: 3,
      response_mime_type: 'application/json',
      response_json_schema: { description: 'Ann' },
    },
  });
  expect(candor).toBeDefined();
  const record = await bench.gateway.record(responseId as string);
  expect(record['dialect']).toBe('gemini-generate');
  expect((record['request'] as JsonObject)['params']).toEqual({
    generation_config: { seed: 3, response_mime_type: 'application/json' },
  });
});
