import { performance } from 'node:perf_hooks';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { PROTOCOLS, type ProtocolName } from './support/fault-cases.ts';
import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import type { ReadRecord } from './support/keyed-gateway.ts';
import { chunk, eventStream, LAST_CHUNK, type Script } from './support/raw-upstream.ts';
import {
  askWithSdk,
  flawsOfBrokenStream,
  flawsOfCompleteStream,
  readStream,
  type SdkOutcome,
} from './support/stream-reading.ts';
import { BUSY, completion, json } from './support/vendor-answers.ts';
import { DONE, openAiChunk, openAiStream, textStreams, type UpstreamStream } from './support/upstream-streams.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    city: { type: 'string' },
    note: { type: 'string' },
  },
  required: ['name', 'age', 'city'],
  additionalProperties: false,
};
const FORMAT = { type: 'json_schema', json_schema: { name: 'person', schema: SCHEMA } };
/** The third field is a number where the schema wants a string. */
const BAD = ['{"name":', '"x",', '"age":', '40,', '"city":', '7,', '"note":', '"after"}'];
const GOOD = ['{"name":', '"y",', '"age":', '41,', '"city":', '"Oslo"}'];
const VALID_PREFIX = '{"name": "x", "age": 40, "city": ';
const PLACE = `text:${VALID_PREFIX.length}`;
const REASON = 'the schema takes no number here';
/** Within this the upstream must be closed; without the check it is not before it has sent everything. */
const LIMIT_MS = 100;
const RESCUERS: Readonly<Record<string, ProtocolName>> = {
  'claude-haiku': 'anthropic',
  'gpt-4o-mini': 'openai',
  'gemini-flash': 'google',
};

let gateway: InjectedGateway;
beforeAll(async () => {
  gateway = await startInjectedGateway({
    routes: [
      'windowed: { try: [gpt-4o, claude-opus], stream: { window: 20 } }',
      'windowed-again: { try: [gpt-4o], stream: { window: 60 }, invalid: [reask, fail] }',
      'windowed-marked: { try: [gpt-4o, claude-opus], stream: { window: 60 }, invalid: [next, return_flagged] }',
    ],
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  for (const upstream of Object.values(gateway.upstreams)) upstream.play((socket) => socket.destroy());
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Says nothing of any answer before its end. */
function withoutCheck(): void {
  vi.spyOn(gateway.steps.validation.schemas, 'outlineOf').mockReturnValue(null);
}

function ask(model: string, changes: JsonObject = {}): Promise<SdkOutcome> {
  const messages = [{ role: 'user', content: 'Who is it?' }];
  return askWithSdk(gateway.url, { model, messages, response_format: FORMAT, ...changes });
}

async function recordOf(outcome: SdkOutcome): Promise<ReadRecord> {
  const response = await fetch(`${gateway.url}/v1/generations/${outcome.headers.get('x-request-id')}`);
  return (await response.json()) as ReadRecord;
}

/** Sends all up to the bad event, waits, and sends the rest if it may. Tells how long the gateway took to close; `null`: it heard all. */
function breaking(events: readonly string[], bad: number, tell: (closedAfterMs: number | null) => void): Script {
  return (socket) => {
    const head = Buffer.from(
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    socket.write(Buffer.concat([head, ...events.slice(0, bad + 1).map(chunk)]));
    const sentAt = performance.now();
    const rest = setTimeout(() => {
      tell(null);
      socket.end(Buffer.concat([...events.slice(bad + 1).map(chunk), LAST_CHUNK]));
    }, 3 * LIMIT_MS);
    socket.on('close', () => {
      clearTimeout(rest);
      tell(performance.now() - sentAt);
    });
  };
}

function badEventOf({ events }: UpstreamStream): number {
  return events.findIndex((event) => event.includes('7, '));
}

/** Has the stream's vendor break the schema and the one behind it answer well. */
function play(stream: UpstreamStream): {
  readonly closedAfterMs: Promise<number | null>;
  readonly rescuer: ProtocolName;
} {
  const provider = stream.provider as ProtocolName;
  const rescuer = RESCUERS[PROTOCOLS[provider].fallback] as ProtocolName;
  const rescue = textStreams(GOOD).find((each) => each.provider === rescuer) as UpstreamStream;
  const closedAfterMs = new Promise<number | null>((resolve) => {
    gateway.upstreams[provider].play(breaking(stream.events, badEventOf(stream), resolve));
  });
  gateway.upstreams[rescuer].play(eventStream(rescue.events, 'clean'));
  return { closedAfterMs, rescuer };
}

describe.each(textStreams(BAD))('an answer that breaks at its third field: $name', (stream) => {
  const { provider } = stream;

  test('is replaced where it is held, and its upstream closed at once', { retry: 2 }, async () => {
    const { closedAfterMs } = play(stream);
    const outcome = await ask(`${provider}-held`);
    expect(outcome).toMatchObject({ status: 200, thrown: null, text: `${GOOD.join(' ')} ` });
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
    expect(outcome.bytes).not.toContain('\\"x\\"');
    expect(await closedAfterMs).toBeLessThan(LIMIT_MS);
    const { attempts, status } = await recordOf(outcome);
    expect(status).toBe('complete');
    expect(attempts).toMatchObject([{ kind: 'validation_failed', usage: null, finish: null }, { kind: 'ok' }]);
    expect(attempts[0]?.validation).toEqual({
      status: 'failed',
      verdicts: [{ validator: 'json_schema', outcome: 'fail', reason: REASON, place: PLACE }],
    });
    expect(attempts[0]?.received.body).toContain('city');
    expect(attempts[0]?.received.body).not.toContain('after');
  });

  test('ends in an error after its valid part where it flows', { retry: 2 }, async () => {
    const { closedAfterMs, rescuer } = play(stream);
    const asked = gateway.upstreams[rescuer].requests.length;
    const outcome = await ask(`${provider}-degraded`);
    expect(outcome).toMatchObject({ status: 200, text: VALID_PREFIX, thrown: { code: 'validation_failed' } });
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
    expect(await closedAfterMs).toBeLessThan(LIMIT_MS);
    expect(gateway.upstreams[rescuer].requests.length).toBe(asked);
    const record = await recordOf(outcome);
    expect(record).toMatchObject({ status: 'failed', http: 200, error: { code: 'validation_failed' } });
    expect(record.attempts[0]?.validation.verdicts).toEqual([
      { validator: 'json_schema', outcome: 'fail', reason: REASON, place: PLACE },
    ]);
  });

  test('is found only at its end where nobody checks it as it comes', async () => {
    withoutCheck();
    const held = play(stream);
    const outcome = await ask(`${provider}-held`);
    expect(outcome.text).toBe(`${GOOD.join(' ')} `);
    expect(await held.closedAfterMs).toBeNull();
    const flowing = play(stream);
    const { text, thrown } = await ask(`${provider}-degraded`);
    expect(text).toContain('7, ');
    expect(thrown).toMatchObject({ code: 'validation_failed' });
    expect(await flowing.closedAfterMs).toBeNull();
  });
});

describe('a stream by OpenAI', () => {
  function playWords(...words: readonly string[]): void {
    gateway.upstreams.openai.play(eventStream(openAiStream(words).events, 'clean'));
    const rescue = textStreams(GOOD).find(({ provider }) => provider === 'anthropic') as UpstreamStream;
    gateway.upstreams.anthropic.play(eventStream(rescue.events, 'clean'));
  }

  test('that is wrong from its first character is replaced although it would flow', async () => {
    playWords('```json', '{"name":', '"x"}', '```');
    const outcome = await ask('openai-degraded');
    expect(outcome).toMatchObject({ status: 200, thrown: null, text: `${GOOD.join(' ')} ` });
    const { attempts } = await recordOf(outcome);
    expect(attempts[0]?.validation.verdicts[0]).toMatchObject({ place: 'text:0' });
  });

  test('that is held may have its JSON in a fence', async () => {
    playWords('```json\n', ...GOOD, '\n```');
    const outcome = await ask('openai-held');
    expect(outcome.thrown).toBeNull();
    const record = await recordOf(outcome);
    expect(record).toMatchObject({ validation: { status: 'repaired' } });
    expect(record.attempts).toHaveLength(1);
  });

  test('whose JSON must be taken out of a fence does not go out when its window passes', async () => {
    playWords('```json\n', ...GOOD, '\n```');
    const outcome = await ask('windowed');
    expect(outcome).toMatchObject({ thrown: null, text: GOOD.join(' ') });
    expect(await recordOf(outcome)).toMatchObject({ validation: { status: 'repaired' } });
  });

  test('that its model betters does not go out when its window passes', async () => {
    const long = [...BAD.slice(0, -1), `"${'after '.repeat(20)}"}`];
    const scripts = [long, GOOD].map((words) => eventStream(openAiStream(words).events, 'clean'));
    gateway.upstreams.openai.play((socket, request) => scripts.shift()?.(socket, request));
    const outcome = await ask('windowed-again');
    expect(outcome).toMatchObject({ thrown: null, text: `${GOOD.join(' ')} ` });
    expect((await recordOf(outcome)).attempts.map(({ why }) => why)).toEqual(['primary', 'reask']);
  });

  test('that is not valid is delivered after all where whoever was asked after it is too busy', async () => {
    playWords(...BAD);
    gateway.upstreams.anthropic.play(BUSY);
    const outcome = await ask('windowed-marked');
    expect(outcome).toMatchObject({ thrown: null, text: `${BAD.join(' ')} ` });
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
    const record = await recordOf(outcome);
    expect(record).toMatchObject({ served_by: 'openai/gpt-4o', degraded: { reason: 'validation_failed' } });
    expect(record.attempts).toMatchObject([
      { kind: 'ok', finish: 'stop' },
      { kind: 'overloaded' },
      { kind: 'overloaded' },
    ]);
  });

  test('that calls a tool may say so first, whatever the format', async () => {
    const tool = { type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } };
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } };
    const events = [
      openAiChunk({ role: 'assistant', content: 'Let me look.' }),
      openAiChunk({ tool_calls: [call] }),
      openAiChunk({}, 'tool_calls'),
      DONE,
    ];
    gateway.upstreams.openai.play(eventStream(events, 'clean'));
    const outcome = await ask('gpt-4o', { tools: [tool] });
    expect(outcome).toMatchObject({ thrown: null, text: 'Let me look.' });
    expect(await recordOf(outcome)).toMatchObject({ status: 'complete', validation: { status: 'none' } });
  });

  test('that calls a second tool where one was asked for ends there, and its verdict is on record', async () => {
    const call = (index: number): string =>
      openAiChunk({
        tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name: 'f', arguments: '{}' } }],
      });
    const events = [openAiChunk({ role: 'assistant', content: null }), call(0), call(1)];
    gateway.upstreams.openai.play(eventStream([...events, openAiChunk({}, 'tool_calls'), DONE], 'clean'));
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const outcome = await ask('gpt-4o', { tools, parallel_tool_calls: false });
    expect(outcome.thrown).toMatchObject({ code: 'validation_failed' });
    expect(outcome.bytes).not.toContain('"id":"call_1"');
    expect((await recordOf(outcome)).validation).toMatchObject({
      status: 'failed',
      verdicts: [{ validator: 'parallel_tool_calls', outcome: 'fail' }],
    });
  });

  test('that comes as one whole body is judged before any of it goes out', async () => {
    playWords();
    gateway.upstreams.openai.play(json(completion({ text: BAD.join(' ') })));
    const outcome = await ask('openai-degraded');
    expect(outcome).toMatchObject({ status: 200, thrown: null, text: `${GOOD.join(' ')} ` });
  });

  test('that its cap cuts is delivered, and marked', async () => {
    const events = [openAiChunk({ role: 'assistant', content: '' }), openAiChunk({ content: VALID_PREFIX })];
    const last = [openAiChunk({ content: '7' }, 'length'), DONE];
    gateway.upstreams.openai.play(eventStream([...events, ...last], 'clean'));
    const outcome = await ask('openai-degraded');
    expect(outcome.thrown).toBeNull();
    expect(readStream(outcome.bytes).finishReasons).toEqual(['length']);
    expect(await recordOf(outcome)).toMatchObject({ status: 'complete', validation: { status: 'failed' } });
  });

  test('that is delivered although it is not valid is received whole', async () => {
    playWords(...BAD);
    const outcome = await ask('marked');
    expect(outcome).toMatchObject({ thrown: null, text: `${BAD.join(' ')} ` });
    expect(await recordOf(outcome)).toMatchObject({ status: 'complete', validation: { status: 'failed' } });
  });

  test('that its model may better is received whole, once', async () => {
    playWords(...BAD);
    const outcome = await ask('asked-again');
    expect(outcome.thrown).toMatchObject({ code: 'validation_failed' });
    const { attempts } = await recordOf(outcome);
    expect(attempts).toMatchObject([
      { why: 'primary', finish: 'stop' },
      { why: 'reask', finish: null },
    ]);
  });

  test('with several answers is judged answer by answer', async () => {
    const choice = (index: number, content: string, finish: string | null = null): string =>
      openAiChunk({ content }, finish).replace('"index":0', `"index":${index}`);
    const whole = GOOD.join(' ');
    const events = [choice(0, whole), choice(1, VALID_PREFIX), choice(1, '7, "note": "after"}'), choice(0, '', 'stop')];
    gateway.upstreams.openai.play(eventStream([...events, choice(1, '', 'stop'), DONE], 'clean'));
    const outcome = await ask('gpt-4o', { n: 2 });
    expect(outcome.thrown).toMatchObject({ code: 'validation_failed' });
    expect(outcome.bytes).not.toContain('note');
    const { attempts } = await recordOf(outcome);
    expect(attempts[0]?.validation.verdicts).toEqual([
      { validator: 'json_schema', outcome: 'fail', reason: `choices[1]: ${REASON}`, place: PLACE },
    ]);
  });
});
