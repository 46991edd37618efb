import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { turns } from './support/manual-clock.ts';
import { chunk, eventStream, LAST_CHUNK, type Script } from './support/raw-upstream.ts';
import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openTimedBench, type TimedBench } from './support/timed-bench.ts';
import { anthropicStream, openAiStream } from './support/upstream-streams.ts';

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
routes:
  brief: { try: [gpt-4o, claude-opus], stream: { window: 400ms }, timeout: { idle: 3s } }
  alone: { try: [gpt-4o], stream: { window: 60ms }, timeout: { idle: 3s } }
  long: { try: [gpt-4o, claude-opus], stream: { window: 40s }, timeout: { idle: 25s } }
`;
const OPENAI = openAiStream(['ein', 'zwei', 'drei']);
const ANTHROPIC = anthropicStream(['un', 'deux']);
/** Answers as far as the first word, and is silent then. */
const BEGINS = eventStream(OPENAI.events.slice(0, OPENAI.firstContent + 1), 'open');

let bench: TimedBench;
beforeAll(async () => {
  bench = await openTimedBench(CONFIG);
});
beforeEach(async () => {
  await bench.gateway.closeCircuits();
  bench.upstreams['anthropic']!.play(eventStream(ANTHROPIC.events, 'clean'));
});
afterAll(() => bench.close());

/** What has come of the answer, as it comes. */
interface Reading {
  readonly text: () => string;
  readonly response: () => Response | null;
  readonly ended: Promise<void>;
}

async function read(model: string, script: Script): Promise<Reading> {
  const asked = await bench.ask(model, script);
  let text = '';
  let head: Response | null = null;
  const ended = (async () => {
    head = await asked.response;
    for await (const piece of head.body!) text += Buffer.from(piece as Uint8Array).toString();
  })();
  await turns(40);
  return { text: () => text, response: () => head, ended };
}

/** Lets so much time pass at once, and what comes of it arrive. */
async function pass(milliseconds: number): Promise<void> {
  bench.clock.advance(milliseconds);
  await turns(40);
}

/** Begins, and goes on as the test says. */
function begun(): { readonly script: Script; readonly goOn: (step: (socket: Parameters<Script>[0]) => void) => void } {
  let open: Parameters<Script>[0] | null = null;
  return {
    script: (socket, request) => {
      open = socket;
      BEGINS(socket, request);
    },
    goOn: (step) => {
      if (open !== null) step(open);
    },
  };
}

test('what waits goes out when the time is up, although nothing more comes; then the stream flows and may break', async () => {
  const upstream = begun();
  const reading = await read('brief', upstream.script);
  await pass(380);
  expect(reading.response()).toBeNull();
  await pass(40);
  expect(readStream(reading.text())).toMatchObject({ text: 'ein ', done: false, error: null });
  upstream.goOn((socket) => socket.write(chunk(OPENAI.events[OPENAI.firstContent + 1] ?? '')));
  await turns(40);
  expect(readStream(reading.text()).text).toBe('ein zwei ');
  upstream.goOn((socket) => socket.resetAndDestroy());
  await reading.ended;
  expect(flawsOfBrokenStream(reading.text())).toEqual([]);
  expect(readStream(reading.text())).toMatchObject({ text: 'ein zwei ', error: { code: 'upstream_truncated' } });
});

test('until then another model answers, and nothing of the first is left, whenever its time would have been up', async () => {
  const upstream = begun();
  const reading = await read('brief', upstream.script);
  await pass(380);
  upstream.goOn((socket) => socket.resetAndDestroy());
  await reading.ended;
  expect(flawsOfCompleteStream(reading.text())).toEqual([]);
  expect(readStream(reading.text())).toMatchObject({ text: 'un deux ', models: ['claude-opus-4-8'] });
  await pass(1_000);
});

test('an answer that is whole before the time is up does not wait for it', async () => {
  const reading = await read('brief', eventStream(OPENAI.events, 'clean'));
  await reading.ended;
  expect(flawsOfCompleteStream(reading.text())).toEqual([]);
  expect(readStream(reading.text()).text).toBe('ein zwei drei ');
});

test('the time is not up for what a failed attempt left behind while the next one is awaited', async () => {
  // Its pause is up to 250 ms by chance, so that the window would open within most of them.
  for (let time = 0; time < 8; time++) {
    await bench.gateway.closeCircuits();
    await pass(11_000);
    const upstream = begun();
    const reading = await read('alone', upstream.script);
    bench.upstreams['openai']!.play(eventStream(OPENAI.events, 'clean'));
    upstream.goOn((socket) => socket.resetAndDestroy());
    await turns(40);
    await bench.clock.passUntil(reading.ended);
    expect(readStream(reading.text())).toMatchObject({ text: 'ein zwei drei ', error: null });
    expect(flawsOfCompleteStream(reading.text())).toEqual([]);
  }
});

test('comments keep a client company that waits for a window to pass, and nothing of the answer goes with them', async () => {
  const upstream = begun();
  const reading = await read('long', upstream.script);
  await pass(9_980);
  expect(reading.response()).toBeNull();
  await pass(60);
  expect(reading.text()).toBe(': keep-alive\n\n');
  expect(reading.response()?.headers.get('x-candor-served-by')).toBe('pending');
  await pass(10_000);
  expect(reading.text()).toBe(': keep-alive\n\n'.repeat(2));
  upstream.goOn((socket) => socket.write(chunk(OPENAI.events[OPENAI.firstContent + 1] ?? '')));
  await turns(40);
  await pass(20_100);
  expect(readStream(reading.text()).text).toBe('ein zwei ');
  upstream.goOn((socket) => {
    for (const event of OPENAI.events.slice(OPENAI.firstContent + 2)) socket.write(chunk(event));
    socket.write(LAST_CHUNK);
  });
  await reading.ended;
  expect(flawsOfCompleteStream(reading.text())).toEqual([]);
  expect(readStream(reading.text()).candor).toMatchObject({ served_by: 'openai/gpt-4o' });
});
