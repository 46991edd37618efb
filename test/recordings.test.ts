import { describe, expect, test } from 'vitest';

import type { Answer } from '../src/core/answer.ts';
import { isFailure, type Failure } from '../src/core/failure.ts';
import { parseJson } from '../src/core/json.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { decodeChunks, ONE_CHAT } from './support/provider-fixtures.ts';
import {
  isAnswer,
  isExpectedText,
  NOT_YET,
  readRecordings,
  type ExpectedAnswer,
  type RecordedResponse,
} from './support/recordings.ts';

/** Replays recorded answers of the vendors through the decoders. Without `CANDOR_RECORDINGS` there is nothing to replay. */
const folder = process.env['CANDOR_RECORDINGS'];
const recordings = folder === undefined ? { responses: [], misplaced: [] } : readRecordings(folder);
if (folder === undefined) process.stdout.write('recordings are skipped: CANDOR_RECORDINGS names no folder\n');

describe.skipIf(folder === undefined)('recorded answers (set CANDOR_RECORDINGS to their folder)', () => {
  test('are found', () => {
    process.stdout.write(`recordings not replayed yet: ${NOT_YET.join(', ')}\n`);
    expect(recordings.misplaced).toEqual([]);
    expect(recordings.responses.length).toBeGreaterThan(30);
  });

  test.each(recordings.responses)('$name', (recorded) => {
    const result = decode(recorded);
    const { expected } = recorded;
    if (expected.native_finish_reason === 'pause_turn') expectPause(result);
    else if (isAnswer(recorded) && !isFailure(result)) expectAnswer(result, expected, recorded.isStream);
    else expectFailure(result, recorded);
  });

  test.each(recordings.responses.filter((recorded) => recorded.isStream))('$name, cut anywhere', (recorded) => {
    const bytes = Buffer.from(recorded.body);
    const step = Math.max(1, Math.floor(bytes.length / 50)) | 1;
    const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
      bytes.subarray(index * step, (index + 1) * step),
    );
    expect(decodeChunks(providerOf(recorded), chunks)).toEqual(decodeChunks(providerOf(recorded), [bytes]));
  });
});

function decode(recorded: RecordedResponse): Answer | Failure {
  const provider = providerOf(recorded);
  if (recorded.status !== 200) return provider.decodeFailure(recorded.status, recorded.headers, recorded.body);
  if (recorded.isStream) return decodeChunks(provider, [Buffer.from(recorded.body)]).result;
  return provider.decode(parseJson(recorded.body) ?? null, ONE_CHAT);
}

function providerOf(recorded: RecordedResponse): NonNullable<ReturnType<typeof PROVIDERS.get>> {
  const provider = PROVIDERS.get(recorded.provider);
  if (provider === undefined) throw new Error(`no provider ${recorded.provider}`);
  return provider;
}

function expectAnswer(answer: Answer, expected: ExpectedAnswer, isStream: boolean): void {
  const { content, content_sha: hash, content_len_utf16: length } = expected;
  expect(isExpectedText(answer.text ?? '', content, hash, length), `text: ${answer.text}`).toBe(true);
  const reasoning = answer.reasoning ?? '';
  expect(isExpectedText(reasoning, expected.reasoning, undefined, expected.reasoning_len), reasoning).toBe(true);
  expect(answer.finishReason).toBe(expected.finish_reason);
  const native = expected.native_finish_reason ?? expected.block_reason ?? null;
  if (native !== null) expect(answer.finishNative).toBe(native);
  expect(answer.model).toBe(expected.served_model);
  expect(answer.toolCalls).toHaveLength(expected.tool_calls.length);
  expect(new Set(answer.toolCalls.map((call) => call.id)).size).toBe(answer.toolCalls.length);
  expected.tool_calls.forEach((call, index) => {
    const made = answer.toolCalls[index];
    expect(made?.name).toBe(call.name);
    if (call.id !== undefined) expect(made?.id).toBe(call.id);
    // Only a stream carries the arguments as the model spelled them.
    if (isStream && call.arguments !== undefined) expect(made?.arguments).toBe(call.arguments);
    else expect(parseJson(made?.arguments ?? '')).toEqual(call.arguments_json ?? parseJson(call.arguments ?? ''));
  });
  expectUsage(answer, expected);
}

function expectUsage({ usage }: Answer, expected: ExpectedAnswer): void {
  if (expected.usage === null) {
    expect(usage).toBeNull();
    return;
  }
  // The index writes 0 where a vendor said nothing; to us that is unknown.
  const said = {
    prompt_tokens: usage?.promptTokens,
    completion_tokens: usage?.completionTokens,
    total_tokens: usage?.totalTokens,
    cached_tokens: usage?.cachedTokens ?? 0,
    cache_write_tokens: usage?.cacheWriteTokens ?? 0,
    reasoning_tokens: usage?.reasoningTokens ?? 0,
  };
  expect(said).toMatchObject(expected.usage);
}

/** The vendor has only paused: no end of the answer, and what it wants back is there. */
function expectPause(result: Answer | Failure): void {
  if (isFailure(result)) throw new Error(result.message);
  expect(result.resume).toEqual(result.native?.['content']);
}

function expectFailure(result: Answer | Failure, { name, status, expected }: RecordedResponse): void {
  if (!isFailure(result)) throw new Error(`${name} is taken for an answer: ${JSON.stringify(result)}`);
  const message = expected.errors[0]?.message;
  if (message !== undefined) expect(result.upstream?.message).toBe(message);
  if (status !== 200) expect(result.upstream?.status).toBe(status);
  if (expected.finish_reason === null && expected.native_finish_reason)
    expect(result.kind).toBe('unknown_finish_reason');
}
