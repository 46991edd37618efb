import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { startTestGateway } from './support/gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { body, chunked, eventStream, raw, startRawUpstream, type Script } from './support/raw-upstream.ts';
import { askWithSdk, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { textStreams } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const MODELS = {
  openai: 'gpt-4o',
  deepseek: 'deepseek-chat',
  anthropic: 'claude-opus',
  google: 'gemini-flash',
} as const;
type Provider = keyof typeof MODELS;
const PROVIDERS = Object.keys(MODELS) as Provider[];

/** A whole answer with this text, as each vendor writes it. */
function answer(provider: Provider, text: string): string {
  const openAi = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: MODELS[provider],
    choices: [{ index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 },
  };
  const bodies: Readonly<Record<Provider, JsonObject>> = {
    openai: openAi,
    deepseek: openAi,
    anthropic: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-8',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 5, output_tokens: 6 },
    },
    google: {
      candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 6, totalTokenCount: 11 },
      modelVersion: 'gemini-2.5-flash',
    },
  };
  return JSON.stringify(bodies[provider]);
}

/** A whole answer under a false length. */
function misdeclared(text: string, by: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length + by}\r\n\r\n${text}`;
}

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench();
});
beforeEach(() => bench.gateway.closeCircuits());
afterAll(() => bench.close());

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly code: string | null;
  readonly record: Record<string, unknown>;
}

async function ask(provider: Provider, script: Script, stream: boolean): Promise<Outcome> {
  bench.upstreams[provider]!.play(script);
  const response = await bench.gateway.post('/v1/chat/completions', {
    model: MODELS[provider],
    messages: MESSAGES,
    stream,
  });
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const error = isStream ? readStream(text).error : (JSON.parse(text) as { error?: { code: string } }).error;
  const record = await bench.gateway.record(response.headers.get('x-request-id') ?? '');
  return { status: response.status, text, headers: response.headers, code: error?.code ?? null, record };
}

describe('an upstream that breaks the rules of HTTP', () => {
  const odd: readonly (readonly [string, number, string, Script])[] = [
    ['bytes that are no HTTP', 502, 'upstream_protocol', raw('SSH-2.0-OpenSSH_9.2\r\n')],
    [
      'a NUL in a header',
      502,
      'upstream_protocol',
      raw('HTTP/1.1 200 OK\r\nx-odd: a\0b\r\ncontent-length: 2\r\n\r\n{}'),
    ],
    [
      'length and chunks at once',
      502,
      'upstream_protocol',
      raw(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
      ),
    ],
    ['a status that is none', 502, 'upstream_protocol', body('{}', 'application/json', '999 Odd')],
    ['no content', 502, 'upstream_protocol', raw('HTTP/1.1 204 No Content\r\n\r\n')],
    [
      'headers without end',
      502,
      'upstream_headers',
      raw(
        `HTTP/1.1 200 OK\r\n${'x-bomb: '.padEnd(1024, 'b')}\r\n`.repeat(1) +
          `x-more: ${'m'.repeat(1000)}\r\n`.repeat(100),
      ),
    ],
    ['a close before the answer', 502, 'upstream_reset', (socket) => socket.end()],
    ['a reset before the answer', 502, 'upstream_reset', (socket) => socket.resetAndDestroy()],
    ['a close in the middle of the headers', 502, 'upstream_reset', raw('HTTP/1.1 200 OK\r\ncontent-ty')],
    ['a web page', 502, 'upstream_content_type', body('<h1>Sign in, please</h1>', 'text/html')],
    ['JSON under a false name', 502, 'upstream_content_type', body('{"answer": 42}', 'text/plain')],
    [
      'gzip that was not asked for',
      502,
      'upstream_encoding',
      raw(
        Buffer.concat([
          Buffer.from(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${gzipSync('{}').length}\r\n\r\n`,
          ),
          gzipSync('{}'),
        ]),
      ),
    ],
    [
      'no content type and no JSON',
      502,
      'upstream_invalid_json',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'),
    ],
    ['invalid UTF-8', 502, 'upstream_invalid_utf8', body(Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
    ['JSON that is no object', 502, 'upstream_invalid_answer', body('[1, 2]')],
    ['an empty body', 502, 'upstream_invalid_json', body('')],
  ];
  const rows = odd.flatMap(([name, status, code, script]) =>
    PROVIDERS.map((provider) => [name, provider, status, code, script] as const),
  );

  test.each(rows)('%s from %s', async (_name, provider, status, code, script) => {
    for (const stream of [false, true]) {
      const outcome = await ask(provider, script, stream);
      expect([outcome.status, outcome.code]).toEqual([status, code]);
      expect(outcome.headers.get('x-should-retry')).toBe('false');
      expect(outcome.record).toMatchObject({ status: 'failed', http: status, error: { code } });
      expect(outcome.text).not.toContain('<h1>');
      // Whoever said 200 may charge for it: its cost is not known, and never 0.
      const attempt = (outcome.record['attempts'] as { status: number | null; cost: number | null }[])[0];
      if (attempt?.status === 200) expect(attempt).toMatchObject({ possibly_billed: true, cost: null });
    }
  });

  test.each(PROVIDERS)('%s: a body that is shorter than it said', async (provider) => {
    const outcome = await ask(provider, raw(misdeclared(answer(provider, 'ein'), 20)), false);
    expect([outcome.status, outcome.code]).toEqual([502, 'upstream_truncated']);
  });

  test.each(PROVIDERS)('%s: a body that is longer than it said never reaches the next request', async (provider) => {
    const short = await ask(provider, raw(misdeclared(answer(provider, 'ein'), -20), 'keep'), false);
    expect([short.status, short.code]).toEqual([502, 'upstream_invalid_json']);
    // A whole second answer on the same connection: whoever asks next must not be given it.
    const smuggled = misdeclared(answer(provider, 'ein'), 0) + misdeclared(answer(provider, 'smuggled'), 0);
    const first = await ask(provider, raw(smuggled, 'keep'), false);
    const next = await ask(provider, body(answer(provider, 'zwei')), false);
    expect(first.text + next.text).not.toContain('smuggled');
    expect(next.status).toBe(200);
    expect(next.text).toContain('zwei');
  });

  test.each(PROVIDERS)('%s: informational answers before the real one are passed over', async (provider) => {
    const real = misdeclared(answer(provider, 'ein'), 0);
    const outcome = await ask(
      provider,
      raw(`${'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'.repeat(3)}${real}`, 'keep'),
      false,
    );
    expect(outcome.status).toBe(200);
    expect(outcome.text).toContain('ein');
  });
});

describe('a status other than 200', () => {
  /** The last: how often it is asked. What was not processed, or perhaps not, is asked for once more where nobody else is left. */
  const statuses: readonly (readonly [string, number, string, number])[] = [
    ['400 Bad Request', 400, 'upstream_invalid_request', 1],
    ['401 Unauthorized', 502, 'upstream_auth', 1],
    ['402 Payment Required', 502, 'upstream_quota', 1],
    ['403 Forbidden', 502, 'upstream_auth', 1],
    ['404 Not Found', 502, 'upstream_model_unavailable', 1],
    ['408 Request Timeout', 504, 'upstream_timeout', 2],
    ['413 Payload Too Large', 413, 'request_too_large_for_model', 1],
    ['422 Unprocessable Entity', 400, 'upstream_invalid_request', 1],
    ['429 Too Many Requests', 429, 'upstream_rate_limited', 2],
    ['500 Internal Server Error', 502, 'upstream_error', 2],
    ['502 Bad Gateway', 502, 'upstream_error', 2],
    ['503 Service Unavailable', 503, 'upstream_overloaded', 2],
    ['504 Gateway Timeout', 504, 'upstream_timeout', 2],
    ['529 Overloaded', 503, 'upstream_overloaded', 2],
  ];
  test.each(statuses)('%s means %i %s, whatever its body', async (line, status, code, calls) => {
    for (const provider of PROVIDERS) {
      for (const text of ['', '<h1>Oh no</h1>', '{"error":"no object"}']) {
        const outcome = await ask(provider, body(text, 'text/html', line), true);
        expect([provider, outcome.status, outcome.code]).toEqual([provider, status, code]);
        expect(outcome.headers.get('x-should-retry')).toBe(String(status === 429));
        expect(outcome.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
        const attempt = { status: Number(line.slice(0, 3)) };
        expect(outcome.record['attempts']).toMatchObject(Array.from({ length: calls }, () => attempt));
        expect(outcome.text).not.toContain('<h1>');
      }
    }
  });

  test.each([
    ['2', '2', '2000'],
    ['1000000000', '300', '300000'],
    ['0', '1', '0'],
    ['soon', '1', '1000'],
    ['-5', '1', '1000'],
    ['Wed, 21 Oct 2015 07:28:00 GMT', '1', '1000'],
  ])('Retry-After: %s of a vendor becomes a plain number of our own', async (theirs, seconds, milliseconds) => {
    const script = raw(
      `HTTP/1.1 429 Too Many Requests\r\nretry-after: ${theirs}\r\ncontent-length: 2\r\n\r\n{}`,
      'keep',
    );
    const clock = new ManualClock();
    const timed = await openUpstreamBench({ clock });
    try {
      timed.upstreams['openai']!.play(script);
      // Where it is short, the gateway waits that long itself and asks once more.
      const asked = timed.gateway.post('/v1/chat/completions', { model: MODELS.openai, messages: MESSAGES });
      const { headers } = await clock.passUntil(asked);
      expect(headers.get('retry-after')).toBe(seconds);
      expect(headers.get('retry-after-ms')).toBe(milliseconds);
    } finally {
      await timed.close();
    }
  });

  test.each([
    [
      'openai',
      '{"error":{"message":"Slow down","type":"server_error","code":"rate_limit_exceeded"}}',
      429,
      'upstream_rate_limited',
      2,
    ],
    [
      'openai',
      '{"error":{"message":"No money","type":"insufficient_quota","code":"insufficient_quota"}}',
      502,
      'upstream_quota',
      1,
    ],
    ['deepseek', '{"error":{"message":"It broke","type":"internal_error"}}', 502, 'upstream_error', 2],
    [
      'anthropic',
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      503,
      'upstream_overloaded',
      2,
    ],
    ['google', '{"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}', 503, 'upstream_overloaded', 2],
  ] as const)('200 with an error inside, from %s: %s', async (provider, text, status, code, calls) => {
    for (const stream of [false, true]) {
      const outcome = await ask(provider, body(text), stream);
      expect([outcome.status, outcome.code]).toEqual([status, code]);
      const attempt = { status: 200, upstream: { error: { message: expect.any(String) as string } } };
      expect(outcome.record['attempts']).toMatchObject(Array.from({ length: calls }, () => attempt));
    }
  });
});

describe('the other form than the one that was asked for', () => {
  test.each(PROVIDERS)('%s: a whole answer becomes a stream, and is said to be so', async (provider) => {
    bench.upstreams[provider]!.play(body(answer(provider, 'ein zwei drei ')));
    const outcome = await askWithSdk(bench.gateway.url, { model: MODELS[provider], messages: MESSAGES });
    expect(outcome.thrown).toBeNull();
    expect(outcome.text).toBe('ein zwei drei ');
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
    const record = await bench.gateway.record(outcome.headers.get('x-request-id') ?? '');
    expect(record['attempts']).toMatchObject([{ flags: ['stream_emulated'] }]);
  });

  test.each(textStreams(['ein', 'zwei', 'drei']).map((stream) => [stream.name, stream] as const))(
    '%s: a stream becomes a whole answer, and is said to be so',
    async (_name, stream) => {
      const outcome = await ask(stream.provider as Provider, eventStream(stream.events, 'clean'), false);
      expect(outcome.status).toBe(200);
      expect(JSON.parse(outcome.text)).toMatchObject({
        object: 'chat.completion',
        choices: [{ message: { content: 'ein zwei drei ' }, finish_reason: 'stop' }],
        usage: { total_tokens: 11 },
      });
      expect(outcome.record['attempts']).toMatchObject([{ flags: ['stream_emulated'] }]);
      const events = stream.events.slice(0, stream.terminal);
      const cut = await ask(stream.provider as Provider, eventStream(events, 'clean'), false);
      expect([cut.status, cut.code]).toEqual([502, 'upstream_truncated']);
    },
  );

  test.each(PROVIDERS)('%s: JSON without a content type is read, under a charset too', async (provider) => {
    const text = answer(provider, 'ein');
    const bare = await ask(
      provider,
      raw(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`, 'keep'),
      false,
    );
    expect(bare.status).toBe(200);
    const charset = await ask(
      provider,
      chunked('Content-Type: Application/JSON; charset=utf-8', [text], 'clean'),
      false,
    );
    expect(charset.status).toBe(200);
  });
});

describe('a redirect', () => {
  const SECRET = 'sk-test-never-sent-elsewhere-4711';
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'candor-redirect-'));
    writeFileSync(join(folder, 'key'), SECRET, { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is never followed, and the key goes nowhere but to the provider', async () => {
    const elsewhere = await startRawUpstream(body(answer('openai', 'stolen')));
    const upstream = await startRawUpstream();
    const gateway = await startTestGateway({
      config: `providers:
  openai: { url: "${upstream.url}/v1", allow_private: true, key: "file:${join(folder, 'key')}" }
models:
  gpt-4o: { at: openai }
routes:
  only: { try: [gpt-4o] }
`,
    });
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        upstream.play(
          raw(
            `HTTP/1.1 ${status} Moved\r\nlocation: ${elsewhere.url}/v1/chat/completions?key=${SECRET}\r\ncontent-length: 0\r\n\r\n`,
            'keep',
          ),
        );
        const response = await gateway.post('/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES });
        const text = await response.text();
        expect(response.status).toBe(502);
        expect(text).toContain('upstream_redirect_refused');
        expect(response.headers.get('location')).toBeNull();
        const record = await gateway.record(response.headers.get('x-request-id') ?? '');
        expect(text + JSON.stringify([...response.headers]) + JSON.stringify(record)).not.toContain(SECRET);
      }
      expect(upstream.requests).toHaveLength(5);
      expect(upstream.requests[0]?.head).toContain(`authorization: Bearer ${SECRET}`);
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await gateway.close();
      await upstream.close();
      await elsewhere.close();
    }
  });
});

test('no connection is left of the broken ones', async () => {
  await vi.waitFor(() => expect(bench.openSockets()).toBeLessThanOrEqual(PROVIDERS.length));
});
