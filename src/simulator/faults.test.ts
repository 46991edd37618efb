import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../core/json.ts';
import { instantClock } from './clock.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { countTokens } from './tokens.ts';

type Json = Readonly<Record<string, unknown>>;

interface Talk {
  readonly provider: 'openai' | 'deepseek' | 'anthropic' | 'google';
  readonly model: string;
  readonly path: (stream: boolean) => string;
  readonly body: (prompt: string, stream: boolean) => object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The text of a whole answer. */
  readonly text: (answer: Json) => string;
  /** The text in one event of a stream. */
  readonly delta: (event: Json) => string;
  /** What only a complete stream has. */
  readonly terminal: RegExp;
  readonly refused: RegExp;
}

// Each reads what its vendor's own client would read; missing members throw, which fails the test.
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (current, step) => (current as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    value,
  );
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const openAiTalk = (model: string) => ({
  model,
  path: () => '/chat/completions',
  body: (prompt: string, stream: boolean) => ({ model, messages: [{ role: 'user', content: prompt }], stream }),
  text: (answer: Json) => text(at(answer, 'choices', 0, 'message', 'content')),
  delta: (event: Json) => text(at(event, 'choices', 0, 'delta', 'content')),
  terminal: /\[DONE\]|"finish_reason":"/,
});
const TALKS: readonly Talk[] = [
  { ...openAiTalk('gpt-4o'), provider: 'openai', refused: /"refusal":"I'm sorry|"refusal":"I"/ },
  {
    ...openAiTalk('deepseek-chat'),
    provider: 'deepseek',
    refused: /I'm sorry, but I can't help|"content":"I".*"content":"'"/s,
  },
  {
    provider: 'anthropic',
    model: 'claude-haiku',
    path: () => '/v1/messages',
    headers: { 'anthropic-version': '2026-10-21' },
    body: (prompt, stream) => ({
      model: 'claude-haiku',
      max_tokens: 1_000,
      messages: [{ role: 'user', content: prompt }],
      stream,
    }),
    text: (answer) => text(at(answer, 'content', 0, 'text')),
    delta: (event) => text(at(event, 'delta', 'text')),
    terminal: /message_delta|message_stop/,
    refused: /"stop_reason":"refusal"/,
  },
  {
    provider: 'google',
    model: 'gemini-flash',
    path: (stream) => `/models/gemini-flash:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (prompt) => ({ contents: [{ role: 'user', parts: [{ text: prompt }] }] }),
    text: (answer) => text(at(answer, 'candidates', 0, 'content', 'parts', 0, 'text')),
    delta: (event) => text(at(event, 'candidates', 0, 'content', 'parts', 0, 'text')),
    terminal: /"finishReason"/,
    refused: /"blockReason": ?"SAFETY"/,
  },
];
const PROMPT = 'The ferry sails at nine. The crew is small. When does the ferry sail?';
const INVOICE = 'Invoice 118, 240 EUR. Answer in JSON.';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    clock: instantClock(),
    providers: {
      openai: { kind: 'openai', models: { 'gpt-4o': 'gpt-4o' } },
      deepseek: { kind: 'deepseek', models: { 'deepseek-chat': 'deepseek-chat' } },
      anthropic: { kind: 'anthropic', models: { 'claude-haiku': 'claude-haiku' } },
      google: { kind: 'google', models: { 'gemini-flash': 'gemini-flash' } },
    },
  });
});

beforeEach(() => simulator.control.reset());

afterAll(async () => {
  await simulator.close();
  expect(simulator.openSockets()).toBe(0);
});

async function send(talk: Talk, stream: boolean, prompt = PROMPT, word?: string) {
  const headers = {
    ...talk.headers,
    'content-type': 'application/json',
    ...(word === undefined ? {} : { 'x-candor-sim': word }),
  };
  const body = JSON.stringify(talk.body(prompt, stream));
  return request(`${simulator.urls[talk.provider]}${talk.path(stream)}`, { method: 'POST', headers, body });
}

interface Got {
  readonly bytes: string;
  /** Whether the connection was broken before the body's proper end. */
  readonly broken: boolean;
}

async function readAll(body: AsyncIterable<Buffer>): Promise<Got> {
  let bytes = '';
  try {
    for await (const chunk of body) bytes += chunk.toString();
    return { bytes, broken: false };
  } catch {
    return { bytes, broken: true };
  }
}

function streamedText(talk: Talk, bytes: string): string {
  return bytes
    .split(/\r?\n\r?\n/)
    .flatMap((event) => /^data: (\{.*\})$/m.exec(event)?.[1] ?? [])
    .map((data) => talk.delta(JSON.parse(data) as Json))
    .join('');
}

async function answerOf(talk: Talk, stream: boolean, prompt?: string, word?: string): Promise<string> {
  const { statusCode, body } = await send(talk, stream, prompt, word);
  const bytes = await body.text();
  expect(statusCode, bytes).toBe(200);
  return stream ? streamedText(talk, bytes) : talk.text(JSON.parse(bytes) as Json);
}

const CASES = TALKS.flatMap((talk) =>
  [true, false].map((stream) => ({ talk, stream, name: `${talk.provider}${stream ? ', streamed' : ''}` })),
);

describe.each(CASES)('$name', ({ talk, stream }) => {
  const inForce = (fault: JsonObject): unknown => simulator.control.addFault({ target: talk.provider, ...fault });

  test('no fault: a complete answer', async () => {
    const { body, headers } = await send(talk, stream);
    const { bytes, broken } = await readAll(body);
    expect(broken).toBe(false);
    expect(bytes).toMatch(stream ? talk.terminal : /ferry sails at nine/);
    expect(headers['x-candor-simulated']).toBe('1');
    expect(bytes).toContain(`sim-${talk.model}`);
  });

  test.each([
    ['outage', 503, 503],
    ['outage', 429, 429],
  ])('%s %d', async (fault, status, expected) => {
    inForce({ fault, status });
    const { statusCode, headers, body } = await send(talk, stream);
    expect(statusCode).toBe(expected);
    expect(headers['retry-after']).toBeUndefined();
    expect(headers['x-candor-simulated']).toBe('1');
    expect(at(await body.json(), 'error', 'message')).toEqual(expect.stringMatching(/\w/));
  });

  test.each(['500', '529'])('one request meets %s', async (word) => {
    const { statusCode, body } = await send(talk, stream, PROMPT, word);
    expect(statusCode).toBe(Number(word));
    await body.dump();
    expect(await answerOf(talk, stream)).toContain('nine');
  });

  test('a model whose connections break', async () => {
    simulator.control.addFault({ target: talk.model, fault: 'outage', status: 'refuse' });
    await expect(send(talk, stream)).rejects.toMatchObject({
      code: expect.stringMatching(/UND_ERR_SOCKET|ECONNRESET/),
    });
  });

  test('too many requests, with the wait in the form of the vendor', async () => {
    inForce({ fault: 'rate_limit', retry_after_s: 7 });
    const { statusCode, headers, body } = await send(talk, stream);
    const answer = await body.text();
    expect(statusCode).toBe(429);
    if (talk.provider === 'google') expect(answer).toContain('"retryDelay": "7s"');
    else expect(headers['retry-after']).toBe('7');
  });

  test('another content type', async () => {
    inForce({ fault: 'content_type', value: 'text/html' });
    const { statusCode, headers, body } = await send(talk, stream);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html');
    expect(await body.text()).toContain('<html>');
  });

  test('a refusal in the way of the vendor', async () => {
    inForce({ fault: 'refuse' });
    const { statusCode, body } = await send(talk, stream);
    expect(statusCode).toBe(200);
    const bytes = await body.text();
    expect(bytes).toMatch(talk.refused);
    expect(bytes).not.toContain('nine');
  });

  test('malformed JSON at every second answer, in its four ways', async () => {
    inForce({ fault: 'malformed_json', every: 2 });
    const broken: string[] = [];
    for (let index = 0; index < 8; index++) {
      const answer = await answerOf(talk, stream, INVOICE);
      if (index % 2 === 0) expect(JSON.parse(answer)).toMatchObject({ total: 240 });
      else broken.push(answer);
    }
    for (const answer of broken) expect(() => JSON.parse(answer) as unknown, answer).toThrow(SyntaxError);
    expect(new Set(broken).size).toBe(4);
  });

  test('an invented citation', async () => {
    const honest = await answerOf(talk, stream);
    inForce({ fault: 'invent_citations' });
    const answer = await answerOf(talk, stream);
    expect(answer.startsWith(honest)).toBe(true);
    expect(answer.slice(honest.length)).toMatch(/\w+ v\. \w+ Shipping Co\., \d+ F\.3d \d+/);
  });

  test('cut in the middle', async () => {
    const whole = await answerOf(talk, stream);
    inForce({ fault: 'cut', after_tokens: 3 });
    const { headers, body } = await send(talk, stream);
    const { bytes, broken } = await readAll(body);
    expect(broken).toBe(true);
    expectEarlyEnd(talk, stream, bytes, whole, 3);
    if (!stream) expect(Number(headers['content-length'])).toBeGreaterThan(bytes.length);
  });

  test('cut cleanly: the body ends as if nothing were missing', async () => {
    const whole = await answerOf(talk, stream);
    inForce({ fault: 'cut', after_tokens: 3, clean: true });
    const { bytes, broken } = await readAll((await send(talk, stream)).body);
    expect(broken).toBe(false);
    expectEarlyEnd(talk, stream, bytes, whole, 3);
  });

  test('cut after more tokens than there are: still no end', async () => {
    const { bytes } = await readAll((await send(talk, stream, PROMPT, 'cut:5000')).body);
    if (stream) expect(bytes).not.toMatch(talk.terminal);
    else expect(() => JSON.parse(bytes) as unknown).toThrow(SyntaxError);
  });

  test('a stall: no more comes, the line stays open until the client goes', async () => {
    const whole = await answerOf(talk, stream);
    const before = simulator.openSockets();
    const { body } = await send(talk, stream, PROMPT, 'stall:3');
    let bytes = '';
    body.on('data', (chunk: Buffer) => (bytes += chunk.toString()));
    body.on('error', () => undefined);
    const hasAll = (): boolean => (stream ? countTokens(streamedText(talk, bytes)) >= 3 : bytes.length > 0);
    await vi.waitFor(() => expect(hasAll()).toBe(true));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => void setImmediate(resolve));
    expect(body.closed).toBe(false);
    expectEarlyEnd(talk, stream, bytes, whole, 3);
    body.destroy();
    await vi.waitFor(() => expect(simulator.openSockets()).toBeLessThanOrEqual(before));
  });

  test('a word that is no fault is refused', async () => {
    const { statusCode, body } = await send(talk, stream, PROMPT, 'explode');
    expect(statusCode).toBe(400);
    expect(await body.text()).toContain('explode');
  });
});

test.each(TALKS)('$provider: a slow first token', async (talk) => {
  const clock = instantClock();
  const own = await startSimulator({
    clock,
    providers: { x: { kind: talk.provider, models: { [talk.model]: talk.model } } },
  });
  own.control.addFault({ target: 'x', fault: 'slow', ms: 30_000 });
  const before = clock.now();
  const body = JSON.stringify(talk.body(PROMPT, false));
  const answer = await request(`${own.urls['x']}${talk.path(false)}`, {
    method: 'POST',
    body,
    headers: { ...talk.headers },
  });
  await answer.body.text();
  expect(clock.now() - before).toBeGreaterThanOrEqual(30_000);
  await own.close();
});

function expectEarlyEnd(talk: Talk, stream: boolean, bytes: string, whole: string, tokens: number): void {
  if (!stream) {
    expect(bytes.length).toBeGreaterThan(0);
    expect(() => JSON.parse(bytes) as unknown).toThrow(SyntaxError);
    return;
  }
  expect(bytes).not.toMatch(talk.terminal);
  const got = streamedText(talk, bytes);
  expect(countTokens(got)).toBe(tokens);
  expect(whole.startsWith(got)).toBe(true);
}
