import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { accumulateResponse } from 'openai/lib/responses/ResponseAccumulator';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { describe, expect, test } from 'vitest';

import type { Answer, AnswerPart, FinishReason } from '../../core/answer.ts';
import { AnswerAssembler } from '../../core/answer-assembler.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { ErrorReport } from '../../core/client-dialect.ts';
import { stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { decodeResponsesRequest } from './decode.ts';
import { openAiResponsesDialect } from './encode.ts';
import { ResponseEvents } from './stream.ts';

function requestOf(members: JsonObject = {}): ChatRequest {
  const body = Buffer.from(JSON.stringify({ model: 'm', input: 'x', stream: true, ...members }));
  return decodeResponsesRequest({ body, headers: new Map(), pathParameter: '', explain: false });
}

const REQUEST = requestOf();
const START = { request: REQUEST, id: 'gen_1', createdSeconds: 7 };
const ENVELOPE = { ...START, provenance: null, costUsd: null, vendorBody: null };
const ERROR: ErrorReport = {
  status: 502,
  message: 'it broke',
  type: 'server_error',
  code: 'upstream_truncated',
  param: null,
  candor: { id: 'gen_1' },
};

function answerOf(parts: readonly AnswerPart[]): Answer {
  const assembler = new AnswerAssembler();
  for (const part of parts) assembler.add(part);
  const answer = assembler.answer([]);
  if (answer === null) throw new Error('the parts have no finish');
  return answer;
}

/** The events of a stream in which each part comes by itself; with a finish to its end, without one to a failure. */
function stream(parts: readonly AnswerPart[], request = REQUEST): ResponseStreamEvent[] {
  const events = new ResponseEvents({ ...START, request });
  const bytes = parts.flatMap((part) =>
    events.encode({ parts: [part], native: null, event: { name: null, data: '', plain: null } }),
  );
  const isWhole = parts.some((part) => part.type === 'finish');
  const end = isWhole ? events.finish(answerOf(parts), ENVELOPE) : events.fail(ERROR, null);
  return read(Buffer.concat([...bytes, end]).toString('utf8'));
}

/** Reads the events; each must have its own name and the next number. */
function read(text: string): ResponseStreamEvent[] {
  expect(text.endsWith('\n\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((frame, index) => {
      const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(frame) ?? [];
      const event = JSON.parse(String(data)) as ResponseStreamEvent;
      expect(event).toMatchObject({ type: name, sequence_number: index });
      return event;
    });
}

const types = (events: readonly ResponseStreamEvent[]): string[] =>
  events.map(({ type }) => type.replace(/^response\./, ''));

const finish = (reason: FinishReason): AnswerPart => ({ type: 'finish', reason, native: reason });
const text = (said: string): AnswerPart => ({ type: 'text', text: said });
const begin = (index: number): AnswerPart => ({
  type: 'tool-call-start',
  index,
  id: `call_${index}`,
  name: `f${index}`,
});
const args = (index: number, fragment: string): AnswerPart => ({ type: 'tool-call-arguments', index, fragment });

/** The response of the last event. */
function last(events: readonly ResponseStreamEvent[]): Response {
  return (events.at(-1) as unknown as { readonly response: Response }).response;
}

/** What the item gives back to its vendor. */
function extraOf(item: JsonObject | undefined): object | null {
  return openExtra(stringMember(item ?? {}, 'encrypted_content') ?? '');
}

describe('the events, in the vendor’s order', () => {
  test('of a text', () => {
    const events = stream([{ type: 'model', model: 'm-1' }, text('Hel'), text('lo'), finish('stop')]);
    expect(types(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.slice(2, 7)).toMatchObject([
      { output_index: 0, item: { id: 'msg_1_0', type: 'message', status: 'in_progress', content: [] } },
      {
        item_id: 'msg_1_0',
        output_index: 0,
        content_index: 0,
        part: { type: 'output_text', text: '', annotations: [] },
      },
      { item_id: 'msg_1_0', content_index: 0, delta: 'Hel' },
      { delta: 'lo' },
      { item_id: 'msg_1_0', text: 'Hello' },
    ]);
    expect(last(events)).toMatchObject({
      id: 'gen_1',
      model: 'm-1',
      status: 'completed',
      store: false,
      incomplete_details: null,
      output: [{ id: 'msg_1_0', status: 'completed', content: [{ type: 'output_text', text: 'Hello' }] }],
    });
  });

  test('of thoughts and two calls, with what their vendors want back', () => {
    const blocks = { anthropic: { thinking_blocks: [{ signature: 's' }] } };
    const signature = { google: { thought_signature: 't' } };
    const events = stream([
      { type: 'reasoning', text: 'Hm' },
      { type: 'extra', toolCall: null, content: blocks },
      begin(0),
      args(0, '{"a":'),
      args(0, '1}'),
      { type: 'extra', toolCall: 0, content: signature },
      begin(1),
      args(1, '{}'),
      finish('tool_calls'),
    ]);
    expect(types(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    const [thought, first, second] = last(events).output as unknown as JsonObject[];
    expect(thought).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] });
    expect(extraOf(thought)).toEqual(blocks);
    expect(first).toMatchObject({ call_id: 'call_0', name: 'f0', arguments: '{"a":1}', extra_content: signature });
    expect(second).toEqual({
      id: 'fc_1_2',
      type: 'function_call',
      status: 'completed',
      call_id: 'call_1',
      name: 'f1',
      arguments: '{}',
    });
  });

  test('of a refusal that follows a text: a part of its own', () => {
    const events = stream([text('I'), { type: 'refusal', text: 'No' }, finish('content_filter')]);
    expect(types(events).slice(3, -1)).toEqual([
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
    ]);
    expect(last(events)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output: [{ status: 'incomplete', content: [{ type: 'output_text' }, { type: 'refusal', refusal: 'No' }] }],
    });
  });

  test('of an answer cut by its cap', () => {
    const events = stream([text('Hel'), finish('length')]);
    expect(types(events).at(-1)).toBe('incomplete');
    expect(last(events)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
  });

  test('of nothing at all', () => {
    const events = stream([finish('stop')]);
    expect(types(events)).toEqual(['created', 'in_progress', 'completed']);
    expect(last(events)).toMatchObject({ status: 'completed', output: [], usage: null });
  });
});

test('calls whose fragments come in turns keep every fragment', () => {
  const events = stream([
    begin(0),
    args(0, '{"a":'),
    begin(1),
    args(1, '{"b"'),
    args(0, '1}'),
    args(1, ':2}'),
    finish('tool_calls'),
  ]);
  expect(last(events).output).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '{"b":2}' }]);
  expect(types(events).filter((type) => type === 'output_item.done')).toHaveLength(2);
});

test('what a vendor wants back and says last has an item of its own', () => {
  const content = { anthropic: { thinking_blocks: [1] } } as unknown as Record<string, JsonObject>;
  const events = stream([text('Hi'), { type: 'extra', toolCall: null, content }, finish('stop')]);
  const items = last(events).output as unknown as JsonObject[];
  expect(items.map(({ type }) => type)).toEqual(['message', 'reasoning']);
  expect(extraOf(items[1])).toEqual(content);
});

test('log probabilities are on the delta of their text and on the whole part', () => {
  const entry = { token: 'Hi', logprob: -0.5, bytes: null, top_logprobs: [] };
  const events = new ResponseEvents(START);
  const parts: AnswerPart[] = [text('Hi'), { type: 'logprobs', logprobs: { content: [entry], refusal: null } }];
  const bytes = events.encode({ parts, native: null, event: { name: null, data: '', plain: null } });
  const end = events.finish(answerOf([text('Hi'), finish('stop')]), ENVELOPE);
  const received = read(Buffer.concat([...bytes, end]).toString('utf8'));
  expect(received.find(({ type }) => type === 'response.output_text.delta')).toMatchObject({ logprobs: [entry] });
  expect(last(received).output).toMatchObject([{ content: [{ logprobs: [entry] }] }]);
});

test('a broken stream has an error that SDKs throw, is failed, and never complete', () => {
  const events = stream([text('Hel')]);
  expect(types(events).slice(-2)).toEqual(['error', 'failed']);
  expect(events.at(-2)).toMatchObject({
    code: 'upstream_truncated',
    message: 'it broke',
    error: { code: 'upstream_truncated', candor: { id: 'gen_1' } },
  });
  expect(last(events)).toMatchObject({
    status: 'failed',
    error: { code: 'upstream_truncated', message: 'it broke' },
    output: [{ status: 'incomplete', content: [{ text: 'Hel' }] }],
  });
  expect(types(events)).not.toContain('output_item.done');
});

test('what was asked is repeated, with what is true here', () => {
  const asked = {
    instructions: 'i',
    temperature: 0.5,
    tools: [{ type: 'function', name: 'f', parameters: null, strict: null }],
    tool_choice: 'required',
    text: { format: { type: 'json_object' } },
    metadata: { a: 'b' },
    max_output_tokens: 9,
    parallel_tool_calls: false,
    reasoning: { effort: 'low' },
  };
  const [created] = stream([finish('stop')], requestOf(asked));
  expect((created as unknown as { readonly response: Response }).response).toMatchObject({
    ...asked,
    reasoning: { effort: 'low', summary: null },
    store: false,
    background: false,
    previous_response_id: null,
    truncation: 'disabled',
    top_p: null,
  });
});

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 3 }).map(text) },
  fc.constant<AnswerPart>({ type: 'refusal', text: 'no' }),
  fc.string({ maxLength: 3 }).map((said): AnswerPart => ({ type: 'reasoning', text: said })),
  fc.constant<AnswerPart>({ type: 'extra', toolCall: null, content: { google: { thought_signature: 's' } } }),
  fc.constantFrom('call', 'open call'),
);
const answer = fc
  .tuple(
    fc.array(piece, { maxLength: 8 }),
    fc.constantFrom<FinishReason>('stop', 'length', 'tool_calls', 'content_filter'),
  )
  .map(([pieces, reason]) => {
    let calls = 0;
    const parts = pieces.flatMap((made): AnswerPart[] => {
      if (typeof made !== 'string') return [made];
      const index = calls++;
      const rest = made === 'call' ? [args(index, ':1}')] : [];
      return [begin(index), args(index, '{"a"'), ...rest];
    });
    return [...parts, finish(reason)];
  });

test('the SDK’s own reading of the events is the response at their end (500 answers)', () => {
  fc.assert(
    fc.property(answer, (parts) => {
      const events = stream(parts);
      const received = events
        .slice(0, -1)
        .reduce<Response | undefined>((snapshot, event) => accumulateResponse(event, snapshot), undefined);
      expect(received?.output).toEqual(last(events).output);
      // Streamed or not, the texts, the refusals and the calls are the same.
      const whole = JSON.parse(
        openAiResponsesDialect.encodeAnswer(answerOf(parts), ENVELOPE).toString('utf8'),
      ) as Response;
      expect(said(whole)).toEqual(said(last(events)));
      expect(whole.status).toBe(last(events).status);
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
});

/** What a response says, whatever its items. */
function said(response: Response): object {
  const contents = response.output.flatMap((item) => (item.type === 'message' ? item.content : []));
  return {
    text: contents.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    refusal: contents.map((part) => (part.type === 'refusal' ? part.refusal : '')).join(''),
    reasoning: response.output
      .flatMap((item) => (item.type === 'reasoning' ? item.summary.map((part) => part.text) : []))
      .join(''),
    calls: response.output.flatMap((item) => (item.type === 'function_call' ? [[item.call_id, item.arguments]] : [])),
    extra: response.output.some((item) => item.type === 'reasoning' && item.encrypted_content),
  };
}

const folder = process.env['CANDOR_RECORDINGS'];

describe.skipIf(folder === undefined)('as the vendor itself (set CANDOR_RECORDINGS to its recordings)', () => {
  test('a recorded stream of the same answer has the same events with the same members', () => {
    const { interactions } = JSON.parse(readFileSync(join(folder ?? '', 'openai/responses-stream.json'), 'utf8')) as {
      readonly interactions: readonly {
        readonly response: { readonly body: string };
        readonly request: { readonly body: JsonObject };
      }[];
    };
    expect(interactions).toHaveLength(2);
    for (const { response, request } of interactions) {
      const recorded = [...response.body.matchAll(/^data: (.*)$/gm)].map(
        ([, data]) => JSON.parse(String(data)) as ResponseStreamEvent,
      );
      const ours = stream(partsOf(recorded), requestOf(request.body));
      expect(types(ours)).toEqual(types(recorded));
      recorded.forEach((event, index) =>
        expectMembers(ours[index] as unknown as JsonValue, event as unknown as JsonValue, event.type),
      );
    }
  });

  test('a recorded failure has the same events, and the error where the vendor has it', () => {
    const lines = readFileSync(join(folder ?? '', 'openai/responses-stream-error-event.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const recorded = lines.map((line) => JSON.parse(line) as ResponseStreamEvent);
    const ours = stream([text('x')]);
    expect(types(recorded)).toEqual(['created', 'in_progress', 'error', 'failed']);
    expect(types(ours).slice(-2)).toEqual(['error', 'failed']);
    expectMembers(ours.at(-2) as unknown as JsonValue, recorded[2] as unknown as JsonValue, 'error');
    // Defaults of the vendor's model that nobody asked for are not ours to name.
    expectMembers(
      last(ours).error as unknown as JsonValue,
      last(recorded).error as unknown as JsonValue,
      'response.error',
    );
  });
});

/** The parts a recorded stream is made of. */
function partsOf(events: readonly ResponseStreamEvent[]): AnswerPart[] {
  return events.flatMap((event): AnswerPart[] => {
    if (event.type === 'response.output_text.delta') return [text(event.delta)];
    if (event.type === 'response.function_call_arguments.delta') return [args(event.output_index, event.delta)];
    if (event.type === 'response.output_item.added' && event.item.type === 'function_call') {
      const { call_id: id, name } = event.item;
      return [{ type: 'tool-call-start', index: event.output_index, id, name }];
    }
    return event.type === 'response.completed' ? [finish('stop')] : [];
  });
}

/** Members the vendor itself has renamed since: `summary` has taken the place of the first. */
const GONE: ReadonlySet<string> = new Set(['generate_summary']);

/** Every member the vendor has must be there, and text where text is. */
function expectMembers(ours: JsonValue | undefined, vendors: JsonValue | undefined, path: string): void {
  if (typeof vendors !== 'object' || vendors === null) {
    if (typeof vendors === 'string') expect(typeof ours, path).toBe('string');
    return;
  }
  // Usage is told in a test through a gateway; here nobody reports one.
  if (path.endsWith('.usage')) return;
  for (const [name, value] of Object.entries(vendors)) {
    if (GONE.has(name)) continue;
    expect(ours, path).toHaveProperty([name]);
    // What the vendor calls a model is told only once it is known.
    if (name !== 'model') expectMembers((ours as JsonObject)[name], value, `${path}.${name}`);
  }
}
