import { expect, test } from 'vitest';

import type { AnswerPart } from '../../core/answer.ts';
import { AnswerAssembler } from '../../core/answer-assembler.ts';
import type { AnswerEnvelope, StreamedEvent } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import { ARRAY_FRAMING } from './framing.ts';
import { GenerateStream } from './stream.ts';

/** Streams, read as their client reads them. */
function play(events: readonly StreamedEvent[], sameProtocol: boolean, choices = 1): readonly JsonObject[] {
  const stream = new GenerateStream({ id: 'gen_1', sameProtocol }, ARRAY_FRAMING);
  const assembler = new AnswerAssembler({ keepsContent: true, choices });
  const bytes = events.flatMap((event) => {
    for (const part of event.parts) assembler.add(part);
    return stream.encode(event);
  });
  const answer = assembler.answer([]);
  if (answer === null) throw new Error('the answer has no end');
  const envelope = { id: 'gen_1', createdSeconds: 0, provenance: null, costUsd: null, vendorBody: null };
  const last = stream.finish(answer, envelope as unknown as AnswerEnvelope);
  return JSON.parse(Buffer.concat([...bytes, last]).toString()) as readonly JsonObject[];
}

function written(...parts: readonly AnswerPart[]): StreamedEvent {
  return { parts, native: null, event: { name: null, data: '', plain: null } };
}

function passed(native: JsonObject, ...parts: readonly AnswerPart[]): StreamedEvent {
  return { parts, native, event: { name: null, data: JSON.stringify(native), plain: null } };
}

test('several answers keep their places and their ends', () => {
  const chunks = play(
    [
      written({ type: 'model', model: 'm' }, { type: 'text', text: 'b', choice: 1 }),
      written({ type: 'text', text: 'a' }, { type: 'finish', reason: 'stop', native: 'stop' }),
      written({ type: 'finish', reason: 'length', native: 'length', choice: 1 }),
    ],
    false,
    2,
  );
  expect(chunks).toEqual([
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'b' }] }, index: 1 }],
      modelVersion: 'm',
      responseId: 'gen_1',
    },
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'a' }] }, index: 0 }],
      modelVersion: 'm',
      responseId: 'gen_1',
    },
    {
      candidates: [
        { content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 },
        { content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'MAX_TOKENS', index: 1 },
      ],
      modelVersion: 'm',
      responseId: 'gen_1',
    },
  ]);
});

test('an end that came before another answer’s is told with the last chunk', () => {
  const candidate = (index: number, text: string, finishReason?: string): JsonObject => ({
    content: { role: 'model', parts: [{ text }] },
    ...(finishReason === undefined ? {} : { finishReason }),
    index,
  });
  const chunks = play(
    [
      passed(
        { candidates: [candidate(0, 'a', 'STOP')] },
        { type: 'text', text: 'a' },
        { type: 'finish', reason: 'stop', native: 'STOP' },
      ),
      passed({ candidates: [candidate(1, 'b')] }, { type: 'text', text: 'b', choice: 1 }),
      passed(
        { candidates: [candidate(1, 'c', 'MAX_TOKENS')] },
        { type: 'text', text: 'c', choice: 1 },
        { type: 'finish', reason: 'length', native: 'MAX_TOKENS', choice: 1 },
      ),
    ],
    true,
    2,
  );
  expect(chunks.map((chunk) => chunk['candidates'])).toEqual([
    [candidate(0, 'a')],
    [candidate(1, 'b')],
    [candidate(1, 'c', 'MAX_TOKENS'), candidate(0, '', 'STOP')],
  ]);
});

test('a pause of the vendor, after which it went on, is not told as an end', () => {
  const chunk = (text: string, more: JsonObject): JsonObject => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more, index: 0 }],
  });
  const chunks = play(
    [
      passed(
        chunk('a', { finishReason: 'CONTINUATION', continuationToken: 't' }),
        { type: 'text', text: 'a' },
        { type: 'finish', reason: 'length', native: 'CONTINUATION', resume: 't' },
      ),
      passed(
        chunk('b', { finishReason: 'STOP' }),
        { type: 'text', text: 'b' },
        { type: 'finish', reason: 'stop', native: 'STOP' },
      ),
    ],
    true,
  );
  expect(chunks).toEqual([
    { ...chunk('a', {}), responseId: 'gen_1' },
    { ...chunk('b', { finishReason: 'STOP' }), responseId: 'gen_1' },
  ]);
});
