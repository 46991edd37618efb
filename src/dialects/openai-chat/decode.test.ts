import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import { leavesOf } from '../../../test/support/json-leaves.ts';
import { clientRequest } from '../../../test/support/request-arbitrary.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { decodeChatRequest } from './decode.ts';

const USER = { role: 'user', content: 'x' };
const TOOL = { type: 'function', function: { name: 'f' } };
const CALL = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };

function ask(members: JsonObject = {}, messages: JsonValue = [USER]): JsonObject {
  return { model: 'm', messages, ...members };
}

/** `code param` of the refusal. @throws Error when there is none */
function refusal(body: JsonObject | string): string {
  try {
    decodeClientBody(body);
  } catch (error) {
    if (error instanceof GatewayError) return `${error.code} ${error.param}`;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a request', () => {
  test('is decoded whole', () => {
    const request = decodeClientBody(
      ask(
        {
          stream: true,
          stream_options: { include_usage: true },
          tools: [TOOL],
          tool_choice: 'required',
          stop: 'END',
          user: null,
          odd: 1,
        },
        [
          { role: 'system', content: 's', name: 'n' },
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } }],
          },
          { role: 'assistant', content: null, tool_calls: [CALL], refusal: 'r', reasoning_content: 'why' },
          { role: 'tool', tool_call_id: 'c', name: 'f', content: 'done' },
        ],
      ),
    );
    expect(request).toMatchObject({
      asked: 'm',
      stream: true,
      includeUsage: true,
      toolChoice: { mode: 'required' },
      responseFormat: null,
      parameters: { stop: ['END'] },
      unknownFields: ['odd'],
      tools: [{ name: 'f', description: null, parameters: null, strict: null }],
      messages: [
        { role: 'system', path: 'messages[0]', name: 'n', content: [{ type: 'text', text: 's' }] },
        {
          role: 'user',
          content: [{ type: 'image', source: { kind: 'data', mediaType: 'image/png', base64: 'AAAA' }, detail: 'low' }],
        },
        {
          role: 'assistant',
          content: [{ type: 'refusal', refusal: 'r' }],
          toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }],
          reasoning: 'why',
        },
        { role: 'tool', toolCallId: 'c', name: 'f', content: [{ type: 'text', text: 'done' }] },
      ],
    });
    expect(request.parameters).not.toHaveProperty('user');
  });

  test('keeps its bytes and the places of its members', () => {
    const bytes = Buffer.from('{ "model": "m", "messages": [{"role":"user","content":"é"}] }');
    const request = decodeChatRequest(bytes, new Map());
    expect(request.original.bytes).toEqual(bytes);
    const span = request.original.spans.get('messages');
    expect(bytes.toString('utf8', ...(span ?? [0, 0]))).toBe('[{"role":"user","content":"é"}]');
  });

  test('a byte-order mark in front is not part of it', () => {
    expect(decodeClientBody(`\uFEFF${JSON.stringify(ask())}`).asked).toBe('m');
  });
});

describe('a body is refused, with its place, for', () => {
  test.each<[string, JsonObject | string, string]>([
    ['nothing', '', 'missing_body null'],
    ['no JSON', '{"model":}', 'invalid_json null'],
    ['an array', '[]', 'body_must_be_object null'],
    ['a duplicate key', '{"model":"m","model":"n","messages":[]}', 'duplicate_key model'],
    ['a forbidden key', '{"model":"m","messages":[],"x":{"__proto__":1}}', 'forbidden_key __proto__'],
    ['half a surrogate pair', '{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}', 'invalid_unicode null'],
    [
      'a number too large',
      '{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"x":1e400}]}',
      'number_out_of_range null',
    ],
    ['no model', { messages: [USER] }, 'invalid_type model'],
    ['no messages', { model: 'm' }, 'invalid_type messages'],
    ['empty messages', ask({}, []), 'invalid_messages messages'],
    ['an address', ask({ base_url: 'https://x.example' }), 'forbidden_param base_url'],
    ['a credential', ask({ api_key: 'x' }), 'forbidden_param api_key'],
    ['two caps', ask({ max_tokens: 1, max_completion_tokens: 1 }), 'invalid_request max_tokens'],
    ['a temperature', ask({ temperature: 2.1 }), 'param_out_of_range temperature'],
    ['a temperature in words', ask({ temperature: 'hot' }), 'invalid_type temperature'],
    ['half a token', ask({ max_tokens: 1.5 }), 'invalid_type max_tokens'],
    ['no tokens', ask({ max_tokens: 0 }), 'param_out_of_range max_tokens'],
    [
      'a seed past what is exact',
      '{"model":"m","messages":[{"role":"user","content":"x"}],"seed":9007199254740993}',
      'number_out_of_range seed',
    ],
    [
      'minus nothing',
      '{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":-0.0}',
      'number_out_of_range temperature',
    ],
    [
      'next to nothing',
      '{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":1e-400}',
      'number_out_of_range temperature',
    ],
    ['five stops', ask({ stop: ['a', 'b', 'c', 'd', 'e'] }), 'param_out_of_range stop'],
    ['an empty stop', ask({ stop: ['a', ''] }), 'param_out_of_range stop[1]'],
    ['an effort nobody has', ask({ reasoning_effort: 'huge' }), 'param_out_of_range reasoning_effort'],
    ['metadata of numbers', ask({ metadata: { a: 1 } }), 'invalid_type metadata.a'],
    [
      'a custom tool without a name',
      ask({ tools: [{ type: 'custom', custom: {} }] }),
      'invalid_type tools[0].custom.name',
    ],
    ['functions beside tools', ask({ tools: [TOOL], functions: [{ name: 'f' }] }), 'invalid_request tools'],
    [
      'a function that is not there',
      ask({ functions: [], function_call: { name: 'g' } }),
      'invalid_request function_call.name',
    ],
    ['a tool twice', ask({ tools: [TOOL, TOOL] }), 'param_out_of_range tools[1].function.name'],
    [
      'a tool’s name',
      ask({ tools: [{ type: 'function', function: { name: 'a b' } }] }),
      'param_out_of_range tools[0].function.name',
    ],
    ['a forced call of nothing', ask({ tool_choice: 'required' }), 'invalid_request tool_choice'],
    [
      'a call of a tool that is not there',
      ask({ tools: [TOOL], tool_choice: { type: 'function', function: { name: 'g' } } }),
      'invalid_request tool_choice.function.name',
    ],
    ['a format', ask({ response_format: { type: 'xml' } }), 'param_out_of_range response_format.type'],
    [
      'a schema without a name',
      ask({ response_format: { type: 'json_schema', json_schema: {} } }),
      'invalid_type response_format.json_schema.name',
    ],
    [
      'a word for Candor that is not built',
      ask({ candor: { subject: 'p-1' } }),
      'unsupported_parameter candor.subject',
    ],
  ])('%s', (_name, body, expected) => {
    expect(refusal(body)).toBe(expected);
  });
});

describe('a conversation is refused, with its place, for', () => {
  const assistant = { role: 'assistant', tool_calls: [CALL] };
  const result = { role: 'tool', tool_call_id: 'c', content: 'r' };
  test.each<[string, readonly JsonValue[], string]>([
    ['a role', [{ role: 'robot', content: 'x' }], 'param_out_of_range messages[0].role'],
    ['a result without its function', [USER, { role: 'function', content: 'x' }], 'invalid_type messages[1].name'],
    [
      'a result of no function',
      [USER, { role: 'function', name: 'f', content: 'x' }],
      'invalid_messages messages[1].name',
    ],
    [
      'a call in both forms',
      [USER, { ...assistant, function_call: { name: 'f', arguments: '{}' } }],
      'invalid_messages messages[1].function_call',
    ],
    [
      'extra content that is no object',
      [USER, { role: 'assistant', content: 'x', extra_content: { google: 'signature' } }],
      'invalid_type messages[1].extra_content.google',
    ],
    ['no content', [{ role: 'user' }], 'invalid_type messages[0].content'],
    ['empty content', [{ role: 'user', content: [] }], 'invalid_messages messages[0].content'],
    ['an empty assistant', [USER, { role: 'assistant' }], 'invalid_messages messages[1].content'],
    [
      'an image of the system',
      [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }] }],
      'param_out_of_range messages[0].content[0].type',
    ],
    [
      'a refusal of a user',
      [{ role: 'user', content: [{ type: 'refusal', refusal: 'no' }] }],
      'param_out_of_range messages[0].content[0].type',
    ],
    [
      'an image over http',
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://x.example/a.png' } }] }],
      'url_forbidden messages[0].content[0].image_url.url',
    ],
    [
      'a file as an image',
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] }],
      'url_forbidden messages[0].content[0].image_url.url',
    ],
    ['a result of nothing', [USER, result], 'invalid_messages messages[1].tool_call_id'],
    ['a result twice', [USER, assistant, result, result], 'invalid_messages messages[3].tool_call_id'],
    ['a call without its result', [USER, assistant, USER], 'invalid_messages messages[2]'],
    ['a call at the end', [USER, assistant], 'invalid_messages messages'],
  ])('%s', (_name, messages, expected) => {
    expect(refusal(ask({}, messages))).toBe(expected);
  });
});

test('every member ends up as a field, a parameter or an unknown path, or in a refusal', () => {
  const known = ['model', 'messages', 'tools', 'tool_choice', 'response_format', 'stream', 'stream_options', 'candor'];
  let decoded = 0;
  fc.assert(
    fc.property(clientRequest, (body) => {
      try {
        const request = decodeClientBody(body);
        decoded++;
        for (const [name, value] of Object.entries(body)) {
          if (known.includes(name) || value === null) continue;
          expect(Object.hasOwn(request.parameters, name) || request.unknownFields.includes(name), name).toBe(true);
        }
        for (const path of leavesOf(body).keys()) {
          if (
            path.endsWith('odd_mémber') &&
            !path.includes('.schema') &&
            !/parameters|prediction|metadata|moderation|options|logit_bias|^candor/.test(path)
          ) {
            expect(request.unknownFields, path).toContain(path);
          }
        }
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        expect(error.status).toBe(400);
      }
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
  expect(decoded).toBeGreaterThan(250);
});
