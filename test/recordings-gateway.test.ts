import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { parseJson } from '../src/core/json.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { isExpectedText, readRecordings, type ExpectedAnswer, type RecordedResponse } from './support/recordings.ts';

/** The same recordings from the upstream's socket to the application behind the official client. */
const folder = process.env['CANDOR_RECORDINGS'];
const recordings = folder === undefined ? [] : readRecordings(folder).responses;

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  m-openai: { at: openai }
  m-anthropic: { at: anthropic }
  m-google: { at: google }
  m-deepseek: { at: deepseek }
`;
const SLICES = 40;

/** What an application has in hand at the end. */
interface Received {
  content: string;
  reasoning: string;
  model: string;
  finish: string | null;
  usage: OpenAI.CompletionUsage | null;
  readonly tools: { id: string; name: string; arguments: string }[];
}

describe.skipIf(folder === undefined)('recorded answers through the gateway', () => {
  let gateway: TestGateway;
  let upstream: Server;
  let next: RecordedResponse | null = null;

  beforeAll(async () => {
    upstream = createServer((request, response) => {
      request.resume().once('end', () => {
        const { status = 500, headers = {}, body = '' } = next ?? {};
        response.writeHead(status, { 'content-type': headers['content-type'] ?? 'application/json' });
        const bytes = Buffer.from(body);
        const step = Math.max(1, Math.ceil(bytes.length / SLICES));
        for (let at = 0; at < bytes.length; at += step) response.write(bytes.subarray(at, at + step));
        response.end();
      });
    });
    await new Promise<void>((resolve) => {
      upstream.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const upstreams = { openai: url, anthropic: url, google: url, deepseek: url };
    gateway = await startTestGateway({ config: CONFIG, upstreams });
  });

  afterAll(async () => {
    await gateway.close();
    await new Promise((resolve) => {
      upstream.close(resolve);
    });
  });

  test.each(recordings)('$name', async (recorded) => {
    next = recorded;
    const client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const model = `m-${recorded.provider}`;
    const asked = recorded.isStream ? ask(client, model) : askWhole(client, model);
    const { expected } = recorded;
    if (recorded.status === 200 && expected.outcome === 'ok' && expected.restarts !== 1) {
      expectReceived(await asked, expected, recorded.isStream);
      return;
    }
    const error = await asked.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect((error as Error).message).toContain(`${recorded.provider}/${model}`);
  });
});

async function ask(client: OpenAI, model: string): Promise<Received> {
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
    stream_options: { include_usage: true },
  });
  const received: Received = { content: '', reasoning: '', model: '', finish: null, usage: null, tools: [] };
  for await (const chunk of stream) {
    received.model = chunk.model;
    received.usage = chunk.usage ?? received.usage;
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    received.finish = choice.finish_reason ?? received.finish;
    received.content += choice.delta.content ?? '';
    received.reasoning += (choice.delta as { reasoning_content?: string | null }).reasoning_content ?? '';
    for (const call of choice.delta.tool_calls ?? []) {
      const known = (received.tools[call.index] ??= { id: '', name: '', arguments: '' });
      known.id += call.id ?? '';
      known.name += call.function?.name ?? '';
      known.arguments += call.function?.arguments ?? '';
    }
  }
  return received;
}

async function askWhole(client: OpenAI, model: string): Promise<Received> {
  const completion = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const choice = completion.choices[0];
  return {
    content: choice?.message.content ?? '',
    reasoning: (choice?.message as { reasoning_content?: string | null } | undefined)?.reasoning_content ?? '',
    model: completion.model,
    finish: choice?.finish_reason ?? null,
    usage: completion.usage ?? null,
    tools: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ id: call.id, name: call.function.name, arguments: call.function.arguments }] : [],
    ),
  };
}

function expectReceived(received: Received, expected: ExpectedAnswer, isStream: boolean): void {
  const { content, content_sha: hash, content_len_utf16: length } = expected;
  expect(isExpectedText(received.content, content, hash, length), received.content).toBe(true);
  expect(isExpectedText(received.reasoning, expected.reasoning, undefined, expected.reasoning_len)).toBe(true);
  expect(received.finish).toBe(expected.finish_reason);
  if (expected.served_model !== null) expect(received.model).toBe(expected.served_model);
  expect(received.tools.map((tool) => tool.name)).toEqual(expected.tool_calls.map((call) => call.name));
  expected.tool_calls.forEach((call, index) => {
    const made = received.tools[index];
    if (call.id !== undefined) expect(made?.id).toBe(call.id);
    if (isStream && call.arguments !== undefined) expect(made?.arguments).toBe(call.arguments);
    else expect(parseJson(made?.arguments ?? '')).toEqual(call.arguments_json ?? parseJson(call.arguments ?? ''));
  });
  const { prompt_tokens, completion_tokens, total_tokens } = expected.usage ?? {};
  if (expected.usage === null) expect(received.usage).toBeNull();
  else expect(received.usage).toMatchObject({ prompt_tokens, completion_tokens, total_tokens });
}
