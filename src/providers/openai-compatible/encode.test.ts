import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeClientBody, testDeployment } from '../../../test/support/deployment.ts';
import { clientRequest } from '../../../test/support/request-arbitrary.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { adapt } from '../../prompts/adapt.ts';
import { deepseek } from '../deepseek/provider.ts';
import { openai } from '../openai/provider.ts';

function encode(text: string, modelId = 'gpt-4o-2024-11-20'): string {
  const deployment = testDeployment(openai, modelId);
  return openai.encode(adapt(decodeClientBody(text), deployment, null, null), deployment).body.toString('utf8');
}

describe('a body of the same protocol', () => {
  test('keeps every byte but the model’s name', () => {
    const text =
      '{ "messages":[ {"role":"user","content":"h\\u00e9 \\/ 秋"} ],\n\t"model" : "task" , "seed":7.0, "x": 12345678901234567890 }';
    expect(encode(text)).toBe(text.replace('"task"', '"gpt-4o-2024-11-20"'));
  });

  test('asks for the usage of a stream', () => {
    const text = '{"model":"task","stream":true,"messages":[{"role":"user","content":"x"}]}';
    expect(encode(text)).toBe(
      '{"model":"gpt-4o-2024-11-20","stream":true,"messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}',
    );
  });

  test('keeps the bytes of members beside those that change', () => {
    const text =
      '{"model":"task","max_tokens":9,"é": 12345678901234567890,"messages":[ {"role":"user", "content":"x"} ]}';
    expect(encode(text, 'gpt-5')).toBe(
      '{"model":"gpt-5","é": 12345678901234567890,"messages":[ {"role":"user", "content":"x"} ],"max_completion_tokens":9}',
    );
  });

  test('loses what was meant for Candor', () => {
    const text = '{"model":"task","candor":{"tags":{"a":"b"}},"messages":[{"role":"user","content":"x"}]}';
    expect(JSON.parse(encode(text))).toEqual({
      model: 'gpt-4o-2024-11-20',
      messages: [{ role: 'user', content: 'x' }],
    });
  });
});

describe('digits and letters of what the client wrote', () => {
  const PROMPT = { prepend: { text: 'First.', at: 'candor.yaml:3' }, append: null, documents: null };
  const schema = '{"type":"object","properties":{"é":{"type":"integer","maximum":9223372036854775807}}}';

  test('are kept in messages beside those that are added', () => {
    const message = '{"role":"user","content":"\\u00e9", "é":[9223372036854775807, 1.0]}';
    const deployment = testDeployment(openai, 'm', { prompt: PROMPT });
    const request = decodeClientBody(`{"model":"task","messages":[ ${message} ],"é":1.0}`);
    const { body } = openai.encode(adapt(request, deployment, null, null), deployment);
    expect(body.toString('utf8')).toBe(
      `{"model":"m","messages":[{"role":"system","content":"First."},${message}],"é":1.0}`,
    );
  });

  test('are kept in the options of a stream', () => {
    const options = '{"é":9223372036854775807, "include_usage":false}';
    const text = `{"model":"task","stream":true,"stream_options":${options},"messages":[{"role":"user","content":"x"}]}`;
    expect(encode(text, 'm')).toContain('"stream_options":{"é":9223372036854775807, "include_usage":true}');
  });

  test('are kept in tools and formats, also where the format is said in the prompt', () => {
    const tools = `"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`;
    const format = `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${schema}}}`;
    const text = `{"model":"task","candor":{},"messages":[{"role":"user","content":"x"}],${tools},${format}}`;
    expect(encode(text, 'gpt-4o')).toBe(text.replace('"task","candor":{}', '"gpt-4o"'));
    const deployment = testDeployment(deepseek, 'deepseek-chat');
    const sent = deepseek.encode(adapt(decodeClientBody(text), deployment, null, null), deployment).body.toString();
    expect(sent).toContain(tools);
    expect(JSON.stringify(JSON.parse(sent))).toContain(JSON.stringify(schema).slice(1, -1));
  });

  test('a developer keeps every digit when it becomes a system', () => {
    const text = '{"model":"task","messages":[{"role":"developer","content":"hi","zz":12345678901234567890}]}';
    const deployment = testDeployment(deepseek, 'deepseek-chat');
    const { body } = deepseek.encode(adapt(decodeClientBody(text), deployment, null, null), deployment);
    expect(body.toString('utf8')).toContain('{"role":"system","content":"hi","zz":12345678901234567890}');
  });

  test('a developer is a system to those who know no developer, and nothing is said', () => {
    const deployment = testDeployment(deepseek, 'deepseek-chat');
    const request = decodeClientBody({
      model: 'task',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'x' },
      ],
    });
    const { body, adjustments } = deepseek.encode(adapt(request, deployment, null, null), deployment);
    expect(JSON.parse(body.toString())).toMatchObject({ messages: [{ role: 'system', content: 'Be brief.' }, {}] });
    expect(adjustments).toEqual([]);
  });
});

/** Set by the test itself, for Candor alone, or not taken by the model the test asks. */
const LEFT_OUT = new Set(['model', 'candor', 'reasoning_effort', 'verbosity', 'n', 'modalities', 'moderation']);

/** The vendor takes no reasoning back. */
function withoutReasoning(request: JsonObject): JsonObject {
  const messages = request['messages'] as readonly JsonObject[];
  return { ...request, messages: messages.map(({ reasoning_content: _reasoning, ...rest }) => rest) };
}

const spacing = fc.constantFrom('', ' ', '\n\t');

test('the model’s name is all that differs, in whatever JSON the client writes it', () => {
  let compared = 0;
  fc.assert(
    fc.property(clientRequest, fc.nat(6), spacing, (request, position, space) => {
      // An empty list of tools, and what is said of calling them, goes.
      const noTools = JSON.stringify(request['tools']) === '[]' ? ['tools', 'tool_choice', 'parallel_tool_calls'] : [];
      const entries = Object.entries(withoutReasoning(request)).filter(
        ([name]) => !LEFT_OUT.has(name) && !noTools.includes(name),
      );
      const ordered = [
        ...entries.slice(0, position),
        ['model', 'task "x" \\ {y}'] as const,
        ...entries.slice(position),
      ];
      const text = JSON.stringify(Object.fromEntries(ordered), null, space === '' ? undefined : 1);
      let sent: JsonObject;
      try {
        sent = JSON.parse(encode(text, 'gpt-4o')) as JsonObject;
      } catch (error) {
        if (error instanceof GatewayError) return;
        throw error;
      }
      const kept = Object.fromEntries(ordered);
      const streamed =
        request['stream'] === true
          ? { stream_options: { ...(request['stream_options'] as JsonObject | undefined), include_usage: true } }
          : {};
      compared++;
      expect(sent).toEqual({ ...kept, ...streamed, model: 'gpt-4o' });
    }),
    { numRuns: 300, seed: 20_261_122 },
  );
  expect(compared).toBeGreaterThan(150);
});

describe('a request of another dialect', () => {
  const request = decodeClientBody({
    model: 'task',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'hm',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"id":12345678901234567890}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ],
    tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
    max_tokens: 9,
    stop: ['x'],
    temperature: 0.5,
    stream: true,
  });
  const written = (kind: typeof openai, modelId: string): JsonObject => {
    const deployment = testDeployment(kind, modelId);
    const adapted = adapt({ ...request, dialect: 'anthropic-messages' }, deployment, null, null);
    return JSON.parse(kind.encode(adapted, deployment).body.toString('utf8')) as JsonObject;
  };

  test('is written whole, as its client would have written it here', () => {
    const { candor: _candor, ...asked } = request.original.json;
    const messages = withoutReasoning(asked)['messages'];
    expect(written(openai, 'gpt-4o')).toEqual({
      ...asked,
      messages,
      model: 'gpt-4o',
      stream_options: { include_usage: true },
    });
    const { max_tokens: cap, temperature: _warm, ...rest } = asked;
    expect(written(openai, 'o3')).toEqual({
      ...rest,
      messages,
      model: 'o3',
      max_completion_tokens: cap,
      stream_options: { include_usage: true },
    });
  });

  test('is fitted to the vendor like any other', () => {
    const sent = written(deepseek, 'deepseek-reasoner');
    expect(sent['messages']).toMatchObject([
      { role: 'system' },
      { role: 'system' },
      { role: 'user', content: 'a' },
      { role: 'assistant', reasoning_content: 'hm' },
      { role: 'tool' },
    ]);
    expect(sent['temperature']).toBeUndefined();
    expect(sent['response_format']).toEqual({ type: 'json_object' });
  });
});
