import { createHash } from 'node:crypto';

import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { assemble, readStream, type ReadChunk } from './support/event-stream.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { expectSameFacts } from './support/provenance-headers.ts';
import { provenanceSchema, recordSchema, type ReadRecord } from './support/provenance-schema.ts';
import { SIMULATED_MODELS, type SimulatedModel } from './support/simulated-models.ts';

const QUESTION: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: 'You answer from the text alone.' },
  {
    role: 'user',
    content:
      'When did the bridge open? Text: The Sydney Harbour Bridge opened in March 1932. It carries trains and cars.',
  },
];

/** What Candor adds to a `chat.completion`, beside the SDK's own type. */
type Completion = OpenAI.ChatCompletion & { readonly candor?: unknown };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

async function readRecord(id: string): Promise<ReadRecord> {
  return recordSchema.parse(await gateway.record(id));
}

/** The usage of an answer with the cost Candor adds. */
function usageOf(answer: { readonly usage?: unknown }): OpenAI.CompletionUsage & { readonly cost: number | null } {
  return answer.usage as OpenAI.CompletionUsage & { readonly cost: number | null };
}

/** Holds a record against what the simulator received and what the client was told. */
async function expectRecord(id: string, asked: SimulatedModel, candor: unknown, cost: number | null): Promise<void> {
  const record = await readRecord(id);
  const received = gateway.simulator.received.at(-1);
  const attempt = record.attempts[0];
  expect(attempt?.sent.body).toBe(received?.body);
  expect(attempt?.sent.sha256).toBe(createHash('sha256').update(String(received?.body)).digest('hex'));
  expect(attempt).toMatchObject({
    n: 1,
    why: 'primary',
    deployment: `${asked.provider}/${asked.model}`,
    kind: 'ok',
    status: 200,
    model_asked: asked.wireModel,
    model_reported: `sim-${asked.model}`,
    finish: 'stop',
    possibly_billed: false,
    sim_fault: null,
  });
  const text = attempt?.received.body ?? '';
  expect(text).toContain(`"sim-${asked.model}"`);
  expect(attempt?.received.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  // Gemini answers without a request id of its own.
  expect(attempt?.upstream.request_id === null).toBe(asked.provider === 'google');
  expect(attempt?.upstream.error).toBeNull();
  expect(record).toMatchObject({ id, status: 'complete', http: 200, error: null, content: 'kept', cost });
  const summaries = record.attempts.map(({ deployment, status, kind, ms, cost: paid }) => ({
    deployment,
    status,
    kind,
    ms,
    cost: paid,
  }));
  const { attempts: _attempts, ...told } = record;
  expect({ ...told, attempts: summaries }).toMatchObject(candor as object);
}

describe.each(SIMULATED_MODELS)('$model', (asked) => {
  const { model, provider } = asked;

  test('answers in text and says who wrote it', async () => {
    const { data, response } = await gateway.client.chat.completions
      .create({ model, messages: QUESTION })
      .withResponse();
    const completion: Completion = data;
    const choice = completion.choices[0];
    expect(completion.object).toBe('chat.completion');
    expect(completion.model).toBe(`sim-${model}`);
    expect(choice?.message.role).toBe('assistant');
    expect(choice?.message.content).toContain('1932');
    expect(choice?.finish_reason).toBe('stop');
    const usage = usageOf(completion);
    expect(usage.prompt_tokens).toBeGreaterThan(0);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    const candor = provenanceSchema.parse(completion.candor);
    expect(candor).toMatchObject({
      asked: model,
      route: null,
      served_by: `${provider}/${model}`,
      simulated: true,
      fallback: null,
      degraded: null,
      validation: { status: 'none', verdicts: [] },
    });
    expect(candor.trace).toBe(`${gateway.url}/r/${completion.id}`);
    expectSameFacts(response.headers, { id: completion.id, candor, cost: usage.cost, streamed: false });
    await expectRecord(completion.id, asked, candor, usage.cost);
  });

  test('streams with the usage that was asked for', async () => {
    const { response } = await gateway.client.chat.completions
      .create({ model, messages: QUESTION, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    const { chunks, fields, dones, endsWithDone } = await readStream(response);
    expectWellFormed(chunks, asked, response.headers);
    expect({ fields, dones, endsWithDone }).toEqual({ fields: ['data'], dones: 1, endsWithDone: true });
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(chunks.filter((chunk) => chunk.usage)).toEqual([last]);
    expect(chunks.filter((chunk) => chunk.candor !== undefined)).toEqual([last]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    const usage = usageOf(last ?? {});
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
    const candor = provenanceSchema.parse(last?.candor);
    const id = String(last?.id);
    expectSameFacts(response.headers, { id, candor, cost: usage.cost, streamed: true });
    await expectRecord(id, asked, candor, usage.cost);
  });

  test('streams without usage when none was asked for, and has it in the record', async () => {
    const response = await gateway.client.chat.completions
      .create({ model, messages: QUESTION, stream: true })
      .asResponse();
    const { chunks, fields, dones, endsWithDone } = await readStream(response);
    expectWellFormed(chunks, asked, response.headers);
    expect({ fields, dones, endsWithDone }).toEqual({ fields: ['data'], dones: 1, endsWithDone: true });
    expect(chunks.filter((chunk) => chunk.usage)).toEqual([]);
    const last = chunks.at(-1);
    expect(last?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.filter((chunk) => chunk.candor !== undefined)).toEqual([last]);
    const record = await readRecord(String(last?.id));
    expect(record.stream).toBe(true);
    expect(record.usage?.source).toBe('reported');
    expect(record.usage?.completion_tokens).toBeGreaterThan(0);
    expect(record).toMatchObject({ asked: model, cost: record.attempts[0]?.cost });
  });

  test('streams through the SDK, by iterator and by helper, what it says at once', async () => {
    const whole = await gateway.client.chat.completions.create({ model, messages: QUESTION });
    const stream = await gateway.client.chat.completions.create({ model, messages: QUESTION, stream: true });
    const chunks: ReadChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(assemble(chunks).content).toBe(whole.choices[0]?.message.content);
    const collected = await gateway.client.chat.completions
      .stream({ model, messages: QUESTION, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(collected).toMatchObject({
      model: `sim-${model}`,
      choices: [{ finish_reason: 'stop', message: { content: whole.choices[0]?.message.content } }],
      usage: { completion_tokens: whole.usage?.completion_tokens },
    });
  });
});

/** What every stream of chunks must be, whoever wrote it. */
function expectWellFormed(chunks: readonly ReadChunk[], asked: SimulatedModel, headers: Headers): void {
  const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
  expect(distinct(chunks.map((chunk) => chunk.id))).toEqual([headers.get('x-request-id')]);
  expect(distinct(chunks.map((chunk) => chunk.object))).toEqual(['chat.completion.chunk']);
  expect(distinct(chunks.map((chunk) => chunk.model))).toEqual([`sim-${asked.model}`]);
  expect(distinct(chunks.map((chunk) => chunk.created))).toHaveLength(1);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  expect(distinct(choices.map((choice) => choice.index))).toEqual([0]);
  expect(choices.filter((choice) => choice.delta.role !== undefined)).toHaveLength(1);
  expect(choices[0]?.delta.role).toBe('assistant');
  expect(choices.filter((choice) => choice.finish_reason !== null)).toHaveLength(1);
  const message = assemble(chunks);
  expect(message.content).toContain('1932');
  expect(message.reasoning_content !== undefined).toBe(asked.reasons);
  expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
}
