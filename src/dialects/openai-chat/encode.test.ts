import { describe, expect, it } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Provenance } from '../../core/record.ts';
import { openAiChatDialect } from './encode.ts';

const PROVENANCE: Provenance = {
  asked: 'gpt-4o',
  route: null,
  served_by: 'openai/gpt-4o',
  simulated: false,
  attempts: [],
  fallback: null,
  degraded: null,
  adjustments: [],
  validation: { status: 'none', verdicts: [] },
  confidence: { value: null, status: 'unknown', signals: {} },
  data: ['public'],
  why: 'asked for by name',
  trace: 'http://127.0.0.1:4141/r/gen_1',
};

function answerOf(vendorText: string): Answer {
  return {
    model: 'gpt-4o-2024-08-06',
    text: 'Yes',
    reasoning: null,
    refusal: null,
    toolCalls: [],
    extraContent: null,
    alternatives: [],
    embeddings: null,
    finishReason: 'stop',
    finishNative: 'stop',
    usage: {
      promptTokens: 3,
      completionTokens: 1,
      totalTokens: 4,
      cachedTokens: null,
      cacheWriteTokens: null,
      reasoningTokens: null,
      source: 'reported',
    },
    native: JSON.parse(vendorText) as JsonObject,
    flags: [],
  };
}

function encode(vendorText: string, changes: Partial<AnswerEnvelope> = {}): string {
  const envelope = {
    request: decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }] }),
    id: 'gen_1',
    createdSeconds: 1,
    provenance: PROVENANCE,
    costUsd: 0.5,
    vendorBody: Buffer.from(vendorText),
    ...changes,
  };
  return openAiChatDialect.encodeAnswer(answerOf(vendorText), envelope).toString('utf8');
}

const USAGE = '"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}';
const REST = '"logprob": -1.2345678901234567890, "text": "caf\\u00e9"';

describe('encodeAnswer, the vendor speaking the same protocol', () => {
  it('keeps every byte that is not ours, also digits and escapes a parser would not', () => {
    const vendor = `{ "id":"chatcmpl-1", "model":"gpt-4o-2024-08-06", ${REST}, ${USAGE} }\n`;
    expect(encode(vendor)).toBe(
      `{ "id":"gen_1", "model":"gpt-4o-2024-08-06", ${REST}, "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"cost":0.5} ,"candor":${JSON.stringify(PROVENANCE)}}\n`,
    );
  });

  it('puts in what the vendor left out', () => {
    const encoded = JSON.parse(encode(`{"model":"x",${REST}}`)) as JsonObject;
    expect(encoded).toMatchObject({ id: 'gen_1', model: 'gpt-4o-2024-08-06', candor: { asked: 'gpt-4o' } });
    expect(encoded['usage']).toEqual({ prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, cost: 0.5 });
  });

  it('replaces the outermost id only', () => {
    const vendor = `{"choices":[{"id":"chatcmpl-1"}],"id":"chatcmpl-1","model":"m",${USAGE}}`;
    expect(JSON.parse(encode(vendor))).toMatchObject({ id: 'gen_1', choices: [{ id: 'chatcmpl-1' }] });
  });

  it.each([
    ['a key stands twice', `{"id":"a","id":"b","model":"m",${USAGE}}`],
    ['a key is written with an escape', `{"\\u0069d":"a","model":"m",${USAGE}}`],
  ])('has one id when %s', (_case, vendor) => {
    const encoded = encode(vendor);
    expect((JSON.parse(encoded) as JsonObject)['id']).toBe('gen_1');
    expect(encoded).not.toContain('"a"');
    expect(encoded).not.toContain('"b"');
  });

  it('takes out a member that passes for our own when the client wants the plain shape', () => {
    const vendor = `{"id":"a","model":"m",${USAGE},"candor":{"asked":"forged"}}`;
    const encoded = JSON.parse(encode(vendor, { provenance: null })) as JsonObject;
    expect(encoded).not.toHaveProperty('candor');
    expect(encoded['usage']).not.toHaveProperty('cost');
    expect(JSON.parse(encode(vendor))).toMatchObject({ candor: { asked: 'gpt-4o' } });
  });
});

describe('encodeAnswer across protocols', () => {
  it('writes a completion of its own', () => {
    const encoded = JSON.parse(encode('{"type":"message"}', { vendorBody: null })) as JsonObject;
    expect(encoded).toMatchObject({ id: 'gen_1', object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
    expect(encoded).not.toHaveProperty('type');
  });
});
