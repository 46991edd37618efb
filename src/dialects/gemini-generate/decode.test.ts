import { describe, expect, test } from 'vitest';

import type { ChatRequest } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json.ts';
import { decodeGenerateRequest } from './decode.ts';

const HI = [{ role: 'user', parts: [{ text: 'Hi' }] }];

function decode(members: JsonObject): ChatRequest {
  const body = Buffer.from(JSON.stringify({ contents: HI, ...members }));
  return decodeGenerateRequest({ body, headers: new Map(), pathParameter: 'm', explain: false }, { stream: false });
}

describe('parameters', () => {
  test.each<[string, JsonObject, string, unknown]>([
    ['temperature', { temperature: 0.5 }, 'temperature', 0.5],
    ['topP', { topP: 0.5 }, 'top_p', 0.5],
    ['topK', { topK: 40 }, 'top_k', 40],
    ['candidateCount', { candidateCount: 2 }, 'n', 2],
    ['maxOutputTokens', { maxOutputTokens: 9 }, 'max_completion_tokens', 9],
    ['stopSequences', { stopSequences: ['a'] }, 'stop', ['a']],
    ['presencePenalty', { presencePenalty: 1 }, 'presence_penalty', 1],
    ['frequencyPenalty', { frequencyPenalty: 1 }, 'frequency_penalty', 1],
    ['seed', { seed: -3 }, 'seed', -3],
    ['responseLogprobs', { responseLogprobs: true }, 'logprobs', true],
    ['logprobs', { logprobs: 2 }, 'top_logprobs', 2],
    ['responseModalities', { responseModalities: ['TEXT'] }, 'modalities', ['text']],
    ['thinkingConfig.includeThoughts', { thinkingConfig: { includeThoughts: true } }, 'include_thoughts', true],
    ['thinkingConfig.thinkingBudget', { thinkingConfig: { thinkingBudget: -1 } }, 'reasoning_budget', -1],
    ['thinkingConfig.thinkingLevel', { thinkingConfig: { thinkingLevel: 'LOW' } }, 'reasoning_effort', 'low'],
  ])('%s', (path, generationConfig, name, value) => {
    const request = decode({ generationConfig });
    expect(request.parameters).toEqual({ [name]: value });
    expect(request.parameterPaths[name]).toBe(`generationConfig.${path}`);
    expect([...request.unknownFields, ...request.protocolFields]).toEqual([]);
  });

  test('in the other spelling the path is spelled so too', () => {
    const request = decode({ generation_config: { thinking_config: { thinking_budget: 7 } } });
    expect(request.parameters).toEqual({ reasoning_budget: 7 });
    expect(request.parameterPaths['reasoning_budget']).toBe('generation_config.thinking_config.thinking_budget');
  });

  test.each([
    ['standard', 'default'],
    ['flex', 'flex'],
    ['unspecified', 'auto'],
  ])('the tier %s is %s', (serviceTier, tier) => {
    expect(decode({ serviceTier }).parameters).toEqual({ service_tier: tier });
  });

  test('to store nothing is neutral, to store something is the vendor’s own', () => {
    expect(decode({ store: false })).toMatchObject({ parameters: { store: false }, protocolFields: [] });
    expect(decode({ store: true })).toMatchObject({ parameters: {}, protocolFields: ['store'] });
  });
});

describe('formats', () => {
  const schema = { type: 'object' };
  test.each<[JsonObject, ChatRequest['responseFormat'], readonly string[]]>([
    [{ responseMimeType: 'text/plain' }, null, []],
    [{ responseMimeType: 'application/json' }, { type: 'json_object' }, []],
    [
      { responseMimeType: 'application/json', responseJsonSchema: schema },
      { type: 'json_schema', name: 'answer', description: null, schema, strict: null },
      [],
    ],
    [
      { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' } },
      { type: 'json_schema', name: 'answer', description: null, schema, strict: null },
      [],
    ],
    [
      { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } },
      null,
      ['generationConfig.responseMimeType', 'generationConfig.responseSchema'],
    ],
  ])('%j', (generationConfig, format, protocolFields) => {
    expect(decode({ generationConfig })).toMatchObject({ responseFormat: format, protocolFields });
  });
});

describe('tools', () => {
  const tools = [{ functionDeclarations: [{ name: 'a' }, { name: 'b' }] }, { function_declarations: [{ name: 'c' }] }];
  test.each<[JsonObject, ChatRequest['toolChoice'], readonly string[]]>([
    [{ mode: 'AUTO' }, { mode: 'auto' }, []],
    [{ mode: 'MODE_UNSPECIFIED' }, { mode: 'auto' }, []],
    [{ mode: 'NONE' }, { mode: 'none' }, []],
    [{ mode: 'ANY' }, { mode: 'required' }, []],
    [{ mode: 'ANY', allowedFunctionNames: ['b'] }, { mode: 'named', name: 'b' }, []],
    [{ mode: 'ANY', allowedFunctionNames: ['a', 'c'] }, { mode: 'allowed', names: ['a', 'c'], required: true }, []],
    [{ mode: 'VALIDATED', allowedFunctionNames: ['a'] }, { mode: 'allowed', names: ['a'], required: false }, []],
    [{ mode: 'VALIDATED' }, { mode: 'auto' }, ['toolConfig.functionCallingConfig.mode']],
  ])('%j', (functionCallingConfig, toolChoice, protocolFields) => {
    const request = decode({ tools, toolConfig: { functionCallingConfig } });
    expect(request.tools.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(request).toMatchObject({ toolChoice, protocolFields });
  });
});

describe('contents', () => {
  test('a result answers its call by id, or by name and order, and is an error when it says so', () => {
    const { messages } = decode({
      contents: [
        ...HI,
        { role: 'model', parts: [{ functionCall: { name: 'f', args: { a: 1 } } }, { functionCall: { name: 'f' } }] },
        {
          parts: [
            { functionResponse: { name: 'f', response: { output: { b: 2 } } } },
            { function_response: { name: 'f', response: { error: 'no' } } },
            { text: 'and?' },
          ],
        },
      ],
    });
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
    expect(messages[1]).toMatchObject({
      toolCalls: [
        { id: 'call_1_0', name: 'f', arguments: '{"a":1}' },
        { id: 'call_1_1', name: 'f', arguments: '{}' },
      ],
    });
    expect(messages[2]).toMatchObject({ toolCallId: 'call_1_0', content: [{ text: '{"b":2}' }] });
    expect(messages[3]).toMatchObject({ toolCallId: 'call_1_1', isError: true, content: [{ text: 'no' }] });
  });

  test('arguments keep their digits', () => {
    const body =
      '{"contents":[{"parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{"a": 12345678901234567890}}}]},' +
      '{"parts":[{"functionResponse":{"id":"c","name":"f","response":{}}}]}]}';
    const arrived = { body: Buffer.from(body), headers: new Map<string, string>(), pathParameter: 'm', explain: false };
    const request = decodeGenerateRequest(arrived, { stream: false });
    expect(request.messages[1]).toMatchObject({ toolCalls: [{ arguments: '{"a": 12345678901234567890}' }] });
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'an image',
      { inlineData: { mimeType: 'image/PNG', data: 'AAAA' } },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', base64: 'AAAA' } },
    ],
    ['a sound', { inline_data: { mime_type: 'audio/mpeg', data: 'AAAA' } }, { type: 'audio', mediaType: 'audio/mp3' }],
    ['a document', { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } }, { type: 'file' }],
    ['a video', { inlineData: { mimeType: 'video/mp4', data: 'AAAA' } }, { type: 'native' }],
    [
      'an image by its address',
      { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a.png' } },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
    ],
    [
      'a file that lies at the vendor',
      { fileData: { mimeType: 'image/png', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/a' } },
      { type: 'native' },
    ],
    ['code that ran there', { executableCode: { language: 'PYTHON', code: '1' } }, { type: 'native' }],
  ])('%s', (_name, part, decoded) => {
    const { messages } = decode({ contents: [{ parts: [part] }] });
    expect(messages[0]).toMatchObject({ role: 'user', content: [decoded] });
  });

  test('an address of another kind is refused', () => {
    const fileData = { mimeType: 'image/png', fileUri: 'http://example.com/a.png' };
    expect(() => decode({ contents: [{ parts: [{ fileData }] }] })).toThrow(/https or gs/);
  });
});
