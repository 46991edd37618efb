import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { AttemptRecord, GenerationRecord } from '../src/core/record.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { simulatedConfig } from './support/simulated-config.ts';
import { DIALECT_STREAMS } from './support/dialect-streams.ts';
import {
  askWithSdk,
  flawsOfBrokenStream,
  flawsOfCompleteStream,
  readStream,
  type SdkOutcome,
} from './support/stream-reading.ts';

const WINDOW_CHARACTERS = 60;
const TRY = 'try: [gpt-4o, claude-opus], timeout: { idle: 3s }';
const CONFIG = simulatedConfig([
  `held: { ${TRY}, stream: hold }`,
  `flowing: { ${TRY}, stream: trail }`,
  `windowed: { ${TRY}, stream: { window: ${WINDOW_CHARACTERS} } }`,
]);
const MESSAGES = [{ role: 'user', content: 'Tell me about the bridge.' }];

let clock: ManualClock;
let gateway: TestGateway;
/** What gpt-4o writes when nothing ends it, token by token, and what claude-opus writes in its stead. */
let pieces: readonly string[];
let fallback: { readonly text: string; readonly usage: unknown };
beforeAll(async () => {
  clock = new ManualClock();
  gateway = await startTestGateway({ config: CONFIG, clock });
  const whole = await ask('flowing');
  pieces = piecesOf(whole.bytes);
  const other = await ask('held', '503');
  fallback = { text: other.text, usage: (await recordOf(other)).usage };
});
afterAll(() => gateway.close());

beforeEach(() => gateway.closeCircuits());

/** Asks a route for a stream while OpenAI has this fault. */
function ask(model: string, fault?: string): Promise<SdkOutcome> {
  const headers: Readonly<Record<string, string>> = fault === undefined ? {} : { 'x-candor-sim': `openai=${fault}` };
  const asked = askWithSdk(
    gateway.url,
    { model, messages: MESSAGES, stream_options: { include_usage: true } },
    headers,
  );
  return clock.passUntil(asked);
}

async function recordOf(
  outcome: SdkOutcome,
): Promise<GenerationRecord & { readonly attempts: readonly AttemptRecord[] }> {
  return (await gateway.record(outcome.headers.get('x-request-id') ?? '')) as never;
}

/** The content of each event of a stream. */
function piecesOf(bytes: string): readonly string[] {
  const data = bytes.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice('data: '.length)] : []));
  return data.flatMap((text) => {
    const { choices } = JSON.parse(text) as { choices: readonly { delta: { content?: string } }[] };
    return choices.flatMap(({ delta }) => (delta.content ? [delta.content] : []));
  });
}

const FAULTS = [
  ['cut', 'truncated'],
  ['cut-clean', 'truncated'],
  ['stall', 'idle_timeout'],
] as const;

/**
 * Where a stream can break: before the first token, after each, and after the last with only its end to come. Outside
 * the long suites the faults share the places between them, but for the first two and the last two.
 */
function places(fault: string): readonly number[] {
  const all = [...pieces.keys(), pieces.length];
  if (process.env['CANDOR_FULL'] === '1') return all;
  const turn = FAULTS.findIndex(([name]) => name === fault);
  return all.filter((place) => place < 2 || place >= pieces.length - 1 || place % FAULTS.length === turn);
}

/** The client has the fallback's whole answer and nothing of the one before it. */
async function expectRescued(outcome: SdkOutcome, kind: string): Promise<void> {
  expect(outcome).toMatchObject({ status: 200, thrown: null, calls: 1, text: fallback.text });
  expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
  const { models, candor } = readStream(outcome.bytes);
  expect(models).toEqual(['sim-claude-opus']);
  expect(candor).toMatchObject({ served_by: 'anthropic/claude-opus', fallback: { reason: `upstream_${kind}` } });
  const record = await recordOf(outcome);
  expect(record).toMatchObject({ status: 'complete', http: 200, usage: fallback.usage, cost: null });
  expect(record.attempts).toMatchObject([
    { deployment: 'openai/gpt-4o', kind, cost: null, usage: null, finish: null, possibly_billed: true },
    { deployment: 'anthropic/claude-opus', kind: 'ok', usage: fallback.usage, finish: 'stop', possibly_billed: false },
  ]);
  expect(record.attempts[1]?.cost).toBeGreaterThan(0);
}

/** The client has the beginning of the answer, and is told inside the stream that there is no more. */
async function expectBroken(outcome: SdkOutcome, code: string, text: string): Promise<void> {
  expect(outcome).toMatchObject({ status: 200, thrown: { code }, calls: 1, text });
  expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
  const record = await recordOf(outcome);
  expect(record).toMatchObject({ status: 'failed', http: 200, error: { code }, cost: null });
  expect(record.attempts).toMatchObject([
    { kind: code.replace('upstream_', ''), cost: null, finish: null, possibly_billed: true },
  ]);
  expect(record.attempts).toHaveLength(1);
}

describe.each(FAULTS)('a stream that meets `%s` at any token', (fault, kind) => {
  test('is answered whole by the next model where it is held', async () => {
    expect(pieces.length).toBeGreaterThan(10);
    for (const place of places(fault)) {
      await expectRescued(await ask('held', `${fault}:${place}`), kind);
      await gateway.closeCircuits();
    }
  });

  test('ends in an error where it flows, once content has gone out', async () => {
    for (const place of places(fault)) {
      const outcome = await ask('flowing', `${fault}:${place}`);
      if (place === 0) await expectRescued(outcome, kind);
      else await expectBroken(outcome, `upstream_${kind}`, pieces.slice(0, place).join(''));
      await gateway.closeCircuits();
    }
  });

  test('is either, as its window has passed or not', async () => {
    let rescued = 0;
    for (const place of places(fault)) {
      const text = pieces.slice(0, place).join('');
      const outcome = await ask('windowed', `${fault}:${place}`);
      if (text.length < WINDOW_CHARACTERS) {
        await expectRescued(outcome, kind);
        rescued++;
      } else await expectBroken(outcome, `upstream_${kind}`, text);
      await gateway.closeCircuits();
    }
    expect(rescued).toBeGreaterThan(1);
    expect(rescued).toBeLessThan(pieces.length);
  });
});

test('of an answer that broke off in the client’s hands the tokens are estimated, and said to be', async () => {
  const place = pieces.length - 1;
  const record = await recordOf(await ask('flowing', `cut:${place}`));
  expect(record.usage).toEqual(record.attempts[0]?.usage);
  expect(record.usage).toMatchObject({ source: 'estimated', cached_tokens: null, reasoning_tokens: null });
  const completion = record.usage?.completion_tokens ?? 0;
  const whole = await recordOf(await ask('flowing'));
  expect(whole.usage?.source).toBe('reported');
  // The simulator counts by a rule of its own, so that the two are only about the same.
  expect(completion / place).toBeGreaterThan(0.6);
  expect(completion / place).toBeLessThan(1.6);
  const prompt = record.usage?.prompt_tokens ?? 0;
  expect(prompt).toBeGreaterThan(0);
  expect(record.usage?.total_tokens).toBe(prompt + completion);
});

describe.each(DIALECT_STREAMS)('for a client of $name', ({ path, body, read }) => {
  async function askIn(model: string, fault: string): Promise<ReturnType<typeof read> & { readonly status: number }> {
    const response = await clock.passUntil(
      gateway.post(path(model), body(model, 'Tell me about the bridge.'), { 'x-candor-sim': `openai=${fault}` }),
    );
    return { status: response.status, ...read(await clock.passUntil(response.text())) };
  }

  test.each([
    ['cut:1', 'upstream_truncated'],
    ['cut:20', 'upstream_truncated'],
    ['stall:20', 'upstream_idle_timeout'],
  ])('%s: whole where it is held, an error where it flows', async (fault, code) => {
    expect(await askIn('held', fault)).toEqual({ status: 200, text: fallback.text, isComplete: true, error: null });
    const flowing = await askIn('flowing', fault);
    expect(flowing).toMatchObject({ status: 200, isComplete: false, error: code });
    expect(flowing.text).toBe(pieces.slice(0, Number(fault.split(':')[1])).join(''));
    const windowed = await askIn('windowed', fault);
    if (fault === 'cut:1') expect(windowed).toMatchObject({ text: fallback.text, isComplete: true, error: null });
    else expect(windowed).toMatchObject({ text: flowing.text, isComplete: false, error: code });
  });
});
