import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createConnection } from 'node:net';

import OpenAI, { APIConnectionError } from 'openai';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { instantClock, realClock } from './clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

const PROVIDERS: SimulatorOptions['providers'] = {
  openai: { kind: 'openai', models: { 'gpt-4o-2024-08-06': 'gpt-4o', 'gpt-4o-mini': 'gpt-4o-mini' } },
  deepseek: {
    kind: 'deepseek',
    models: { 'deepseek-chat': 'deepseek-chat', 'deepseek-reasoner': 'deepseek-reasoner' },
  },
  anthropic: { kind: 'anthropic', models: { 'claude-haiku': 'claude-haiku' } },
  google: { kind: 'google', models: { 'gemini-flash': 'gemini-flash' } },
};
const ARTICLE =
  'The harbour bridge opened in 1932 after nine years of work. It carries rail, road and foot traffic. Engineers floated the arch halves out by barge. ' +
  'Critics said the bridge cost too much. Today the bridge is the most photographed structure in the city.';
const WEATHER: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Current weather for a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

let simulator: Simulator;
let clients: Readonly<Record<string, OpenAI>>;

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return startSimulator({ providers: PROVIDERS, clock: instantClock(), ...options });
}

function clientOf(of: Simulator, provider: string): OpenAI {
  return new OpenAI({ baseURL: of.urls[provider]!, apiKey: 'a-credential-nobody-keeps', maxRetries: 0 });
}

/** One prompt of the user, as a text or as parts. */
function says(content: string | OpenAI.ChatCompletionContentPart[]): OpenAI.ChatCompletionMessageParam[] {
  return [{ role: 'user', content }];
}

beforeEach(async () => {
  simulator = await start();
  clients = { openai: clientOf(simulator, 'openai'), deepseek: clientOf(simulator, 'deepseek') };
});

afterEach(async () => {
  await simulator.close();
});

describe.each([
  ['openai', 'gpt-4o-2024-08-06', 'sim-gpt-4o'],
  ['deepseek', 'deepseek-chat', 'sim-deepseek-chat'],
])('%s, by the official client', (provider, model, served) => {
  test('text made of the prompt, always marked', async () => {
    const { data, response } = await clients[provider]!.chat.completions.create({
      model,
      messages: says(`Summarize in one sentence: ${ARTICLE}`),
    }).withResponse();
    expect(data.model).toBe(served);
    expect(data.choices[0]!.finish_reason).toBe('stop');
    expect(ARTICLE).toContain(data.choices[0]!.message.content);
    expect(response.headers.get('x-candor-simulated')).toBe('1');
    expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens);
  });

  test('a stream says the same, token by token, and tells its usage', async () => {
    const request = { model, messages: says(`Summarize in two sentences: ${ARTICLE}`) };
    const whole = await clients[provider]!.chat.completions.create(request);
    const stream = await clients[provider]!.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    const finishes: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined = null;
    for await (const chunk of stream) {
      expect(chunk.model).toBe(served);
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(pieces.join('')).toBe(whole.choices[0]!.message.content);
    expect(pieces.filter((piece) => piece !== '')).toHaveLength(whole.usage!.completion_tokens);
    expect(finishes).toEqual(['stop']);
    expect(usage!.completion_tokens).toBe(whole.usage!.completion_tokens);
  });

  test('two calls in parallel and their round trip', async () => {
    const messages = says('What is the weather in Paris and Berlin?');
    const first = await clients[provider]!.chat.completions.create({ model, messages, tools: [WEATHER] });
    const asked = first.choices[0]!.message;
    expect(first.choices[0]!.finish_reason).toBe('tool_calls');
    const calls = asked.tool_calls as OpenAI.ChatCompletionMessageFunctionToolCall[];
    expect(calls.map((call) => call.function.arguments)).toEqual(['{"city":"Paris"}', '{"city":"Berlin"}']);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    const results = calls.map((call, index) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: JSON.stringify({ celsius: 11 + index }),
    }));
    const second = await clients[provider]!.chat.completions.create({
      model,
      messages: [...messages, asked, ...results],
      tools: [WEATHER],
    });
    expect(second.choices[0]!.message.content).toBe('Paris: celsius: 11. Berlin: celsius: 12.');
  });

  test('streamed calls add up to the whole ones', async () => {
    const request = { model, messages: says('What is the weather in Paris and Berlin?'), tools: [WEATHER] };
    const stream = clients[provider]!.chat.completions.stream(request);
    const assembled = await stream.finalChatCompletion();
    const whole = await clients[provider]!.chat.completions.create(request);
    const plain = (message: OpenAI.ChatCompletionMessage): unknown =>
      message.tool_calls?.map((call) =>
        call.type === 'function' ? [call.id, call.function.name, call.function.arguments] : [],
      );
    expect(plain(assembled.choices[0]!.message)).toEqual(plain(whole.choices[0]!.message));
  });

  test('the cap and the stop sequence end it', async () => {
    const messages = says(`Summarize in two sentences: ${ARTICLE}`);
    const capped = await clients[provider]!.chat.completions.create({ model, messages, max_tokens: 5 });
    expect(capped.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: 'The harbour bridge opened in' },
    });
    expect(capped.usage!.completion_tokens).toBe(5);
    const stopped = await clients[provider]!.chat.completions.create({ model, messages, stop: [' opened'] });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'The harbour bridge' } });
  });

  test('a model it does not have is a 404 in its own words', async () => {
    await expect(
      clients[provider]!.chat.completions.create({ model: 'gpt-17', messages: says('hi') }),
    ).rejects.toMatchObject({
      status: 404,
      message: expect.stringMatching(/does not exist|Not Exist/),
    });
  });

  test('an unknown parameter is a 400', async () => {
    const asked = { model, messages: says('hi'), top_k: 4 } as OpenAI.ChatCompletionCreateParamsNonStreaming;
    await expect(clients[provider]!.chat.completions.create(asked)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('top_k'),
    });
  });
});

describe('OpenAI', () => {
  test.each([
    [{ max_tokens: 1, max_completion_tokens: 2 }, 'max_tokens'],
    [{ temperature: 2.5 }, 'temperature'],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    [{ stop: '' }, 'stop'],
    [{ response_format: { type: 'json_object' } }, 'messages'],
    [{ reasoning_effort: 'low' }, 'reasoning_effort'],
    [{ tool_choice: 'auto' }, 'tool_choice'],
    [{ parallel_tool_calls: false }, 'parallel_tool_calls'],
    [{ stream_options: { include_usage: true } }, 'stream_options'],
    [{ max_tokens: 100_000 }, 'max_tokens'],
    [
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', strict: true, schema: { type: 'object', properties: {} } },
        },
      },
      'response_format',
    ],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'tool', tool_call_id: 'c1', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'wizard', content: 'x' }] }, 'messages[0].role'],
  ])('refuses %j', async (more, param) => {
    const request = {
      model: 'gpt-4o-mini',
      messages: says('hi'),
      ...more,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming;
    await expect(clients['openai']!.chat.completions.create(request)).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
    });
  });

  test('refuses calls without results', async () => {
    const call = { id: 'c1', type: 'function' as const, function: { name: 'get_weather', arguments: '{}' } };
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      ...says('hi'),
      { role: 'assistant', content: null, tool_calls: [call] },
      ...says('and?'),
    ];
    await expect(clients['openai']!.chat.completions.create({ model: 'gpt-4o-mini', messages })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('c1'),
    });
  });

  test('several choices, each its own', async () => {
    const answer = await clients['openai']!.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: says('Write a poem about rivers'),
      n: 3,
    });
    expect(answer.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
  });

  test('a schema is filled from the text', async () => {
    const schema = {
      type: 'object',
      properties: { number: { type: 'string' }, total: { type: 'number' }, currency: { type: 'string' } },
      required: ['number', 'total', 'currency'],
      additionalProperties: false,
    };
    const answer = await clients['openai']!.chat.completions.create({
      model: 'gpt-4o-2024-08-06',
      messages: says('Invoice 118 from 3 chairs, 240 EUR'),
      response_format: { type: 'json_schema', json_schema: { name: 'invoice', strict: true, schema } },
    });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({ number: '118', total: 240, currency: 'EUR' });
  });

  test('log probabilities, one for each token', async () => {
    const answer = await clients['openai']!.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: says('Say hello'),
      logprobs: true,
    });
    const tokens = answer.choices[0]!.logprobs!.content!;
    expect(tokens.map((token) => token.token).join('')).toBe(answer.choices[0]!.message.content);
    expect(tokens.every((token) => token.logprob <= 0)).toBe(true);
  });

  test('an image is named by type and size', async () => {
    const url = `data:image/png;base64,${Buffer.alloc(300).toString('base64')}`;
    const answer = await clients['openai']!.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: says([
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url } },
      ]),
    });
    expect(answer.choices[0]!.message.content).toContain('an image of type image/png, 300 bytes');
  });

  test('a long prompt seen before is told as cached', async () => {
    const system = { role: 'system' as const, content: 'You read invoices and answer with care. '.repeat(200) };
    const ask = (content: string): Promise<OpenAI.ChatCompletion> =>
      clients['openai']!.chat.completions.create({ model: 'gpt-4o-mini', messages: [system, ...says(content)] });
    const first = await ask('one');
    const second = await ask('two');
    expect(first.usage!.prompt_tokens_details!.cached_tokens).toBe(0);
    expect(second.usage!.prompt_tokens_details!.cached_tokens).toBeGreaterThanOrEqual(1_024);
    expect(second.usage!.prompt_tokens_details!.cached_tokens! % 128).toBe(0);
  });

  test('a prompt that does not fit is refused', async () => {
    await expect(
      clients['openai']!.chat.completions.create({ model: 'gpt-4o-mini', messages: says('word '.repeat(130_000)) }),
    ).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  test('usage is streamed only when asked for', async () => {
    const stream = await clients['openai']!.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: says('Say hello'),
      stream: true,
    });
    for await (const chunk of stream) expect('usage' in chunk).toBe(false);
  });
});

describe('DeepSeek', () => {
  const create = (more: object): Promise<OpenAI.ChatCompletion> =>
    clients['deepseek']!.chat.completions.create({
      model: 'deepseek-chat',
      messages: says('hi'),
      ...more,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming);

  test.each([
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
      'This response_format type is unavailable now',
    ],
    [{ response_format: { type: 'json_object' } }, "must contain the word 'json'"],
    [{ n: 2 }, "'n'"],
    [{ seed: 1 }, 'seed is not supported'],
    [{ logit_bias: { '1': 1 } }, 'logit_bias is not supported'],
    [{ user_id: 'a b' }, 'user_id'],
    [{ messages: [{ role: 'developer', content: 'x' }] }, 'developer'],
    [
      {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }],
      },
      'image_url',
    ],
  ])('refuses %j', async (more, message) => {
    await expect(create(more)).rejects.toMatchObject({ status: 400, message: expect.stringContaining(message) });
  });

  test('json mode gives JSON, after a schema quoted in the prompt', async () => {
    const schema = {
      type: 'object',
      properties: { total: { type: 'number' } },
      required: ['total'],
      additionalProperties: false,
    };
    const messages = [
      {
        role: 'system',
        content: `Answer with one JSON object valid against this JSON Schema:\n${JSON.stringify(schema)}`,
      },
      ...says('Invoice 118, 240 EUR'),
    ];
    const answer = await create({ messages, response_format: { type: 'json_object' } });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({ total: 240 });
  });

  test('the reasoner reasons first, within the cap, and wants its reasoning back', async () => {
    const stream = await clients['deepseek']!.chat.completions.create({
      model: 'deepseek-reasoner',
      messages: says(`Summarize: ${ARTICLE}`),
      stream: true,
    });
    const kinds: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined = null;
    for await (const chunk of stream) {
      const delta = chunk.choices[0]!.delta as { content?: string | null; reasoning_content?: string | null };
      if (delta.reasoning_content) kinds.push('reasoning');
      if (delta.content) kinds.push('content');
      if (chunk.choices[0]!.finish_reason) usage = chunk.usage;
    }
    expect(kinds.lastIndexOf('reasoning')).toBeLessThan(kinds.indexOf('content'));
    expect(usage!.completion_tokens_details!.reasoning_tokens).toBe(
      kinds.filter((kind) => kind === 'reasoning').length,
    );
    const capped = await create({ model: 'deepseek-reasoner', max_tokens: 4 });
    expect(capped.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    const call = { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{}' } };
    const messages = [
      ...says('hi'),
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
    ];
    await expect(create({ model: 'deepseek-reasoner', messages })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('must be passed back'),
    });
    const given = messages.map((message) =>
      'tool_calls' in message ? { ...message, reasoning_content: '' } : message,
    );
    expect((await create({ model: 'deepseek-reasoner', messages: given })).choices[0]!.message.content).toContain(
      'unny',
    );
  });

  test('usage tells hits and misses of the cache', async () => {
    const messages = says(`Summarize: ${ARTICLE.repeat(3)}`);
    await create({ messages });
    const usage = (await create({ messages })).usage as unknown as Readonly<Record<string, number>>;
    expect(usage['prompt_cache_hit_tokens']).toBeGreaterThan(0);
    expect(usage['prompt_cache_hit_tokens']! + usage['prompt_cache_miss_tokens']!).toBe(usage['prompt_tokens']);
  });
});

describe('the same seed, model and prompt', () => {
  const prompt = 'Write a poem about rivers and glass';
  const answerOf = async (of: Simulator, model: string): Promise<string | null> =>
    (await clientOf(of, 'openai').chat.completions.create({ model, messages: says(prompt) })).choices[0]!.message
      .content;

  test('give the same answer, in another simulator too', async () => {
    const other = await start();
    expect(await answerOf(other, 'gpt-4o-mini')).toBe(await answerOf(simulator, 'gpt-4o-mini'));
    await other.close();
  });

  test('another seed gives another somewhere', async () => {
    const answers = new Set<string | null>();
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const other = await start({ seed });
      answers.add(await answerOf(other, 'gpt-4o-mini'));
      await other.close();
    }
    expect(answers.size).toBeGreaterThan(1);
  });

  test('models differ in tone', async () => {
    const ask = async (model: string): Promise<string | null> =>
      (await clients['openai']!.chat.completions.create({ model, messages: says(`Summarize: ${ARTICLE}`) })).choices[0]!
        .message.content;
    expect(await ask('gpt-4o-2024-08-06')).not.toBe(await ask('gpt-4o-mini'));
  });
});

describe('what was received', () => {
  test('byte for byte, without credentials', async () => {
    const body = '{ "model":"gpt-4o-mini",\n "messages":[{"role":"user","content":"Grüße 🎉"}] }';
    await fetch(`${simulator.urls['openai']}/chat/completions?key=a-secret`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer a-secret', 'x-api-key': 'a-secret', 'x-trace': 'kept' },
    });
    const request = simulator.received.at(-1)!;
    expect(request).toMatchObject({ provider: 'openai', method: 'POST', path: '/v1/chat/completions', body });
    expect(request.headers['x-trace']).toBe('kept');
    expect(JSON.stringify(simulator.received)).not.toContain('a-secret');
  });

  test('not what is too large, which is a 413', async () => {
    const body = Buffer.alloc(33 * 1_024 * 1_024, ' ');
    const answer = await request(`${simulator.urls['openai']}/chat/completions`, { method: 'POST', body });
    expect(answer.statusCode).toBe(413);
    await answer.body.dump();
    expect(simulator.received).toEqual([]);
  });

  test('the newest five hundred and twelve only', async () => {
    for (let index = 0; index < 520; index++)
      await (
        await fetch(`${simulator.urls['deepseek']}/chat/completions`, { method: 'POST', body: String(index) })
      ).arrayBuffer();
    expect(simulator.received).toHaveLength(512);
    expect(simulator.received.at(-1)!.body).toBe('519');
  });
});

describe('the clock', () => {
  const firstTokenMs = async (of: Simulator, clock: { now(): number }): Promise<number> => {
    const before = clock.now();
    await clientOf(of, 'deepseek').chat.completions.create({
      model: 'deepseek-chat',
      messages: says('Say hello'),
      max_tokens: 1,
    });
    return clock.now() - before;
  };

  test.each([
    ['10:00', true],
    ['13:00', false],
    ['17:59', true],
    ['18:00', false],
  ])('at %s in Shanghai deepseek-chat is slow: %s', async (at, isSlow) => {
    const clock = instantClock();
    const own = await start({ clock });
    expect(await firstTokenMs(own, clock)).toBeLessThan(600);
    own.control.setClock(at, 'Asia/Shanghai');
    expect((await firstTokenMs(own, clock)) > 6_000).toBe(isSlow);
    own.control.reset();
    expect(await firstTokenMs(own, clock)).toBeLessThan(600);
    await own.close();
  });

  test('while a client waits, DeepSeek keeps the line alive', async () => {
    simulator.control.setClock('10:00', 'Asia/Shanghai');
    const ask = (stream: boolean): Promise<Response> =>
      fetch(`${simulator.urls['deepseek']}/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'deepseek-chat', messages: says('Say hello'), stream }),
      });
    expect(await (await ask(true)).text()).toMatch(/(?:: keep-alive\n\n){6,}data: /);
    const whole = await (await ask(false)).text();
    expect(whole).toMatch(/^\n{6,}\{/);
    expect(JSON.parse(whole).model).toBe('sim-deepseek-chat');
  });

  test('at real pace a first token comes when it is due', async () => {
    const own = await start({ clock: realClock(20) });
    const before = performance.now();
    await clientOf(own, 'openai').chat.completions.create({ model: 'gpt-4o-mini', messages: says('Say hello') });
    expect(performance.now() - before).toBeGreaterThanOrEqual(160 / 20);
    await own.close();
  });
});

describe('sockets', () => {
  test('go back to none after close, open answers included', async () => {
    simulator.control.addFault({ target: 'openai', fault: 'stall', after_tokens: 1 });
    const response = await fetch(`${simulator.urls['openai']}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: says('Say hello'), stream: true }),
    });
    expect(simulator.openSockets()).toBeGreaterThan(0);
    const reading = response.text();
    reading.catch(() => undefined);
    await simulator.close();
    expect(simulator.openSockets()).toBe(0);
    await expect(reading).rejects.toThrow('terminated');
  });

  test('a client that hangs up leaves none', async () => {
    const own = await start({ clock: realClock() });
    const body = JSON.stringify({ model: 'gpt-4o-mini', messages: says(`Summarize: ${ARTICLE}`), stream: true });
    // Not a pooling client: one of those may open a connection in the place of the one it lost.
    const asked = httpRequest(`${own.urls['openai']}/chat/completions`, { method: 'POST', agent: false }).end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    expect(own.openSockets()).toBe(1);
    answer.on('error', () => undefined).destroy();
    await vi.waitFor(() => expect(own.openSockets()).toBe(0));
    await own.close();
  });
});

describe('a provider that refuses connections', () => {
  const connects = (provider: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = createConnection(Number(new URL(simulator.urls[provider]!).port), '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve('connected');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });

  test('really refuses them, and takes them again on the same port', async () => {
    const ask = (): Promise<OpenAI.ChatCompletion> =>
      clients['openai']!.chat.completions.create({ model: 'gpt-4o-mini', messages: says('Say hello') });
    await ask();
    simulator.control.addFault({ target: 'openai', fault: 'outage', status: 'refuse' });
    await vi.waitFor(() => expect(simulator.openSockets()).toBe(0));
    expect(await connects('openai')).toBe('ECONNREFUSED');
    expect(await connects('deepseek')).toBe('connected');
    expect(simulator.control.activeFault('openai', 'gpt-4o')).toBe('refuse');
    await expect(ask()).rejects.toBeInstanceOf(APIConnectionError);
    simulator.control.reset();
    expect((await ask()).choices[0]!.message.content).toBe('hello');
  });

  test('takes them again when its time is over', async () => {
    simulator.control.addFault({ target: 'openai', fault: 'outage', status: 'refuse', for_ms: 60_000 });
    await vi.waitFor(async () => expect(await connects('openai')).toBe('connected'));
    expect(simulator.control.faults()).toEqual([]);
  });

  test('an answer under way goes on', async () => {
    const response = await fetch(`${simulator.urls['openai']}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: says(`Summarize: ${ARTICLE}`), stream: true }),
    });
    simulator.control.addFault({ target: 'openai', fault: 'outage', status: 'refuse' });
    expect(await response.text()).toContain('data: [DONE]');
    expect(await connects('openai')).toBe('ECONNREFUSED');
  });
});

test('an unknown model name at a known provider has the family persona; its own name is told', async () => {
  const own = await start({ providers: { llm: { kind: 'google', models: { 'gemini-9-ultra-pro': 'thinker' } } } });
  const response = await fetch(`${own.urls['llm']}/models/gemini-9-ultra-pro:generateContent`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: `Summarize: ${ARTICLE}` }] }] }),
  });
  const answer = (await response.json()) as {
    modelVersion: string;
    candidates: [{ content: { parts: [{ text: string }] } }];
  };
  expect(answer.modelVersion).toBe('sim-thinker');
  expect(answer.candidates[0].content.parts[0].text).toMatch(/^\*\*/);
  await own.close();
});
