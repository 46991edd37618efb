import { Ajv } from 'ajv';
import OpenAI, { APIError } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type {
  Response as ResponseObject,
  ResponseCreateParams,
  ResponseFunctionToolCall,
  ResponseInput,
  ResponseInputItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { expectSameFacts } from './support/provenance-headers.ts';
import { provenanceSchema } from './support/provenance-schema.ts';
import { ManualClock } from './support/manual-clock.ts';
import { chunk, eventStream, LAST_CHUNK } from './support/raw-upstream.ts';
import { responseSchema } from './support/responses-schemas.ts';
import { SIMULATED_MODELS } from './support/simulated-models.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { openAiStream, textStreams } from './support/upstream-streams.ts';

const BRIDGE =
  'When did the bridge open? Text: The Sydney Harbour Bridge opened in March 1932. It carries trains and cars.';
const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: false,
} as const;
const CITIES: ResponseInput = [{ role: 'user', content: 'What is the weather in Paris and Berlin?' }];
/** A picture of one grey pixel. */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

type Answered = ResponseObject & { readonly candor?: unknown };

function callsOf(response: ResponseObject): readonly ResponseFunctionToolCall[] {
  return response.output.filter((item) => item.type === 'function_call');
}

/** Results of the calls, in the other order than they were made: ids tie them, not positions. */
function results(calls: readonly ResponseFunctionToolCall[]): ResponseInputItem[] {
  const degrees: Readonly<Record<string, number>> = { Paris: 21, Berlin: 17 };
  return calls
    .map(({ call_id, arguments: text }): ResponseInputItem => {
      const { city } = JSON.parse(text) as { city: string };
      return { type: 'function_call_output', call_id, output: JSON.stringify({ degrees: degrees[city] }) };
    })
    .toReversed();
}

async function eventsOf(stream: AsyncIterable<ResponseStreamEvent>): Promise<readonly ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The error of a call that must fail. */
async function failing(call: PromiseLike<unknown>): Promise<APIError> {
  const error: unknown = await call.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof APIError) return error;
  throw error;
}

describe.each(SIMULATED_MODELS)('$model', ({ model, provider, reasons, takesImages, emulates }) => {
  test('answers in text and says who wrote it', async () => {
    const { data, response } = await gateway.client.responses
      .create({ model, instructions: 'You answer from the text alone.', input: BRIDGE })
      .withResponse();
    const answered: Answered = data;
    expect(responseSchema.parse(answered)).toMatchObject({ status: 'completed', model: `sim-${model}`, store: false });
    expect(answered.output_text).toContain('1932');
    expect(answered.output.map(({ type }) => type)).toEqual(reasons ? ['reasoning', 'message'] : ['message']);
    const { usage } = answered as unknown as {
      readonly usage: OpenAI.Responses.ResponseUsage & { cost: number | null };
    };
    expect(usage.total_tokens).toBe(usage.input_tokens + usage.output_tokens);
    const candor = provenanceSchema.parse(answered.candor);
    expect(candor).toMatchObject({ asked: model, served_by: `${provider}/${model}`, simulated: true });
    expectSameFacts(response.headers, { id: answered.id, candor, cost: usage.cost, streamed: false });
    const record = await gateway.record(answered.id);
    expect(record).toMatchObject({ dialect: 'openai-responses', status: 'complete', cost: usage.cost });
    expect(gateway.simulator.received.at(-1)?.body).toContain('You answer from the text alone.');
  });

  test('streams what it says at once, to the iterator and to the helper', async () => {
    const whole = await gateway.client.responses.create({ model, input: BRIDGE });
    const events = await eventsOf(await gateway.client.responses.create({ model, input: BRIDGE, stream: true }));
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error(`it ended with ${last?.type}`);
    expect(provenanceSchema.parse((last.response as Answered).candor).served_by).toBe(`${provider}/${model}`);
    expect(events.slice(0, -1).some((event) => 'response' in event && 'candor' in event.response)).toBe(false);
    const deltas = events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : []));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toBe(whole.output_text);
    const collected = await gateway.client.responses.stream({ model, input: BRIDGE }).finalResponse();
    expect(collected).toMatchObject({
      status: 'completed',
      output_text: whole.output_text,
      usage: { output_tokens: whole.usage?.output_tokens },
    });
    expect(collected.output.map(({ type }) => type)).toEqual(whole.output.map(({ type }) => type));
  });

  test.each([false, true])(
    'calls a tool twice at once and answers from both results (streamed: %s)',
    async (streamed) => {
      const ask = async (input: ResponseInput): Promise<ResponseObject> =>
        streamed
          ? await gateway.client.responses.stream({ model, input, tools: [WEATHER] }).finalResponse()
          : await gateway.client.responses.create({ model, input, tools: [WEATHER] });
      const called = await ask(CITIES);
      const calls = callsOf(called);
      expect(calls.map(({ name, arguments: text }) => [name, JSON.parse(text)])).toEqual([
        ['get_weather', { city: 'Paris' }],
        ['get_weather', { city: 'Berlin' }],
      ]);
      expect(new Set(calls.map(({ call_id }) => call_id)).size).toBe(2);
      // The answer goes back as it came.
      const history = called.output as ResponseInputItem[];
      const answered = await ask([...CITIES, ...history, ...results(calls)]);
      expect(answered.output_text).toMatch(/Paris[^.]*21/);
      expect(answered.output_text).toMatch(/Berlin[^.]*17/);
      expect(callsOf(answered)).toEqual([]);
    },
  );

  test('answers in a structure, also through the SDK’s parser', async () => {
    const invoice = z.object({ number: z.string(), chairs: z.number().int(), currency: z.enum(['EUR', 'USD']) });
    const input = 'Extract the invoice as JSON: Invoice 118 of 2026-03-04 for 3 chairs, 240 EUR in all.';
    const format = zodTextFormat(invoice, 'invoice');
    const parsed = await gateway.client.responses.parse({ model, input, text: { format } });
    expect(parsed.output_parsed).toMatchObject({ number: '118', chairs: 3, currency: 'EUR' });
    expect(new Ajv({ strict: false }).validate(format.schema, JSON.parse(parsed.output_text))).toBe(true);
    const { adjustments } = provenanceSchema.parse((parsed as unknown as Answered).candor);
    const emulated = adjustments.filter(({ kind }) => kind === 'emulated');
    expect(emulated.map(({ param }) => param)).toEqual(emulates.includes('json_schema') ? ['text.format'] : []);
  });

  test('stops at its cap, and is incomplete', async () => {
    const input = 'Say "one two three four five six seven eight nine ten"';
    const cut = await gateway.client.responses.create({ model, input, max_output_tokens: reasons ? 40 : 4 });
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(cut.output.at(-1)).toMatchObject(reasons ? {} : { type: 'message', status: 'incomplete' });
    const events = await eventsOf(
      await gateway.client.responses.create({ model, input, max_output_tokens: 4, stream: true }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'incomplete' } });
  });

  test('sees a picture, or its candidate is left out by name', async () => {
    const input: ResponseInput = [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is in the picture?' },
          { type: 'input_image', image_url: PIXEL, detail: 'auto' },
        ],
      },
    ];
    const asked = gateway.client.responses.create({ model, input });
    if (takesImages) expect((await asked).status).toBe('completed');
    else expect(await failing(asked)).toMatchObject({ code: 'unsupported_parameter', param: 'input[0].content[1]' });
  });

  test('fails before the stream and in it with an error the SDK throws', async () => {
    const ask = (fault: string): Promise<AsyncIterable<ResponseStreamEvent>> =>
      gateway.client.responses.create(
        { model, input: BRIDGE, stream: true },
        { headers: { 'x-candor-sim': `${provider}=${fault}` }, maxRetries: 0 },
      );
    expect(await failing(ask('503'))).toMatchObject({ status: 503, code: 'upstream_overloaded' });
    expect(await failing(ask('cut:3').then(eventsOf))).toMatchObject({ code: 'upstream_truncated' });
  });
});

describe('a route', () => {
  test('falls back, and says so on the response', async () => {
    const answered: Answered = await gateway.client.responses.create(
      { model: 'legal', input: 'What is a lien?' },
      { headers: { 'x-candor-sim': 'openai=503' } },
    );
    expect(provenanceSchema.parse(answered.candor)).toMatchObject({
      route: 'legal',
      served_by: 'anthropic/claude-opus',
      fallback: { reason: 'upstream_overloaded' },
    });
  });

  test('is explained without being asked', async () => {
    const before = gateway.simulator.received.length;
    const response = await gateway.post(
      '/v1/responses',
      { model: 'legal', input: 'Hello' },
      { 'x-candor-dry-run': '1' },
    );
    expect(await response.json()).toMatchObject({ object: 'explanation', route: 'legal' });
    expect(gateway.simulator.received.length).toBe(before);
  });

  test('gives the plain shape when asked to', async () => {
    const response = await gateway.post(
      '/v1/responses',
      { model: 'legal', input: 'Hello' },
      { 'x-candor-body': 'off' },
    );
    const body = (await response.json()) as Answered;
    expect(body).not.toHaveProperty('candor');
    expect(body.usage).not.toHaveProperty('cost');
  });
});

describe('what was asked', () => {
  test('reaches a vendor of another protocol under its names there', async () => {
    await gateway.client.responses.create({
      model: 'gpt-4o',
      instructions: 'Rules.',
      input: CITIES,
      tools: [WEATHER],
      tool_choice: { type: 'function', name: 'get_weather' },
      parallel_tool_calls: false,
      max_output_tokens: 900,
      temperature: 0.2,
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: false } },
      metadata: { team: 'a' },
    });
    const { strict: _strict, type: _type, ...tool } = WEATHER;
    expect(JSON.parse(gateway.simulator.received.at(-1)?.body ?? '')).toEqual({
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'Rules.' },
        { role: 'user', content: 'What is the weather in Paris and Berlin?' },
      ],
      tools: [{ type: 'function', function: { ...tool, strict: false } }],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: false } },
      parallel_tool_calls: false,
      max_completion_tokens: 900,
      temperature: 0.2,
      metadata: { team: 'a' },
    });
  });

  test('and changed is told under the client’s own names', async () => {
    const answered: Answered = await gateway.client.responses.create({
      model: 'deepseek-chat',
      input: 'Hello',
      max_output_tokens: 50,
      reasoning: { effort: 'low' },
      text: { verbosity: 'low' },
    });
    const { adjustments } = provenanceSchema.parse(answered.candor);
    expect(adjustments.map(({ param }) => param).toSorted()).toEqual(
      expect.arrayContaining(['reasoning.effort', 'text.verbosity']),
    );
    expect(adjustments.every(({ param }) => !/^(max_tokens|reasoning_effort|verbosity)$/.test(param))).toBe(true);
  });

  test.each<[string, object]>([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['background', { background: true }],
    ['store', { store: true }],
    ['conversation', { conversation: 'conv_1' }],
    ['tools[0]', { tools: [{ type: 'web_search' }] }],
    ['tools[0]', { tools: [{ type: 'custom', name: 'free' }] }],
    ['include[0]', { include: ['code_interpreter_call.outputs'] }],
    ['truncation', { truncation: 'auto' }],
    ['odd', { odd: 1 }],
  ])('and nobody can do is refused by name: %s', async (param, members) => {
    const error = await failing(gateway.client.responses.create({ model: 'extract', input: 'Hello', ...members }));
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter', param });
    expect(error.error).toHaveProperty('candor.fix');
  });

  test('of a store that is not there is said to be so', async () => {
    const error = await failing(gateway.client.responses.retrieve('gen_1'));
    expect(error).toMatchObject({ status: 404, code: 'not_supported' });
  });
});

describe('what a vendor wants back', () => {
  const question: Pick<ResponseCreateParams, 'tools' | 'reasoning'> = {
    tools: [WEATHER],
    reasoning: { effort: 'high', summary: 'auto' },
  };

  /** What the vendor receives with the results of a first answer's calls. */
  async function sentBack(
    model: string,
    streamed: boolean,
    tidy: (item: ResponseInputItem) => ResponseInputItem[],
  ): Promise<string> {
    const first = streamed
      ? await gateway.client.responses.stream({ model, ...question, input: CITIES }).finalResponse()
      : await gateway.client.responses.create({ model, ...question, input: CITIES });
    const history = (first.output as ResponseInputItem[]).flatMap(tidy);
    const input = [...CITIES, ...history, ...results(callsOf(first))];
    await gateway.client.responses.create({ model, ...question, input });
    return gateway.simulator.received.at(-1)?.body ?? '';
  }

  test.each([
    ['claude-opus', /"type":"thinking","thinking":"[^"]+","signature":"sim[^"]+"\},\{"type":"tool_use"/],
    ['gemini-flash', /"thoughtSignature":"[^"]+"/],
    ['deepseek-reasoner', /"reasoning_content":"The prompt is about/],
  ])('comes back to %s, streamed and not', async (model, signature) => {
    expect(await sentBack(model, false, (item) => [item])).toMatch(signature);
    expect(await sentBack(model, true, (item) => [item])).toMatch(signature);
    expect(await sentBack(model, false, withoutExtras)).not.toMatch(signature);
  });

  /** The items as a client keeps them that knows of nothing but texts and calls. */
  function withoutExtras(item: ResponseInputItem): ResponseInputItem[] {
    if (item.type === 'reasoning') return [];
    const { extra_content: _extra, ...rest } = item as ResponseInputItem & { readonly extra_content?: unknown };
    return [rest];
  }

  test.each(['gpt-4o', 'claude-opus', 'gemini-flash', 'deepseek-chat'])(
    'and is another’s is dropped, and told: %s',
    async (model) => {
      const answered: Answered = await gateway.client.responses.create({
        model,
        input: [
          { role: 'user', content: 'Hello' },
          { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' },
          {
            type: 'message',
            id: 'msg_1',
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'Hi.', annotations: [] }],
          },
          { role: 'user', content: 'And?' },
        ],
      });
      const { adjustments } = provenanceSchema.parse(answered.candor);
      expect(adjustments).toContainEqual(
        expect.objectContaining({ kind: 'dropped', param: 'input[1].encrypted_content' }),
      );
      expect(gateway.simulator.received.at(-1)?.body).not.toContain('gAAAA');
    },
  );
});

describe('an upstream', () => {
  let bench: UpstreamBench;
  beforeAll(async () => {
    bench = await openUpstreamBench();
  });
  afterAll(() => bench.close());

  const streams = textStreams(['ein', 'zwei', 'drei']).map((stream) => [stream.name, stream] as const);

  test.each(streams)(
    'that breaks off in the middle breaks the stream: %s',
    async (_name, { events, provider, model, firstContent }) => {
      bench.upstreams[provider]?.play(eventStream(events.slice(0, firstContent + 2), 'clean'));
      const client = new OpenAI({ apiKey: 'any', baseURL: `${bench.gateway.url}/v1`, maxRetries: 0 });
      const stream = await client.responses.create({ model, input: 'Hello', stream: true });
      const received: ResponseStreamEvent[] = [];
      const error = await failing(
        (async () => {
          for await (const event of stream) received.push(event);
        })(),
      );
      expect(error).toMatchObject({ code: 'upstream_truncated' });
      expect(received.map(({ type }) => type)).not.toContain('response.completed');
      const helper = await failing(client.responses.stream({ model, input: 'Hello' }).finalResponse());
      expect(helper).toMatchObject({ code: 'upstream_truncated' });
      const bytes = await (
        await fetch(`${bench.gateway.url}/v1/responses`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model, input: 'Hello', stream: true }),
        })
      ).text();
      const names = [...bytes.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
      expect(names.slice(-2)).toEqual(['error', 'response.failed']);
      const failed = JSON.parse(bytes.slice(bytes.lastIndexOf('data: ') + 6)) as { readonly response: Answered };
      expect(provenanceSchema.parse(failed.response.candor).attempts).toMatchObject([{ kind: 'truncated' }]);
    },
  );
});

test('what a check has kept back is in no event, the failed response included', async () => {
  const clock = new ManualClock();
  const config = `providers: { openai: { sim: true } }
models: { gpt-4o: { at: openai } }
routes: { checked: { try: [gpt-4o], validate: [{ json_schema: { type: object } }] } }
`;
  const bench = await openUpstreamBench({ clock, config });
  try {
    const { events } = openAiStream(['ein', 'zwei', 'drei']);
    const upstream = bench.upstreams['openai']!;
    let go: () => void = () => undefined;
    upstream.play((socket, request) => {
      eventStream(events.slice(0, 3), 'open')(socket, request);
      go = () => socket.write(Buffer.concat([...events.slice(3).map((event) => chunk(event)), LAST_CHUNK]));
    });
    const asked = bench.gateway.post('/v1/responses', { model: 'checked', input: 'Hello', stream: true });
    // After ten seconds the client is told that the answer is under way.
    const response = await clock.passUntil(asked);
    go();
    const text = await response.text();
    expect(text).toMatch(/^: keep-alive\n\n/);
    expect(text).toContain('"code":"validation_failed"');
    expect(text).toContain('event: response.failed');
    expect(text).not.toContain('zwei');
  } finally {
    await bench.close();
  }
});
