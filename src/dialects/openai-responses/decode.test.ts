import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RESPONSES_FIELDS } from '../../../test/support/fields/openai-responses.ts';
import { leavesOf, valueAt } from '../../../test/support/json-leaves.ts';
import { responsesRequest } from '../../../test/support/responses-arbitrary.ts';
import type { ChatRequest } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import { canonicalJson, type JsonObject, type JsonValue } from '../../core/json.ts';
import { sealExtra } from '../../core/sealed-extra.ts';
import { decodeResponsesRequest } from './decode.ts';

function decode(body: JsonObject | string): ChatRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return decodeResponsesRequest({
    body: Buffer.from(text),
    headers: new Map(),
    pathParameter: '',
    explain: false,
  });
}

function ask(members: JsonObject): ChatRequest {
  return decode({ model: 'm', input: 'x', ...members });
}

/** `code param` of the refusal. @throws Error when there is none */
function refusal(members: JsonObject | string): string {
  try {
    if (typeof members === 'string') decode(members);
    else ask(members);
  } catch (error) {
    if (error instanceof GatewayError) return `${error.code} ${error.param}`;
    throw error;
  }
  throw new Error('it was not refused');
}

const CALL = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
const RESULT = { type: 'function_call_output', call_id: 'c1', output: 'ok' };
const TOOL = { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true };

describe('the conversation', () => {
  test('of a plain text is one message, after the instructions', () => {
    expect(ask({ instructions: 'Be brief.', input: 'Hi' }).messages).toEqual([
      {
        role: 'system',
        path: 'instructions',
        original: null,
        name: null,
        content: [{ type: 'text', text: 'Be brief.', path: 'instructions' }],
      },
      {
        role: 'user',
        path: 'input',
        original: null,
        name: null,
        content: [{ type: 'text', text: 'Hi', path: 'input' }],
      },
    ]);
  });

  test('of items is read whole', () => {
    const { messages, unknownFields, protocolFields } = ask({
      input: [
        { role: 'developer', content: 'Rules.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'See', prompt_cache_breakpoint: { mode: 'explicit' } },
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
            { type: 'input_file', file_url: 'https://files.example/b.pdf' },
            { type: 'input_audio', input_audio: { data: 'CCCC', format: 'wav' } },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        {
          type: 'message',
          id: 'msg_1',
          status: 'completed',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'A cat', annotations: [], logprobs: [] },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
        { ...CALL, id: 'fc_1', status: 'completed', extra_content: { google: { thought_signature: 's' } } },
        { ...RESULT, output: [{ type: 'input_text', text: 'done' }] },
      ],
    });
    expect({ unknownFields, protocolFields }).toEqual({ unknownFields: [], protocolFields: [] });
    expect(messages).toMatchObject([
      { role: 'developer', path: 'input[0]', content: [{ text: 'Rules.', path: 'input[0].content' }] },
      {
        role: 'user',
        path: 'input[1]',
        content: [
          { type: 'text', text: 'See', cacheBreakpoint: true, path: 'input[1].content[0]' },
          { type: 'image', source: { kind: 'data', mediaType: 'image/png', base64: 'AAAA' }, detail: 'low' },
          { type: 'file', source: { kind: 'data', mediaType: 'application/pdf', base64: 'BBBB' }, filename: 'a.pdf' },
          { type: 'file', source: { kind: 'url', url: 'https://files.example/b.pdf' }, filename: null },
          { type: 'audio', mediaType: 'audio/wav', base64: 'CCCC' },
        ],
      },
      {
        role: 'assistant',
        path: 'input[3]',
        reasoning: 'Hm.',
        content: [
          { type: 'text', text: 'A cat' },
          { type: 'refusal', refusal: 'No.' },
        ],
        toolCalls: [
          {
            id: 'c1',
            name: 'f',
            arguments: '{}',
            argumentsPath: 'input[4].arguments',
            extraContent: { google: { thought_signature: 's' } },
          },
        ],
      },
      { role: 'tool', path: 'input[5]', toolCallId: 'c1', content: [{ type: 'text', text: 'done' }] },
    ]);
  });

  test('has calls in a row in one message, and calls after a result in another', () => {
    const { messages } = ask({
      input: [
        { role: 'user', content: 'x' },
        CALL,
        { ...CALL, call_id: 'c2' },
        { ...RESULT, call_id: 'c2' },
        RESULT,
        { ...CALL, call_id: 'c3' },
        { ...RESULT, call_id: 'c3' },
      ],
    });
    const shape = messages.map((message) =>
      message.role === 'assistant' ? message.toolCalls.map(({ id }) => id) : message.role,
    );
    expect(shape).toEqual(['user', ['c1', 'c2'], 'tool', 'tool', ['c3'], 'tool']);
  });

  test('has what was said before and after a call in one message, as its result comes after both', () => {
    const said = (text: string): JsonObject => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text }],
    });
    const { messages } = ask({ input: [said('one'), CALL, said('two'), RESULT] });
    expect(messages).toMatchObject([
      {
        role: 'assistant',
        path: 'input[0]',
        content: [
          { text: 'one', path: 'input[0].content[0]' },
          { text: 'two', path: 'input[2].content[0]' },
        ],
        toolCalls: [{ id: 'c1' }],
      },
      { role: 'tool', toolCallId: 'c1' },
    ]);
  });

  test('keeps two answers in a row apart, each with what was thought before it', () => {
    const said = (text: string): JsonObject => ({ role: 'assistant', content: text });
    const thought = (text: string): JsonObject => ({
      type: 'reasoning',
      id: 'r',
      summary: [{ type: 'summary_text', text }],
    });
    const input = [{ role: 'user', content: 'x' }, thought('1'), said('a'), thought('2'), said('b'), thought('3')];
    expect(ask({ input }).messages).toMatchObject([
      { content: [{ text: 'x' }] },
      { content: [{ text: 'a' }], reasoning: '1' },
      { content: [{ text: 'b' }], reasoning: '2\n\n3' },
    ]);
  });

  test('gives back what a vendor wants back, its own and what OpenAI encrypted for itself', () => {
    const history = (encrypted_content: string): JsonObject => ({
      input: [
        { role: 'user', content: 'x' },
        { type: 'reasoning', id: 'r', summary: [], encrypted_content },
        CALL,
        RESULT,
      ],
    });
    const extra = { anthropic: { thinking_blocks: [{ type: 'thinking', thinking: 't', signature: 's' }] } };
    expect(ask(history(sealExtra(extra))).messages[1]).toMatchObject({ extraContent: extra, reasoning: null });
    expect(ask(history('gAAAA')).messages[1]).toMatchObject({
      extraContent: { 'openai-responses': { 'input[1].encrypted_content': 'gAAAA' } },
    });
    expect(ask(history(sealExtra({}))).messages[1]).not.toHaveProperty('extraContent');
  });
});

describe('parameters', () => {
  test('have Chat Completions’ names, and say where they were', () => {
    const request = ask({
      max_output_tokens: 5,
      temperature: 0.5,
      reasoning: { effort: 'low', summary: 'auto' },
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
      top_logprobs: 2,
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
    });
    expect(request.parameters).toEqual({
      temperature: 0.5,
      max_completion_tokens: 5,
      reasoning_effort: 'low',
      reasoning_summary: 'auto',
      verbosity: 'low',
      logprobs: true,
      top_logprobs: 2,
    });
    expect(request.parameterPaths).toMatchObject({
      max_completion_tokens: 'max_output_tokens',
      reasoning_effort: 'reasoning.effort',
      reasoning_summary: 'reasoning.summary',
      verbosity: 'text.verbosity',
      logprobs: 'include[1]',
    });
    expect(request.responseFormat).toEqual({
      type: 'json_schema',
      name: 'n',
      description: null,
      schema: { type: 'object' },
      strict: true,
    });
    expect(request).toMatchObject({ unknownFields: [], protocolFields: [], stream: false, toolChoice: null });
  });

  test.each<[JsonValue, JsonValue]>([
    ['required', { mode: 'required' }],
    [
      { type: 'function', name: 'f' },
      { mode: 'named', name: 'f' },
    ],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
      { mode: 'allowed', names: ['f'], required: true },
    ],
  ])('tool_choice %j', (tool_choice, expected) => {
    const request = ask({ tools: [TOOL], tool_choice });
    expect(request.toolChoice).toEqual(expected);
    expect(request.tools).toEqual([{ name: 'f', description: null, parameters: { type: 'object' }, strict: true }]);
  });

  test('that ask for nothing are none', () => {
    const neutral = {
      store: false,
      background: false,
      truncation: 'disabled',
      previous_response_id: null,
      max_tool_calls: null,
    };
    const request = ask({ ...neutral, top_logprobs: 0, include: [], stream_options: { include_obfuscation: false } });
    expect(request).toMatchObject({ parameters: {}, unknownFields: [], protocolFields: [] });
  });
});

describe('what only OpenAI has is named', () => {
  test.each<[string, JsonObject]>([
    ['tools[0]', { tools: [{ type: 'web_search' }] }],
    ['tools[1]', { tools: [TOOL, { type: 'custom', name: 'free' }] }],
    ['tools[0].output_schema', { tools: [{ ...TOOL, output_schema: {} }] }],
    ['tool_choice', { tools: [TOOL], tool_choice: { type: 'file_search' } }],
    [
      'input[1]',
      {
        input: [
          { role: 'user', content: 'x' },
          { type: 'mcp_call', id: 'i' },
        ],
      },
    ],
    [
      'input[1].phase',
      {
        input: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'a', phase: 'commentary' },
        ],
      },
    ],
    ['include[0]', { include: ['file_search_call.results'] }],
    ['reasoning.mode', { reasoning: { mode: 'pro' } }],
    ['moderation', { moderation: { model: 'omni' } }],
    ['stream_options.include_obfuscation', { stream_options: { include_obfuscation: true } }],
  ])('%s', (path, members) => {
    expect(ask(members)).toMatchObject({ protocolFields: [path], unknownFields: [] });
  });

  test('and so is what nobody knows', () => {
    const input = [{ role: 'user', content: [{ type: 'input_text', text: 'x', odd: 1 }], odd: 1 }];
    expect(ask({ odd: 1, input, text: { odd: 1 } }).unknownFields).toEqual(
      expect.arrayContaining(['odd', 'text.odd', 'input[0].odd', 'input[0].content[0].odd']),
    );
  });

  test('a file of the vendor’s own store is a part nobody else can be sent', () => {
    const part = { type: 'input_image', file_id: 'file-1' };
    const { messages } = ask({ input: [{ role: 'user', content: [part] }] });
    expect(messages[0]?.content).toEqual([{ type: 'native', native: part, path: 'input[0].content[0]' }]);
  });
});

describe('refused', () => {
  test.each<[string, JsonObject]>([
    ['unsupported_parameter previous_response_id', { previous_response_id: 'resp_1' }],
    ['unsupported_parameter conversation', { conversation: 'conv_1' }],
    ['unsupported_parameter prompt', { prompt: { id: 'p' } }],
    ['unsupported_parameter store', { store: true }],
    ['unsupported_parameter background', { background: true }],
    ['unsupported_parameter truncation', { truncation: 'auto' }],
    ['unsupported_parameter max_tool_calls', { max_tool_calls: 3 }],
    ['unsupported_parameter input[0]', { input: [{ type: 'item_reference', id: 'x' }] }],
    ['unsupported_parameter input[0]', { input: [{ id: 'x' }] }],
    ['forbidden_param api_base', { api_base: 'https://elsewhere.example' }],
    ['invalid_messages input', { input: [] }],
    ['invalid_messages input', { input: null }],
    ['invalid_messages input[0].content', { input: [{ role: 'user', content: [] }] }],
    ['invalid_type input', { input: 7 }],
    ['param_out_of_range input[0].role', { input: [{ role: 'robot', content: 'x' }] }],
    [
      'param_out_of_range input[0].content[0].type',
      { input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
    ],
    [
      'url_forbidden input[0].content[0].image_url',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://x' }] }] },
    ],
    ['invalid_messages input[1].call_id', { input: [{ role: 'user', content: 'x' }, RESULT] }],
    ['invalid_messages input', { input: [{ role: 'user', content: 'x' }, CALL] }],
    [
      'invalid_messages input[2]',
      { input: [{ role: 'user', content: 'x' }, CALL, { role: 'user', content: 'y' }, RESULT] },
    ],
    ['invalid_messages input[2].call_id', { input: [{ role: 'user', content: 'x' }, CALL, CALL, RESULT] }],
    [
      'invalid_messages input[1]',
      {
        input: [
          { role: 'user', content: 'x' },
          { type: 'reasoning', id: 'r', summary: [] },
        ],
      },
    ],
    ['invalid_request tool_choice', { tool_choice: 'required' }],
    ['invalid_request tool_choice.name', { tools: [TOOL], tool_choice: { type: 'function', name: 'g' } }],
    ['param_out_of_range tools[1].name', { tools: [TOOL, TOOL] }],
    ['param_out_of_range max_output_tokens', { max_output_tokens: 0 }],
    ['param_out_of_range reasoning.effort', { reasoning: { effort: 'enormous' } }],
    ['invalid_request reasoning.generate_summary', { reasoning: { summary: 'auto', generate_summary: 'concise' } }],
  ])('%s', (expected, members) => {
    expect(refusal(members)).toBe(expected);
  });

  test('a number that would become another one on its way', () => {
    const parameters = '{"type":"object","properties":{"n":{"const":12345678901234567890}}}';
    const body = `{"model":"m","input":"x","tools":[{"type":"function","name":"f","strict":null,"parameters":${parameters}}]}`;
    expect(refusal(body)).toBe('number_out_of_range tools');
  });
});

/** What the request comes to, without the bytes it came in; of a refused one the refusal. */
function meaning(body: JsonObject): string {
  try {
    const { original: _original, messages, ...request } = decode(body);
    const said = messages.map(({ original: _item, path: _path, ...message }) => message);
    return canonicalJson(JSON.parse(JSON.stringify({ ...request, said })) as JsonValue);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error.status).toBe(400);
    return `${error.code} ${error.param}`;
  }
}

/** The body without the value at the path. */
function without(body: JsonObject, path: string): JsonObject {
  const changed = structuredClone(body);
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  const last = steps.pop() as string;
  const holder = steps.reduce<JsonValue>((value, step) => (value as JsonObject)[step] as JsonValue, changed);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete (holder as Record<string, JsonValue>)[last];
  return changed;
}

/** Values that are what there is without them. */
const NEUTRAL: Readonly<Record<string, readonly string[]>> = {
  stream: ['false'],
  store: ['false'],
  background: ['false'],
  truncation: ['"disabled"'],
  top_logprobs: ['0'],
  'stream_options.include_obfuscation': ['false'],
  // What vendors want back is in every answer.
  'include[]': ['"reasoning.encrypted_content"'],
  'tools[].defer_loading': ['false'],
  'tools[].allowed_callers[]': ['"direct"'],
  'input[].type': ['"message"'],
  'input[].caller.type': ['"direct"'],
};

test('nothing a request asks can be taken out of it without being missed (500 requests)', () => {
  let decoded = 0;
  let leaves = 0;
  fc.assert(
    fc.property(responsesRequest, (body) => {
      const whole = meaning(body);
      if (whole.startsWith('{')) decoded++;
      for (const [path, value] of leavesOf(body)) {
        const field = path.replaceAll(/\[\d+\]/g, '[]');
        const isNothing =
          value === null || (typeof value === 'object' && Object.keys(value).length === 0) || /odd_mémber/.test(path);
        if (isNothing || NEUTRAL[field]?.includes(JSON.stringify(value))) continue;
        if (!whole.startsWith('{') || isNamed(whole, path)) continue;
        leaves++;
        expect(valueAt(body, path)).toEqual(value);
        const isMissed = meaning(without(body, path)) !== whole;
        expect(isMissed || fateOf(field) === 'bookkeeping', `${path} = ${JSON.stringify(value)}`).toBe(true);
      }
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
  expect(decoded).toBeGreaterThan(250);
  expect(leaves).toBeGreaterThan(3000);
});

/** The fate of the listed member that the path is, or lies in. */
function fateOf(field: string): string | undefined {
  for (let path = field; path !== ''; path = path.replace(/(\[\]|\.?[^.[\]]+)$/, '')) {
    const fate = RESPONSES_FIELDS[path];
    if (fate !== undefined) return fate;
  }
  return undefined;
}

test('of a request that is taken every member is listed, or named as unknown (500 requests)', () => {
  let odd = 0;
  fc.assert(
    fc.property(responsesRequest, (body) => {
      const result = meaning(body);
      if (!result.startsWith('{')) return;
      for (const [path, value] of leavesOf(body)) {
        const isListed = fateOf(path.replaceAll(/\[\d+\]/g, '[]')) !== undefined;
        if (value === null || (typeof value === 'object' && !path.includes('odd_mémber')) || isInside(path)) continue;
        if (path.endsWith('odd_mémber')) odd++;
        expect(path.endsWith('odd_mémber') ? isNamed(result, path) : isListed, path).toBe(true);
      }
    }),
    { numRuns: 500, seed: 20_261_123 },
  );
  expect(odd).toBeGreaterThan(10);
});

/** Inside what is carried whole (schemas, metadata, what vendors want back) any member is content. */
function isInside(path: string): boolean {
  return /schema|parameters|metadata|extra_content|prompt_cache_options|logprobs\[|prompt_cache_breakpoint/.test(path);
}

/** Whether the request's lists name the path, or what it lies in. */
function isNamed(result: string, path: string): boolean {
  const { unknownFields, protocolFields } = JSON.parse(result) as Pick<ChatRequest, 'unknownFields' | 'protocolFields'>;
  return [...unknownFields, ...protocolFields].some(
    (named) => path === named || path.startsWith(`${named}.`) || path.startsWith(`${named}[`),
  );
}
