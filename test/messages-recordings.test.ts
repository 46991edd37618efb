import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { stringMember, type JsonObject } from '../src/core/json.ts';
import { collectMessage, messageEvents, type CollectedMessage } from './support/message-events.ts';
import { isAnswer, isExpectedText, readRecordings, type RecordedResponse } from './support/recordings.ts';
import { openReplayBench, type ReplayBench } from './support/replay.ts';
import { randomPieces } from './support/stream-variants.ts';

/** Every recorded answer from the upstream's socket to a client of Anthropic's protocol. */
const folder = process.env['CANDOR_RECORDINGS'];
const answers = folder === undefined ? [] : readRecordings(folder).responses.filter(isAnswer);
const named = (list: readonly RecordedResponse[]) => list.map((recorded) => [recorded.name, recorded] as const);
const own = answers.filter(({ provider }) => provider === 'anthropic');
const others = answers.filter(({ provider }) => provider !== 'anthropic');
/** One turn in two exchanges: told by its own tests. */
const isPaused = ({ expected }: RecordedResponse): boolean => expected.native_finish_reason === 'pause_turn';

const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  content_filter: 'refusal',
};

describe.skipIf(folder === undefined)('recorded answers for clients of Anthropic’s protocol', () => {
  let bench: ReplayBench;
  beforeAll(async () => {
    bench = await openReplayBench();
  });
  afterAll(() => bench.close());

  async function ask(recorded: RecordedResponse, target: string, pieces: readonly Buffer[]): Promise<string> {
    const content = bench.prepare(recorded, pieces);
    const body = {
      model: `${target}-${recorded.provider}`,
      max_tokens: 100,
      stream: recorded.isStream,
      messages: [{ role: 'user', content }],
    };
    const response = await bench.gateway.post('/v1/messages', body);
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return text;
  }

  test.each(named(own.filter((recorded) => recorded.isStream)))('%s: its own events', async (name, recorded) => {
    const sent = dataOf(recorded.body);
    const starts = sent.flatMap(({ type }, index) => (type === 'message_start' ? [index] : []));
    // Begun anew, it is whole only where nothing had gone out; announced twice, it is told once.
    const isRestarted = recorded.expected.restarts === 1;
    const wanted = isRestarted
      ? sent.slice(starts.at(-1))
      : sent.filter((_, index) => !starts.slice(1).includes(index));
    const text = await ask(recorded, isRestarted ? 'held' : 'm', randomPieces(Buffer.from(recorded.body), name));
    const received = messageEvents(text);
    expect(received.find(({ type }) => type === 'message_delta')?.['candor']).toBeDefined();
    expect(received.map(withoutOurs)).toEqual(wanted.map(withoutOurs));
    expect(received[0]).toMatchObject({ message: { id: expect.stringMatching(/^gen_/) } });
  });

  test.each(named(own.filter((recorded) => !recorded.isStream && !isPaused(recorded))))(
    '%s: its own message',
    async (_name, recorded) => {
      const received = JSON.parse(await ask(recorded, 'm', [Buffer.from(recorded.body)])) as JsonObject;
      const { id: _id, ...sent } = JSON.parse(recorded.body) as JsonObject;
      const { id, candor, ...rest } = received;
      expect(rest).toEqual(sent);
      expect(id).toMatch(/^gen_/);
      expect(candor).toBeDefined();
    },
  );

  test.each(named(others))('%s: what it means', async (name, recorded) => {
    const pieces = recorded.isStream ? randomPieces(Buffer.from(recorded.body), name) : [Buffer.from(recorded.body)];
    const text = await ask(recorded, 'm', pieces);
    const message = recorded.isStream ? collectMessage(messageEvents(text)) : (JSON.parse(text) as CollectedMessage);
    const { expected } = recorded;
    const said = message.content.map((block) => (block['type'] === 'text' ? stringMember(block, 'text') : '')).join('');
    expect(isExpectedText(said, expected.content, expected.content_sha, expected.content_len_utf16), said).toBe(true);
    const calls = message.content.filter((block) => block['type'] === 'tool_use');
    expect(calls.map((call) => call['name'])).toEqual(expected.tool_calls.map((call) => call.name));
    for (const [index, call] of expected.tool_calls.entries()) {
      if (call.arguments !== undefined) expect(calls[index]?.['input']).toEqual(JSON.parse(call.arguments));
    }
    const isRefusal = message.stop_reason === 'refusal' && expected.finish_reason === 'stop';
    if (!isRefusal) expect(message.stop_reason).toBe(STOP_REASONS[expected.finish_reason ?? '']);
    const { input_tokens: input, cache_read_input_tokens: read, output_tokens: output } = message.usage;
    const total = expected.usage === null ? null : expected.usage['prompt_tokens'];
    expect(input === null ? null : Number(input) + Number(read ?? 0)).toBe(total ?? null);
    expect(output).toBe(expected.usage?.['completion_tokens'] ?? null);
  });
});

/** The data of each event of a recorded stream. */
function dataOf(body: string): readonly JsonObject[] {
  return body
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [JSON.parse(line.slice('data:'.length)) as JsonObject] : []));
}

/** An event without what Candor puts into it. */
function withoutOurs({ candor: _candor, ...event }: JsonObject): JsonObject {
  if (event['type'] !== 'message_start') return event;
  const { id: _id, ...message } = event['message'] as JsonObject;
  return { ...event, message };
}
