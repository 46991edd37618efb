import { expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import { answer } from '../../../test/support/judging.ts';
import type { AnswerPart } from '../../core/answer.ts';
import type { JsonObject } from '../../core/json.ts';
import { ChunkStream } from './stream.ts';

const ANSWER = answer({ text: 'hi' });
const REQUEST = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
const LOGPROBS = { content: [{ token: 'hi', logprob: -0.1 }] };
const TEXT: AnswerPart = { type: 'text', text: 'hi' };
const FINISH: AnswerPart = { type: 'finish', reason: 'stop', native: 'stop' };

function relay(
  events: readonly { readonly native: JsonObject; readonly parts: readonly AnswerPart[]; readonly text?: string }[],
): JsonObject[] {
  const stream = new ChunkStream({
    request: REQUEST,
    id: 'gen_1',
    createdSeconds: 1,
    sameProtocol: true,
    includeUsage: false,
  });
  const bytes = events.flatMap(({ native, parts, text }) => {
    const plain = Buffer.from(`data: ${text ?? JSON.stringify(native)}\n\n`);
    return stream.encode({ parts, native, event: { name: null, data: '', plain } });
  });
  const envelope = {
    request: REQUEST,
    id: 'gen_1',
    createdSeconds: 1,
    provenance: null,
    costUsd: null,
    vendorBody: null,
  };
  const text = Buffer.concat([...bytes, stream.finish(ANSWER, envelope)]).toString('utf8');
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice(6)) as JsonObject);
}

function chunk(choice: JsonObject, extra: JsonObject = {}): JsonObject {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 7, model: 'm', choices: [choice], ...extra };
}

test('content that comes with a usage keeps all that its choice holds', () => {
  const native = chunk(
    { index: 0, delta: { content: 'hi', annotations: [1] }, logprobs: LOGPROBS, finish_reason: null },
    { usage: { prompt_tokens: 1 } },
  );
  const [first] = relay([{ native, parts: [TEXT] }]);
  expect(first).toMatchObject({
    id: 'gen_1',
    choices: [{ delta: { content: 'hi', annotations: [1] }, logprobs: LOGPROBS }],
  });
  expect(first).not.toHaveProperty('usage');
});

test('content that comes with the finish goes out once, and the finish after it', () => {
  const native = chunk({ index: 0, delta: { content: 'hi' }, logprobs: LOGPROBS, finish_reason: 'stop' });
  const [first, last, ...more] = relay([{ native, parts: [TEXT, FINISH] }]);
  expect(first?.['choices']).toEqual([{ index: 0, delta: { content: 'hi' }, logprobs: LOGPROBS, finish_reason: null }]);
  expect(last?.['choices']).toMatchObject([{ delta: {}, finish_reason: 'stop' }]);
  expect(more).toEqual([]);
});

test('a finish of its own keeps what its choice holds', () => {
  const content = chunk({ index: 0, delta: { content: 'hi' }, finish_reason: null });
  const native = chunk({ index: 0, delta: {}, logprobs: LOGPROBS, finish_reason: 'stop' });
  const chunks = relay([
    { native: content, parts: [TEXT] },
    { native, parts: [FINISH] },
  ]);
  expect(chunks.at(-1)?.['choices']).toEqual([{ index: 0, delta: {}, logprobs: LOGPROBS, finish_reason: 'stop' }]);
});

test('no id of the vendor is left where it names its id twice', () => {
  const native = chunk({ index: 0, delta: { content: 'hi' }, finish_reason: null });
  const text = JSON.stringify(native).replace('{"id":"chatcmpl-1",', '{"id":"chatcmpl-1","id":"chatcmpl-1",');
  expect(relay([{ native, parts: [TEXT], text }]).map((sent) => sent['id'])).toEqual(['gen_1', 'gen_1']);
});
