import { describe, expect, test } from 'vitest';

import { testDeployment } from '../../../test/support/deployment.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import type { Message } from '../../core/chat.ts';
import { sealExtra } from '../../core/sealed-extra.ts';
import { decodeMessagesRequest } from '../../dialects/anthropic-messages/decode.ts';
import type { AdaptedRequest } from '../../core/adapted-request.ts';
import { editRequest } from './edit-request.ts';
import { anthropic } from './provider.ts';

interface Edited {
  readonly body: string;
  readonly adjustments: readonly Pick<Adjustment, 'param' | 'kind' | 'sent'>[];
}

function edit(body: string, changes: Partial<AdaptedRequest> = {}, modelId = 'claude-sonnet-4-5'): Edited {
  const headers = new Map<string, string>();
  const request = decodeMessagesRequest({ body: Buffer.from(body), headers, pathParameter: '', explain: false });
  const { messages, parameters, responseFormat, tools, toolChoice } = request;
  const plain = { request, messages, parameters, responseFormat, tools, toolChoice, adjustments: [], template: null };
  const edited = editRequest({ ...plain, ...changes }, testDeployment(anthropic, modelId));
  return {
    body: edited.body.toString('utf8'),
    adjustments: edited.adjustments.map(({ param, kind, sent }) => ({ param, kind, sent })),
  };
}

const instruction = (text: string): Message => ({
  role: 'system',
  path: null,
  original: null,
  name: null,
  content: [{ type: 'text', text }],
});

test('every byte stays but for the model and what is Candor’s', () => {
  const body = `{ "max_tokens" : 1e2,"model":"claude","candor":{"route":"r"}, "container":"c",
    "metadata":{"user_id":"u-1"}, "temperature":0.50,"thinking":{"type":"adaptive"},
    "messages":[{"role":"user","content":[{"type":"text","text":"\\u00fc","cache_control":{"type":"ephemeral"}}]}],
    "tools":[{"name":"f","input_schema":{"type":"object","maximum":12345678901234567890}}], "novelty":1.0}`;
  expect(edit(body)).toEqual({
    body: body.replace('"claude"', '"claude-sonnet-4-5"').replace(',"candor":{"route":"r"}', ''),
    adjustments: [],
  });
});

const ASK = '"max_tokens":9,"messages":[{"role":"user","content":"u"}]';

describe('what the config says', () => {
  test.each([
    ['', '[{"type":"text","text":"before"},{"type":"text","text":"after"}]'],
    [
      '"system":"s\\u00fc",',
      '[{"type":"text","text":"before"},{"type":"text","text":"s\\u00fc"},{"type":"text","text":"after"}]',
    ],
    [
      '"system":[ {"type":"text", "text":"s"} ],',
      '[{"type":"text","text":"before"},{"type":"text", "text":"s"},{"type":"text","text":"after"}]',
    ],
  ])('stands around the client’s own instructions: %s', (system, sent) => {
    const body = `{"model":"m",${system}${ASK}}`;
    const request = decodeMessagesRequest({
      body: Buffer.from(body),
      headers: new Map(),
      pathParameter: '',
      explain: false,
    });
    const start = system === '' ? 0 : 1;
    const messages = [
      instruction('before'),
      ...request.messages.slice(0, start),
      instruction('after'),
      ...request.messages.slice(start),
    ];
    const edited = editRequestOf(request, { messages });
    expect((JSON.parse(edited) as { system: unknown }).system).toEqual(JSON.parse(sent));
    expect(edited).toContain(`"system":${sent}`);
  });

  function editRequestOf(request: AdaptedRequest['request'], changes: Partial<AdaptedRequest>): string {
    const { messages, parameters, responseFormat, tools, toolChoice } = request;
    const adapted = {
      request,
      messages,
      parameters,
      responseFormat,
      tools,
      toolChoice,
      adjustments: [],
      template: null,
      ...changes,
    };
    return editRequest(adapted, testDeployment(anthropic, 'claude-sonnet-4-5')).body.toString('utf8');
  }

  test('of instructions in the midst moves them there', () => {
    const turns = '{"role":"user","content":"u"},{"role":"system","content":[{"type":"text", "text":"late"}]}';
    const body = `{"model":"m","max_tokens":9,"system":"s","messages":[${turns},{"role":"user","content":"v"}]}`;
    const request = decodeMessagesRequest({
      body: Buffer.from(body),
      headers: new Map(),
      pathParameter: '',
      explain: false,
    });
    const [system, first, late, last] = request.messages;
    const messages = [system, late, first, last].filter((message) => message !== undefined);
    expect(JSON.parse(editRequestOf(request, { messages }))).toMatchObject({
      system: [
        { type: 'text', text: 's' },
        { type: 'text', text: 'late' },
      ],
      messages: [
        { role: 'user', content: 'u' },
        { role: 'user', content: 'v' },
      ],
    });
  });

  test('of parameters takes the place of what the client says', () => {
    const body = `{"model":"m","stop_sequences":["a"],"tool_choice":{"type":"auto"},"tools":[{"name":"f","input_schema":{"type":"object"}}],${ASK}}`;
    const parameters = { max_tokens: 5, stop: ['b'], temperature: 0.5, parallel_tool_calls: false };
    expect(JSON.parse(edit(body, { parameters }).body)).toMatchObject({
      max_tokens: 5,
      stop_sequences: ['b'],
      temperature: 0.5,
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
  });

  test('of a format that is asked for in the prompt takes it out', () => {
    const body = `{"model":"m","output_config":{"format":{"type":"json_schema","schema":{}}},${ASK}}`;
    expect(edit(body, { responseFormat: null }).body).toContain('"output_config":{},');
  });
});

describe('what the model does not take', () => {
  test('sampling goes from a model without it, and its neutral value stays', () => {
    const body = `{"model":"m","temperature":0.2,"top_k":40,"top_p":1,${ASK}}`;
    expect(edit(body, {}, 'claude-opus-4-8')).toEqual({
      body: `{"model":"claude-opus-4-8","top_p":1,${ASK}}`,
      adjustments: [
        { param: 'temperature', kind: 'dropped', sent: null },
        { param: 'top_k', kind: 'dropped', sent: null },
      ],
    });
  });
});

describe('a history of several vendors', () => {
  const USE = '{"type":"tool_use","id":"call/1","name":"f","input":{"n": 1.0}}';
  const RESULT = '{"type":"tool_result","tool_use_id":"call/1","content":"r"}';
  const sealed = (extra: Parameters<typeof sealExtra>[0], thinking: string): string =>
    JSON.stringify({ type: 'thinking', thinking, signature: sealExtra(extra) });

  test('keeps what this one signed, and loses what others sealed', () => {
    const own = '{"type":"thinking", "thinking":"own","signature":"EqMB"}';
    const foreign = sealed({ google: { thought_signature: 's' } }, 'theirs');
    const unsigned = sealed({}, 'nobody’s');
    const turns = [
      `{"role":"assistant","content":[${unsigned}]}`,
      `{"role":"assistant", "content":[${own},${foreign}, ${USE}]}`,
      `{"role":"user","content":[${RESULT}]}`,
    ];
    const edited = edit(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"u"},${turns.join(',')}]}`);
    const id = /"id":"(id_[0-9a-f]{24})"/.exec(edited.body)?.[1] ?? '';
    expect(edited.body).toBe(
      `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"u"},` +
        `{"role":"assistant", "content":[${own},${USE.replace('call/1', id)}]},` +
        `{"role":"user","content":[${RESULT.replace('call/1', id)}]}]}`,
    );
    expect(edited.adjustments).toEqual([
      { param: 'messages[1].content[0].thinking', kind: 'dropped', sent: null },
      { param: 'messages[2].content[1].thinking', kind: 'dropped', sent: null },
      { param: 'messages[2].content[1].signature', kind: 'dropped', sent: null },
      { param: 'messages[2].content[2].id', kind: 'renamed', sent: id },
      { param: 'messages[3].content[0].tool_use_id', kind: 'renamed', sent: id },
    ]);
  });
});
