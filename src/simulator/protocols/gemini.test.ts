import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { GeminiErrorBody, GeminiPart, GeminiResponse } from '../../wire/gemini.ts';
import { instantClock } from '../clock.ts';
import { type Simulator, startSimulator } from '../simulator.ts';

const ARTICLE = 'The mill was built in 1840. Water drove its wheel until 1931. The mill is a museum now.';
const WEATHER = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'Current weather for a city',
      parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
};
const user = (...parts: readonly object[]): object => ({ role: 'user', parts });
const says = (text: string): object => user({ text });
const call = { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: { city: 'Oslo' } } }] };

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    clock: instantClock(),
    providers: {
      google: { kind: 'google', models: { 'gemini-2.5-flash': 'gemini-flash', 'gemini-pro': 'gemini-pro' } },
    },
  });
});

afterAll(() => simulator.close());

function post(body: object, method = 'generateContent', model = 'gemini-2.5-flash'): Promise<Response> {
  return fetch(`${simulator.urls['google']}/models/${model}:${method}`, {
    method: 'POST',
    body: JSON.stringify({ contents: [says('Say hello')], ...body }),
  });
}

async function answer(body: object, model?: string): Promise<GeminiResponse> {
  const response = await post(body, 'generateContent', model);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as GeminiResponse;
}

async function chunks(body: object, model?: string): Promise<readonly GeminiResponse[]> {
  const response = await post(body, 'streamGenerateContent?alt=sse', model);
  const text = await response.text();
  expect(text).not.toContain('[DONE]');
  return text
    .trimEnd()
    .split('\r\n\r\n')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as GeminiResponse);
}

const partsOf = (response: GeminiResponse): readonly GeminiPart[] => response.candidates?.[0]?.content?.parts ?? [];

describe('answers', () => {
  test('text, with the name that cannot be mistaken', async () => {
    const response = await answer({ contents: [says(`Summarize in one sentence: ${ARTICLE}`)] });
    expect(response.modelVersion).toBe('sim-gemini-flash');
    expect(response.candidates?.[0]?.finishReason).toBe('STOP');
    expect(ARTICLE).toContain(partsOf(response)[0]!.text);
  });

  test.each<readonly [string, object, string | undefined]>([
    ['text', { contents: [says(`Summarize: ${ARTICLE}`)] }, undefined],
    ['two calls', { contents: [says('What is the weather in Paris and Berlin?')], tools: [WEATHER] }, undefined],
    [
      'thoughts',
      { contents: [says(`Summarize: ${ARTICLE}`)], generationConfig: { thinkingConfig: { includeThoughts: true } } },
      'gemini-pro',
    ],
    ['hidden thoughts', { generationConfig: { thinkingConfig: { thinkingBudget: 512 } } }, 'gemini-pro'],
    ['a cap', { contents: [says(`Summarize: ${ARTICLE}`)], generationConfig: { maxOutputTokens: 3 } }, undefined],
  ])('a stream says what the whole answer says: %s', async (_name, body, model) => {
    const stream = await chunks(body, model);
    const whole = await answer(body, model);
    const join = (parts: readonly GeminiPart[], isThought: boolean): string =>
      parts
        .filter((part) => (part.thought === true) === isThought)
        .map((part) => part.text ?? '')
        .join('');
    const streamed = stream.flatMap(partsOf);
    for (const isThought of [true, false]) expect(join(streamed, isThought)).toBe(join(partsOf(whole), isThought));
    expect(streamed.filter((part) => part.functionCall)).toEqual(partsOf(whole).filter((part) => part.functionCall));
    expect(stream.at(-1)!.candidates?.[0]?.finishReason).toBe(whole.candidates?.[0]?.finishReason);
    expect(stream.slice(0, -1).every((chunk) => chunk.candidates?.[0]?.finishReason === undefined)).toBe(true);
    expect(stream.at(-1)!.usageMetadata).toEqual(whole.usageMetadata);
  });

  test('counts grow with the stream', async () => {
    const counts = (await chunks({ contents: [says(`Summarize: ${ARTICLE}`)] })).map(
      (chunk) => chunk.usageMetadata!.candidatesTokenCount!,
    );
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
    expect(new Set(counts).size).toBeGreaterThan(5);
  });

  test('calls and their round trip', async () => {
    const asked = await answer({ contents: [says('What is the weather in Paris and Berlin?')], tools: [WEATHER] });
    expect(partsOf(asked).map((part) => part.functionCall?.args)).toEqual([{ city: 'Paris' }, { city: 'Berlin' }]);
    expect(asked.candidates?.[0]?.finishReason).toBe('STOP');
    const responses = [0, 1].map((celsius) => ({
      functionResponse: { name: 'get_weather', response: { output: { celsius } } },
    }));
    const told = await answer({
      contents: [
        says('What is the weather in Paris and Berlin?'),
        { role: 'model', parts: partsOf(asked) },
        user(...responses),
      ],
      tools: [WEATHER],
    });
    expect(partsOf(told)[0]!.text).toBe('Paris: celsius: 0. Berlin: celsius: 1.');
  });

  test('a tool is called when it must be, and never when it must not', async () => {
    const mode = (functionCallingConfig: object): object => ({
      tools: [WEATHER],
      toolConfig: { functionCallingConfig },
    });
    expect(
      partsOf(await answer(mode({ mode: 'ANY', allowedFunctionNames: ['get_weather'] })))[0]!.functionCall?.name,
    ).toBe('get_weather');
    const quiet = await answer({ ...mode({ mode: 'NONE' }), contents: [says('What is the weather in Paris?')] });
    expect(partsOf(quiet)[0]!.functionCall).toBeUndefined();
  });

  test('a schema is filled', async () => {
    const responseJsonSchema = {
      type: 'object',
      properties: { year: { type: 'integer' }, place: { type: ['string', 'null'] } },
      required: ['year', 'place'],
    };
    const response = await answer({
      contents: [says('The contract was signed on 3 May 1999.')],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema },
    });
    expect(JSON.parse(partsOf(response)[0]!.text!)).toEqual({ year: 1999, place: null });
  });

  test('several candidates', async () => {
    const response = await answer({
      contents: [says('Write a poem about rivers')],
      generationConfig: { candidateCount: 2 },
    });
    expect(response.candidates?.map((candidate) => candidate.index)).toEqual([0, 1]);
  });

  test('without alt=sse a stream is one JSON array', async () => {
    const response = await post({}, 'streamGenerateContent');
    expect(response.headers.get('content-type')).toContain('application/json');
    const all = (await response.json()) as readonly GeminiResponse[];
    expect(
      all
        .flatMap(partsOf)
        .map((part) => part.text)
        .join(''),
    ).toBe('hello');
  });

  test('the larger model refuses in its candidate, the smaller one the prompt', async () => {
    simulator.control.addFault({ target: 'google', fault: 'refuse' });
    expect(await answer({})).toMatchObject({ promptFeedback: { blockReason: 'SAFETY' } });
    expect((await answer({})).candidates).toBeUndefined();
    expect(await answer({}, 'gemini-pro')).toMatchObject({ candidates: [{ finishReason: 'SAFETY' }] });
    simulator.control.reset();
  });
});

describe('refuses', () => {
  test.each<readonly [string, object]>([
    ['Unknown name "messages"', { messages: [] }],
    ['Unknown name "max_tokens" at \'generation_config\'', { generationConfig: { max_tokens: 3 } }],
    ['Unknown name "type" at \'contents[0].parts[0]\'', { contents: [user({ type: 'text', text: 'x' })] }],
    ['contents is not specified', { contents: [] }],
    ['parts must not be empty', { contents: [{ role: 'user', parts: [] }] }],
    ['valid role', { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }],
    ['end with a user role', { contents: [says('x'), { role: 'model', parts: [{ text: 'y' }] }] }],
    ['number of function response parts', { contents: [says('x'), call, says('and?')] }],
    [
      'No function call with the name',
      { contents: [says('x'), call, user({ functionResponse: { name: 'other', response: {} } })] },
    ],
    ['Penalty is not enabled', { generationConfig: { presencePenalty: 0.5 } }],
    ['Logprobs is not enabled', { generationConfig: { responseLogprobs: true } }],
    ['only supported with response mime type', { generationConfig: { responseJsonSchema: {} } }],
    [
      'Function calling with a response mime type',
      { tools: [WEATHER], generationConfig: { responseMimeType: 'application/json' } },
    ],
    ['temperature', { generationConfig: { temperature: 3 } }],
    ['stop sequences', { generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] } }],
    [
      'is not declared',
      { tools: [WEATHER], toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['x'] } } },
    ],
    [
      'only be set when',
      {
        tools: [WEATHER],
        toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['get_weather'] } },
      },
    ],
  ])('%s', async (message, body) => {
    const response = await post(body);
    const { error } = (await response.json()) as GeminiErrorBody;
    expect(response.status).toBe(400);
    expect(error).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message) as string,
    });
  });

  test('a model it does not have', async () => {
    const response = await post({}, 'generateContent', 'gemini-9');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: {
        code: 404,
        status: 'NOT_FOUND',
        message: expect.stringContaining('models/gemini-9 is not found') as string,
      },
    });
  });
});
