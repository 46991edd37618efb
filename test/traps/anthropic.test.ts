import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { body as reply, eventStream } from '../support/raw-upstream.ts';
import { openUpstreamBench, type UpstreamBench } from '../support/upstream-bench.ts';
import { MESSAGE_START, MESSAGE_STOP, named } from '../support/upstream-streams.ts';
import { anthropicMessage, json } from '../support/vendor-answers.ts';

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
models:
  gpt-4o: { at: openai }
  opus-4-8: { at: anthropic, id: claude-opus-4-8 }
  opus-5-5: { at: anthropic, id: claude-opus-5-5 }
  sonnet-4-5: { at: anthropic, id: claude-sonnet-4-5 }
  sonnet-4-6: { at: anthropic, id: claude-sonnet-4-6 }
routes:
  strict: { try: [sonnet-4-6], params: strict }
  held: { try: [opus-4-8], stream: hold }
  hoisting: { try: [sonnet-4-6], mid_system: hoist }
`;

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench({ config: CONFIG });
});
afterAll(() => bench.close());

type Turn = JsonObject;
const user = (content: JsonValue): Turn => ({ role: 'user', content });
const assistant = (content: JsonValue): Turn => ({ role: 'assistant', content });
const system = (content: string): Turn => ({ role: 'system', content });
const calling = (...ids: readonly string[]): Turn => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const result = (id: string, content: JsonValue = `of ${id}`): Turn => ({ role: 'tool', tool_call_id: id, content });
const text = (said: string): Turn => ({ type: 'text', text: said });
const use = (id: string, input: JsonObject = {}): Turn => ({ type: 'tool_use', id, name: 'f', input });
const returned = (id: string): Turn => ({ type: 'tool_result', tool_use_id: id, content: `of ${id}` });
const TOOL: JsonObject = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };

/** What the vendor was sent, and what the client was told of it. */
interface Sent {
  readonly text: string;
  readonly body: JsonObject;
  readonly changes: readonly string[];
}

async function send(model: string, messages: readonly Turn[], members: JsonObject = {}): Promise<Sent> {
  bench.upstreams['anthropic']?.play(json(anthropicMessage()));
  const response = await bench.gateway.post('/v1/chat/completions', { model, messages, max_tokens: 64, ...members });
  const answer = (await response.json()) as JsonObject;
  expect(response.status, JSON.stringify(answer['error'])).toBe(200);
  const sent = bench.upstreams['anthropic']?.requests.at(-1)?.body ?? '';
  const { adjustments } = answer['candor'] as unknown as { adjustments: { param: string; kind: string }[] };
  const changes = adjustments.map(({ param, kind }) => `${kind} ${param}`);
  return { text: sent, body: JSON.parse(sent) as JsonObject, changes };
}

async function refused(model: string, messages: readonly Turn[], members: JsonObject = {}): Promise<string> {
  const response = await bench.gateway.post('/v1/chat/completions', { model, messages, ...members });
  const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
  return `${response.status} ${error.code} ${error.param}`;
}

async function answered(events: readonly string[], model = 'opus-4-8'): Promise<JsonObject> {
  bench.upstreams['anthropic']?.play(eventStream(events, 'clean'));
  const asked = { model, messages: [user('u')], stream: true, stream_options: { include_usage: true } };
  const response = await bench.gateway.post('/v1/chat/completions', asked);
  const id = response.headers.get('x-request-id') ?? '';
  const chunks = (await response.text()).split('\n\n').flatMap((line) => {
    const data = line.startsWith('data: {') ? line.slice('data: '.length) : null;
    return data === null ? [] : [JSON.parse(data) as JsonObject];
  });
  const choices = chunks.flatMap((chunk) => (chunk['choices'] ?? []) as { delta: JsonObject; finish_reason: string }[]);
  const record = (await bench.gateway.record(id)) as { attempts: { flags: string[]; model_reported: string }[] };
  return {
    deltas: choices.map(({ delta }) => delta).filter((delta) => Object.keys(delta).length > 0),
    finish: choices.map(({ finish_reason: reason }) => reason).filter((reason) => reason !== null),
    usage: chunks.flatMap(({ usage }) => (usage ? [usage] : [])),
    served: record.attempts[0]?.model_reported ?? null,
    error: chunks.flatMap(({ error }) => (error ? [(error as JsonObject)['code'] as string] : [])),
    flags: record.attempts[0]?.flags ?? [],
  };
}

const begin = (block: JsonObject, index = 0): string => named('content_block_start', { index, content_block: block });
const delta = (member: JsonObject, index = 0): string => named('content_block_delta', { index, delta: member });
const end = (reason: string, members: JsonObject = {}, usage: JsonObject = { output_tokens: 6 }): string =>
  named('message_delta', { delta: { stop_reason: reason, stop_sequence: null, ...members }, usage });

describe('messages', () => {
  test('trap 1 (anthropic): system texts stand apart, in their order', async () => {
    const { body, changes } = await send('opus-4-8', [system('s1'), system('s2'), user('u')]);
    expect(body).toMatchObject({ system: [text('s1'), text('s2')], messages: [user([text('u')])] });
    expect(changes).toEqual([]);
  });

  test('trap 2: instructions in the midst stay there where the model takes them, and are refused where not', async () => {
    const messages = [user('u1'), assistant('a'), user('u2'), system('s')];
    const { body, changes } = await send('opus-4-8', messages);
    expect(body['messages']).toEqual([
      user([text('u1')]),
      assistant([text('a')]),
      user([text('u2')]),
      { role: 'system', content: [text('s')] },
    ]);
    expect(changes).toEqual([]);
    expect(await refused('sonnet-4-6', messages)).toBe('400 unsupported_parameter messages[3].role');
    const hoisted = await send('hoisting', messages);
    expect(hoisted.body).toMatchObject({ system: [text('s')] });
    expect(hoisted.changes).toEqual(['rewritten messages[3].role']);
  });

  test('trap 3: instructions between a call and its result come after the result', async () => {
    const { body, changes } = await send('opus-4-8', [user('u'), calling('c1'), system('s'), result('c1')]);
    expect(body['messages']).toEqual([
      user([text('u')]),
      assistant([use('c1')]),
      user([returned('c1')]),
      { role: 'system', content: [text('s')] },
    ]);
    expect(changes).toEqual(['rewritten messages[2]']);
  });

  test('trap 4 (anthropic): two texts are two blocks of one turn', async () => {
    const { body } = await send('opus-4-8', [user('a'), user('b')]);
    expect(body['messages']).toEqual([user([text('a'), text('b')])]);
  });

  test('trap 5 (anthropic): instructions alone are no question', async () => {
    expect(await refused('opus-4-8', [system('s')])).toBe('400 unsupported_parameter messages');
  });

  test('trap 6 (anthropic): nobody puts a turn in front of the assistant’s', async () => {
    const messages = [assistant('a'), user('u')];
    expect(await refused('opus-4-8', messages)).toBe('400 unsupported_parameter messages[0].role');
  });

  test('trap 7: an empty turn of the assistant’s goes, and its neighbours meet', async () => {
    const { body, changes } = await send('opus-4-8', [user('a'), assistant(''), user('b')]);
    expect(body['messages']).toEqual([user([text('a'), text('b')])]);
    expect(changes).toEqual(['dropped messages[1].content']);
  });

  test('trap 8 (anthropic): no content beside calls is calls alone', async () => {
    const { body } = await send('opus-4-8', [user('u'), calling('c1'), result('c1')]);
    expect((body['messages'] as readonly Turn[])[1]).toEqual(assistant([use('c1')]));
  });

  test('trap 9 (anthropic): a begun answer is trimmed where it may be begun, and refused where not', async () => {
    const { body, changes } = await send('sonnet-4-5', [user('u'), assistant('The answer is ( ')]);
    expect((body['messages'] as readonly Turn[])[1]).toEqual(assistant([text('The answer is (')]));
    expect(changes).toEqual(['rewritten messages[1].content']);
    const refusal = await refused('opus-4-8', [user('u'), assistant('The answer is (')]);
    expect(refusal).toBe('400 unsupported_parameter messages[1].role');
  });

  test('trap 10 (anthropic): a name is left out and said to be, and refused where parameters bind', async () => {
    const messages = [{ ...user('u'), name: 'bob' }];
    expect((await send('opus-4-8', messages)).changes).toEqual(['dropped messages[0].name']);
    expect(await refused('strict', messages)).toBe('400 unsupported_parameter messages[0].name');
  });

  test('trap 12: a turn without content is refused', async () => {
    expect(await refused('opus-4-8', [user([])])).toBe('400 invalid_messages messages[0].content');
  });

  test('trap 13 (anthropic): a developer is who instructs', async () => {
    const { body, changes } = await send('opus-4-8', [{ role: 'developer', content: 'd' }, user('u')]);
    expect(body['system']).toEqual([text('d')]);
    expect(changes).toEqual([]);
  });

  test('trap 14 (anthropic): its own thinking comes back unread, that of others is left out and said to be', async () => {
    const thinking = { type: 'thinking', thinking: 'hm', signature: 'EqMB' };
    const hidden = { type: 'redacted_thinking', data: 'xyz' };
    const extra = { anthropic: { thinking_blocks: [thinking, hidden] }, google: { thought_signature: 's' } };
    const turn = { ...assistant('a'), reasoning_content: 'hm', extra_content: extra };
    const { body, changes } = await send('opus-4-8', [user('u'), turn, user('v')]);
    expect((body['messages'] as readonly Turn[])[1]).toEqual(assistant([thinking, hidden, text('a')]));
    expect(changes).toEqual(['dropped messages[1].extra_content.google']);
  });
});

describe('tools', () => {
  test('trap 17: results come in the order of the calls, in one turn', async () => {
    const { body } = await send('opus-4-8', [user('u'), calling('c1', 'c2'), result('c2'), result('c1')]);
    const turns = body['messages'] as readonly Turn[];
    expect(turns.slice(1)).toEqual([assistant([use('c1'), use('c2')]), user([returned('c1'), returned('c2')])]);
  });

  test('trap 18: a call without a result is refused by its id', async () => {
    const messages = [user('u'), calling('c1', 'c2'), result('c2'), user('v')];
    const response = await bench.gateway.post('/v1/chat/completions', { model: 'opus-4-8', messages });
    const { error } = (await response.json()) as { error: JsonObject };
    expect(error).toMatchObject({ code: 'invalid_messages', param: 'messages[3]' });
    expect(error['message']).toContain('c1');
  });

  test('trap 19: a result without a call is refused', async () => {
    const messages = [user('u'), calling('c1'), result('c1'), result('c9')];
    expect(await refused('opus-4-8', messages)).toBe('400 invalid_messages messages[3].tool_call_id');
  });

  test('trap 20: results stand before what the user says next', async () => {
    const { body } = await send('opus-4-8', [user('u'), calling('c1'), result('c1'), user('thanks')]);
    expect((body['messages'] as readonly Turn[]).at(-1)).toEqual(user([returned('c1'), text('thanks')]));
  });

  test('trap 21: an image in a result stands in it, and is refused where there is no place for it', async () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const messages = [user('u'), calling('c1'), result('c1', [text('see'), image])];
    const { body } = await send('opus-4-8', messages);
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    expect((body['messages'] as readonly Turn[]).at(-1)).toEqual(
      user([{ type: 'tool_result', tool_use_id: 'c1', content: [text('see'), { type: 'image', source }] }]),
    );
    expect(await refused('gpt-4o', messages)).toBe('400 unsupported_parameter messages[2].content[1]');
  });

  test('trap 22: ids of other vendors give way to ones this takes, the same throughout', async () => {
    const { body, changes } = await send('opus-4-8', [
      user('u'),
      calling('call/ü:1', 'ok_1'),
      result('call/ü:1'),
      result('ok_1'),
    ]);
    const [, uses, results] = body['messages'] as readonly { content: readonly JsonObject[] }[];
    const id = uses?.content[0]?.['id'];
    expect(id).toMatch(/^id_[0-9a-f]{24}$/);
    expect(results?.content.map((block) => block['tool_use_id'])).toEqual([id, 'ok_1']);
    expect(changes).toEqual(['renamed messages[1].tool_calls[0].id', 'renamed messages[2].tool_call_id']);
  });

  test('trap 24: a call without arguments has the empty object', async () => {
    const tool = { type: 'tool_use', id: 'toolu_1', name: 'updateIssueList', input: {} };
    const events = [
      MESSAGE_START.replace('"input_tokens":5', '"input_tokens":565'),
      begin({ type: 'text', text: '' }),
      delta({ type: 'text_delta', text: 'I’ll update it.' }),
      named('content_block_stop', { index: 0 }),
      named('ping', {}),
      begin(tool, 1),
      delta({ type: 'input_json_delta', partial_json: '' }, 1),
      named('content_block_stop', { index: 1 }),
      end('tool_use', {}, { output_tokens: 48 }),
      MESSAGE_STOP,
    ];
    const { deltas, finish, usage } = await answered(events);
    const started = { index: 0, id: 'toolu_1', type: 'function', function: { name: 'updateIssueList', arguments: '' } };
    expect(deltas).toEqual([
      { role: 'assistant', content: '' },
      { content: 'I’ll update it.' },
      { tool_calls: [started] },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    ]);
    expect(finish).toEqual(['tool_calls']);
    expect(usage).toMatchObject([{ prompt_tokens: 565, completion_tokens: 48, total_tokens: 613 }]);
  });

  const written = (args: string): readonly Turn[] => [
    user('u'),
    { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: args } }] },
    result('c1'),
  ];

  test('trap 27 (anthropic): arguments that are no JSON are refused, not emptied', async () => {
    const path = 'messages[1].tool_calls[0].function.arguments';
    expect(await refused('opus-4-8', written('{"a":'))).toBe(`400 unsupported_parameter ${path}`);
  });

  test('trap 28 (anthropic): every digit of an argument goes out, and comes back', async () => {
    const sent = await send('opus-4-8', written('{"id":12345678901234567890}'));
    expect(sent.text).toContain('"input":{"id":12345678901234567890}}');
    expect(sent.changes).toEqual([]);

    const content = '[{"type":"tool_use","id":"t1","name":"f","input":{"id":12345678901234567890}}]';
    const message = JSON.stringify(anthropicMessage({ finish: 'tool_use', members: { content: [] } }));
    bench.upstreams['anthropic']?.play(reply(message.replace('"content":[]', `"content":${content}`)));
    const asked = { model: 'opus-4-8', messages: [user('u')], tools: [TOOL] };
    const response = await bench.gateway.post('/v1/chat/completions', asked);
    expect(await response.text()).toContain('"arguments":"{\\"id\\":12345678901234567890}"');
  });

  test.each(['a.b', 'x'.repeat(70)])('trap 29 (anthropic): the tool name %s is refused', async (name) => {
    const tools = [{ type: 'function', function: { name } }];
    expect(await refused('opus-4-8', [user('u')], { tools })).toBe('400 unsupported_parameter tools[0].function.name');
  });

  test('trap 30: two tools of one name are refused', async () => {
    const refusal = await refused('opus-4-8', [user('u')], { tools: [TOOL, TOOL] });
    expect(refusal).toBe('400 param_out_of_range tools[1].function.name');
  });

  test('trap 31 (anthropic): no tools and a free choice are nothing, a forced one is refused', async () => {
    const { body, changes } = await send('opus-4-8', [user('u')], { tools: [], tool_choice: 'auto' });
    expect(Object.keys(body).toSorted()).toEqual(['max_tokens', 'messages', 'model']);
    expect(changes).toEqual([]);
    const refusal = await refused('opus-4-8', [user('u')], { tool_choice: 'required' });
    expect(refusal).toBe('400 invalid_request tool_choice');
  });

  test('trap 32: a forced choice is never made free', async () => {
    const forced = { tools: [TOOL], tool_choice: 'required' };
    expect(await refused('opus-5-5', [user('u')], forced)).toBe('400 unsupported_parameter tool_choice');
    expect((await send('opus-4-8', [user('u')], forced)).body['tool_choice']).toEqual({ type: 'any' });
  });

  test('trap 33 (anthropic): one call at a time is what the vendor is told', async () => {
    const { body } = await send('opus-4-8', [user('u')], { tools: [TOOL], parallel_tool_calls: false });
    expect(body['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  });

  test('trap 35: of an answer begun anew inside its stream nothing is left of the first', async () => {
    const started = (id: string): string => begin({ type: 'tool_use', id, name: 'test-tool', input: {} });
    const events = [
      MESSAGE_START,
      started('toolu_first'),
      MESSAGE_START.replace('msg_1', 'msg_2'),
      started('toolu_second'),
      delta({ type: 'input_json_delta', partial_json: '{"value":"Sparkle Day"}' }),
      named('content_block_stop', { index: 0 }),
      end('tool_use'),
      MESSAGE_STOP,
    ];
    const held = await answered(events, 'held');
    const call = { index: 0, id: 'toolu_second', type: 'function', function: { name: 'test-tool', arguments: '' } };
    expect(held['deltas']).toEqual([
      { role: 'assistant', content: '' },
      { tool_calls: [call] },
      { tool_calls: [{ index: 0, function: { arguments: '{"value":"Sparkle Day"}' } }] },
    ]);
    expect(held).toMatchObject({ finish: ['tool_calls'], error: [], flags: ['restarted'] });
    const { deltas, error } = await answered(events);
    // The first call had gone out already: the stream ends with an error, and never as a whole answer.
    expect(JSON.stringify(deltas)).not.toContain('toolu_second');
    expect(error).toEqual(['upstream_protocol']);
  });
});

describe('parameters', () => {
  test('trap 39 (anthropic): a cap nobody named is the model’s own, and said to be chosen', async () => {
    const { body, changes } = await send('opus-4-8', [user('u')], { max_tokens: null });
    expect(body['max_tokens']).toBe(128_000);
    expect(changes).toEqual(['defaulted max_tokens']);
    const both = { max_tokens: 100, max_completion_tokens: 200 };
    expect(await refused('opus-4-8', [user('u')], both)).toBe('400 invalid_request max_tokens');
  });

  test('trap 44 (anthropic): one answer is what there is, several are refused', async () => {
    const { body } = await send('opus-4-8', [user('u')], { n: 1 });
    expect(body).not.toHaveProperty('n');
    expect(await refused('opus-4-8', [user('u')], { n: 2 })).toBe('400 unsupported_parameter n');
  });
});

describe('what comes back', () => {
  const words = [begin({ type: 'text', text: '' }), delta({ type: 'text_delta', text: 'Hi' })];

  test('trap 58 (anthropic): counts at the end stand over those at the beginning', async () => {
    const start = MESSAGE_START.replace('"input_tokens":5', '"input_tokens":43');
    const { usage } = await answered([
      start,
      ...words,
      end('end_turn', {}, { input_tokens: 61, output_tokens: 2 }),
      MESSAGE_STOP,
    ]);
    expect(usage).toMatchObject([{ prompt_tokens: 61, completion_tokens: 2, total_tokens: 63 }]);
  });

  test('trap 59 (anthropic): the model that took over inside the vendor’s service is who served', async () => {
    const fallback = { type: 'fallback', from: { model: 'claude-opus-5' }, to: { model: 'claude-opus-4-7' } };
    const { flags, served } = await answered([
      MESSAGE_START,
      begin(fallback),
      named('content_block_stop', { index: 0 }),
      begin({ type: 'text', text: '' }, 1),
      delta({ type: 'text_delta', text: 'Hi' }, 1),
      end('end_turn'),
      MESSAGE_STOP,
    ]);
    expect(flags).toContain('vendor_side_fallback');
    expect(served).toBe('claude-opus-4-7');
  });

  test('trap 60 (anthropic): a refusal is an answer, whole or after its beginning', async () => {
    const details = { stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' } };
    const whole = await answered([MESSAGE_START, end('refusal', details), MESSAGE_STOP]);
    expect(whole).toMatchObject({
      deltas: [{ role: 'assistant', content: '' }, { refusal: 'No.' }],
      finish: ['content_filter'],
      flags: ['refusal_category:cyber'],
    });
    const partial = await answered([MESSAGE_START, ...words, end('refusal', { stop_details: null }), MESSAGE_STOP]);
    expect(partial).toMatchObject({
      deltas: [{ role: 'assistant', content: '' }, { content: 'Hi' }, { refusal: '' }],
      finish: ['content_filter'],
    });
  });
});
