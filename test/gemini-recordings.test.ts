import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { arrayMember, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../src/core/json.ts';
import { SseDecoder } from '../src/transport/sse.ts';
import { isFailure } from '../src/core/failure.ts';
import { isAnswer, readRecordings, type RecordedResponse } from './support/recordings.ts';
import { openReplayBench, type ReplayBench } from './support/replay.ts';

/** What Google and Vertex answered reaches a client of their own dialect as they wrote it. */
const folder = process.env['CANDOR_RECORDINGS'];
const recordings = folder === undefined ? [] : readRecordings(folder).responses;
const CASES = recordings
  .filter((recorded) => recorded.provider === 'google' && isAnswer(recorded))
  .map((recorded) => [recorded.name, recorded] as const);

describe.skipIf(folder === undefined)(
  'recorded answers of generateContent (set CANDOR_RECORDINGS to their folder)',
  () => {
    let bench: ReplayBench;
    beforeAll(async () => {
      bench = await openReplayBench();
    });
    afterAll(() => bench.close());

    test.each(CASES)('%s', async (_name, recorded) => {
      const text = bench.prepare(recorded, [Buffer.from(recorded.body)]);
      const method = recorded.isStream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      const contents = [{ role: 'user', parts: [{ text }] }];
      const response = await bench.gateway.post(`/v1beta/models/m-google:${method}`, { contents });
      expect(response.status).toBe(200);
      const received = chunksOf(await response.text(), recorded.isStream);
      expect(received.at(-1)?.['candor']).toMatchObject({ served_by: 'google/m-google', adjustments: [] });
      const id = response.headers.get('x-request-id');
      for (const chunk of received) expect([undefined, id]).toContain(chunk['responseId']);
      expect(received.map(asWritten)).toEqual(expectedChunks(recorded));
    });
  },
);

function chunksOf(body: string, isStream: boolean): readonly JsonObject[] {
  if (!isStream) return [parseJson(body) as JsonObject];
  const decoder = new SseDecoder();
  const events = decoder.push(Buffer.from(body));
  const rest = decoder.end();
  if (isFailure(events) || isFailure(rest)) throw new Error('the stream cannot be read');
  return [...events, ...rest.events].map(({ data }) => parseJson(data) as JsonObject);
}

/** The chunk without what is ours. */
function asWritten(chunk: JsonObject): JsonObject {
  const { candor: _candor, responseId: _id, usageMetadata, ...rest } = chunk;
  if (!isJsonObject(usageMetadata)) return rest;
  const { cost: _cost, ...usage } = usageMetadata;
  return { ...rest, usageMetadata: usage };
}

/** What the vendor wrote; of a model that says with every chunk how it ends, only the last word. */
function expectedChunks(recorded: RecordedResponse): readonly JsonObject[] {
  const chunks = chunksOf(recorded.body, recorded.isStream).map(asWritten);
  return chunks.map((chunk, index) => (index === chunks.length - 1 ? chunk : { ...chunk, ...openCandidates(chunk) }));
}

function openCandidates(chunk: JsonObject): JsonObject {
  if (chunk['candidates'] === undefined) return {};
  const candidates = arrayMember(chunk, 'candidates').map((candidate): JsonValue => {
    if (!isJsonObject(candidate)) return candidate;
    const { finishReason: _reason, ...rest } = candidate;
    return rest;
  });
  return { candidates };
}
