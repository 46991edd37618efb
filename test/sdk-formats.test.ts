import { Ajv } from 'ajv';
import type OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { assemble, readStream } from './support/event-stream.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { expectSameFacts } from './support/provenance-headers.ts';
import { provenanceSchema, recordSchema } from './support/provenance-schema.ts';
import { SIMULATED_MODELS, type SimulatedModel } from './support/simulated-models.ts';

const INVOICE: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'Extract the invoice as JSON: Invoice 118 of 2026-03-04 for 3 chairs, 240 EUR in all.' },
];

const INVOICE_SCHEMA = {
  type: 'object',
  properties: {
    number: { type: 'string' },
    chairs: { type: 'integer' },
    total: { type: 'number' },
    currency: { type: 'string', enum: ['EUR', 'USD'] },
  },
  required: ['number', 'chairs', 'total', 'currency'],
  additionalProperties: false,
} as const;

/** The same with keywords that not every vendor enforces. */
const NARROW_SCHEMA = {
  type: 'object',
  properties: {
    ...INVOICE_SCHEMA.properties,
    number: { type: 'string', pattern: '^\\d{3}$' },
    chairs: { type: 'integer', minimum: 1, multipleOf: 3 },
  },
  required: ['number', 'chairs'],
  additionalProperties: false,
} as const;

const STORY: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'Say "one two three four five six seven eight nine ten"' },
];

/** A picture of one grey pixel. */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

function candorOf(answer: object): z.infer<typeof provenanceSchema> {
  return provenanceSchema.parse((answer as { candor?: unknown }).candor);
}

function jsonSchemaFormat(schema: Record<string, unknown>, strict: boolean): OpenAI.ResponseFormatJSONSchema {
  return { type: 'json_schema', json_schema: { name: 'invoice', schema, strict } };
}

/** The body as the vendor received it last. */
function lastSent(): Record<string, unknown> {
  return JSON.parse(gateway.simulator.received.at(-1)?.body ?? '') as Record<string, unknown>;
}

function textOf(answer: OpenAI.ChatCompletion): string {
  return answer.choices[0]?.message.content ?? '';
}

/** The invoice, valid against the schema the client sent, by a validator Candor has no hand in. */
function expectInvoice(text: string, schema: object): void {
  const validate = new Ajv({ strict: false }).compile(schema);
  const value = JSON.parse(text) as unknown;
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  expect(value).toMatchObject({ number: '118', chairs: 3 });
}

describe.each(SIMULATED_MODELS)('structured answers of $model', ({ model, provider, emulates }) => {
  const isEmulated = emulates.includes('json_schema');

  test('are accepted by the schema', async () => {
    const { data, response } = await gateway.client.chat.completions
      .create({ model, messages: INVOICE, response_format: jsonSchemaFormat(INVOICE_SCHEMA, true) })
      .withResponse();
    expectInvoice(textOf(data), INVOICE_SCHEMA);
    const candor = candorOf(data);
    expect(candor.validation).toEqual({
      status: 'passed',
      verdicts: [{ validator: 'json_schema', outcome: 'pass', reason: null }],
    });
    const emulated = candor.adjustments.filter((adjustment) => adjustment.kind === 'emulated');
    expect(emulated.map((adjustment) => adjustment.param)).toEqual(isEmulated ? ['response_format'] : []);
    const { cost } = data.usage as unknown as { cost: number };
    expectSameFacts(response.headers, { id: data.id, candor, cost, streamed: false });
    // The vendor has the schema either way: as its own structured output, or in the prompt.
    expect(JSON.stringify(lastSent())).toContain('currency');
  });

  test('are accepted by a schema the vendor itself could not enforce', async () => {
    const answer = await gateway.client.chat.completions.create({
      model,
      messages: INVOICE,
      response_format: jsonSchemaFormat(NARROW_SCHEMA, false),
    });
    expectInvoice(textOf(answer), NARROW_SCHEMA);
    const candor = candorOf(answer);
    const changes = candor.adjustments.filter(({ param }) => param.startsWith('response_format'));
    // A vendor that has schemas, but not these words of them, is told them in a description.
    if (provider === 'openai') expect(changes).toEqual([]);
    else if (isEmulated) expect(changes).toMatchObject([{ param: 'response_format', kind: 'emulated' }]);
    else expect(changes).toContainEqual(expect.objectContaining({ kind: 'dropped', sent: null }));
    expect(candor.validation.status).toBe('passed');
  });

  test('are accepted when streamed, and said so at the end', async () => {
    const response = await gateway.client.chat.completions
      .create({ model, messages: INVOICE, stream: true, response_format: jsonSchemaFormat(INVOICE_SCHEMA, true) })
      .asResponse();
    const { chunks } = await readStream(response);
    expectInvoice(assemble(chunks).content ?? '', INVOICE_SCHEMA);
    const last = chunks.at(-1);
    const candor = provenanceSchema.parse(last?.candor);
    expect(candor.validation.status).toBe('passed');
    const { cost } = recordSchema.parse(await gateway.record(String(last?.id)));
    expectSameFacts(response.headers, { id: String(last?.id), candor, cost, streamed: true, checked: true });
  });

  test('are parsed by the SDK from a zod schema', async () => {
    const shape = z.object({ number: z.string(), chairs: z.int(), paid: z.boolean().nullable() });
    const answer = await gateway.client.chat.completions.parse({
      model,
      messages: INVOICE,
      response_format: zodResponseFormat(shape, 'invoice'),
    });
    const parsed = answer.choices[0]?.message.parsed;
    expect(parsed?.number).toBe('118');
    expect(parsed?.chairs).toBe(3);
  });

  test('are objects when any object will do', async () => {
    const answer = await gateway.client.chat.completions.create({
      model,
      messages: INVOICE,
      response_format: { type: 'json_object' },
    });
    const value = JSON.parse(textOf(answer)) as unknown;
    expect(value).toBeTypeOf('object');
    expect(JSON.stringify(value)).toContain('118');
    const candor = candorOf(answer);
    expect(candor.validation.status).toBe('passed');
    const emulated = candor.adjustments.filter((adjustment) => adjustment.kind === 'emulated');
    expect(emulated).toHaveLength(emulates.includes('json_object') ? 1 : 0);
  });
});

describe.each(SIMULATED_MODELS)('pictures and $model', ({ model, provider, takesImages }) => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: PIXEL } },
      ],
    },
  ];

  test('go together, or are refused by name before anything is sent', async () => {
    const before = gateway.simulator.received.length;
    if (takesImages) {
      const answer = await gateway.client.chat.completions.create({ model, messages });
      expect(textOf(answer)).toContain('image/png, 67 bytes');
      return;
    }
    const error = await gateway.client.chat.completions.create({ model, messages }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'messages[0].content[1]',
      type: 'invalid_request_error',
    });
    const { candor } = (error as { error: { candor: Record<string, unknown> } }).error;
    expect(candor['refused']).toEqual([
      expect.objectContaining({
        deployment: `${provider}/${model}`,
        rule: 'image_data',
        need: 'messages[0].content[1]',
        have: null,
      }),
    ]);
    expect(candor['attempts']).toEqual([]);
    expect(gateway.simulator.received).toHaveLength(before);
    const record = recordSchema.parse(await gateway.record(String(candor['id'])));
    expect(record).toMatchObject({
      status: 'failed',
      http: 400,
      error: { code: 'unsupported_parameter' },
      attempts: [],
    });
    expect(record.candidates).toEqual([
      expect.objectContaining({ deployment: `${provider}/${model}`, verdict: 'excluded' }),
    ]);
  });
});

test('a route leaves out the candidate that takes no pictures and says why', async () => {
  const answer = await gateway.client.chat.completions.create({
    model: 'extract',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: PIXEL } }] }],
  });
  expect(answer.model).toBe('sim-gpt-4o');
  const { candidates } = recordSchema.parse(await gateway.record(answer.id));
  expect(candidates.map(({ deployment, verdict }) => `${deployment} ${verdict}`)).toEqual([
    'openai/gpt-4o tried',
    'anthropic/claude-opus eligible',
    'deepseek/deepseek-chat excluded',
  ]);
  expect(candidates[2]?.reasons.map(({ rule, need }) => [rule, need])).toEqual([
    ['image_data', 'messages[0].content[0]'],
  ]);
});

describe.each(SIMULATED_MODELS)('the end of an answer of $model', ({ model, reasons }) => {
  test('is at the stop sequence', async () => {
    const answer = await gateway.client.chat.completions.create({ model, messages: STORY, stop: ['four', 'nine'] });
    expect(textOf(answer).trim()).toBe('one two three');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    const single = await gateway.client.chat.completions.create({ model, messages: STORY, stop: 'two' });
    expect(textOf(single).trim()).toBe('one');
  });

  test.each(['max_tokens', 'max_completion_tokens'] as const)('is at %s, and called so', async (parameter) => {
    const request = { model, messages: STORY, [parameter]: 4 };
    const answer = await gateway.client.chat.completions.create(request);
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(4);
    expect(textOf(answer)).toBe(reasons ? '' : 'one two three four');
    const { chunks } = await readStream(
      await gateway.client.chat.completions.create({ ...request, stream: true }).asResponse(),
    );
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length');
    expect(assemble(chunks).content ?? '').toBe(textOf(answer));
  });
});

/** Where a vendor's body keeps what the system says. */
function systemTexts(provider: SimulatedModel['provider'], body: Record<string, unknown>): readonly string[] {
  if (provider === 'anthropic') return (body['system'] as { text: string }[]).map((block) => block.text);
  if (provider === 'google') {
    return (body['systemInstruction'] as { parts: { text: string }[] }).parts.map((part) => part.text);
  }
  const messages = body['messages'] as { role: string; content: string }[];
  return messages.filter((message) => message.role !== 'user').map((message) => message.content);
}

describe.each(SIMULATED_MODELS)('what the system says to $model', ({ model, provider }) => {
  test('arrives in order, from system and developer alike', async () => {
    const answer = await gateway.client.chat.completions.create({
      model,
      messages: [
        { role: 'system', content: 'The harbour is closed on Mondays.' },
        { role: 'developer', content: 'The harbour master is called Ada.' },
        { role: 'user', content: 'Who is the harbour master?' },
      ],
    });
    expect(textOf(answer)).toContain('Ada');
    expect(systemTexts(provider, lastSent()).slice(0, 2)).toEqual([
      'The harbour is closed on Mondays.',
      'The harbour master is called Ada.',
    ]);
    const roles = candorOf(answer).adjustments.filter((adjustment) => adjustment.param === 'messages[1].role');
    expect(roles).toEqual([]);
  });
});
