import fc from 'fast-check';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { oddity, withOddity } from './request-oddity.ts';

/**
 * Chat Completions requests as clients write them: most are sound, some ask for what few models
 * have, a few are wrong. Every text is unique within its request, so that it can be looked for.
 */

const MARK = '¤';
/** Made unique afterwards by `numbered`. */
const word = fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => MARK + text);
const text = fc.oneof({ weight: 12, arbitrary: word }, { weight: 1, arbitrary: fc.constant('') });
const usually = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { freq: 12, nil: undefined }).map((value) => value);
const never = fc.constant(undefined);
/** `undefined` eleven times of twelve. */
const seldom = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 11, arbitrary: never }, { weight: 1, arbitrary });
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 2, arbitrary: never }, { weight: 1, arbitrary });

const number = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((value) => Math.round(value * 100) / 100 + 0);
const metadata = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), word, { maxKeys: 3 });

const hints = {
  temperature: sometimes(fc.oneof(fc.constant(1), number(0, 2))),
  top_p: sometimes(fc.oneof(fc.constant(1), number(0, 1))),
  frequency_penalty: sometimes(fc.oneof(fc.constant(0), number(-2, 2))),
  presence_penalty: sometimes(fc.oneof(fc.constant(0), number(-2, 2))),
  seed: sometimes(fc.integer()),
  reasoning_effort: sometimes(fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
  verbosity: sometimes(fc.constantFrom('low', 'medium', 'high')),
  prediction: sometimes(fc.record({ type: fc.constant('content'), content: word })),
  user: sometimes(word),
  safety_identifier: sometimes(word),
  metadata: sometimes(metadata),
  prompt_cache_key: sometimes(word),
  prompt_cache_options: sometimes(fc.record({ mode: fc.constantFrom('implicit', 'explicit') })),
  prompt_cache_retention: sometimes(fc.constantFrom('in-memory', '24h')),
};

const contracts = {
  stop: sometimes(fc.oneof(word, fc.array(word, { maxLength: 4 }))),
  n: seldom(fc.constantFrom(1, 1, 2)),
  logprobs: seldom(fc.boolean()),
  top_logprobs: seldom(fc.nat(20)),
  logit_bias: seldom(fc.constantFrom<JsonObject>({}, { '50256': -100 })),
  store: seldom(fc.boolean()),
  service_tier: seldom(fc.constantFrom('auto', 'default', 'flex')),
  modalities: seldom(fc.constantFrom<JsonValue>(['text'], ['text', 'audio'])),
  parallel_tool_calls: seldom(fc.boolean()),
  web_search_options: seldom(fc.constant({ search_context_size: 'low' })),
  moderation: seldom(fc.constant({ model: 'omni' })),
  top_k: seldom(fc.nat(50)),
};

const cap = fc.oneof(
  fc.constant({}),
  fc.nat(4000).map((tokens) => ({ max_tokens: tokens + 1 })),
  fc.nat(4000).map((tokens) => ({ max_completion_tokens: tokens + 1 })),
);

const schema: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      title: seldom(word),
      description: seldom(word),
      closed: fc.boolean(),
      limit: seldom(fc.nat(9)),
      properties: fc.dictionary(
        fc.stringMatching(/^[a-z]{1,6}$/),
        fc.record({ type: fc.constantFrom('string', 'integer'), description: word }),
        {
          maxKeys: 3,
        },
      ),
    },
    { noNullPrototype: true },
  )
  .map(({ closed, limit, properties, ...labels }) => ({
    type: 'object',
    ...labels,
    properties,
    required: Object.keys(properties),
    ...(closed ? { additionalProperties: false } : {}),
    ...(limit === undefined ? {} : { maxProperties: limit }),
  }));

const format = sometimes(
  fc.oneof(
    fc.constant({ type: 'text' }),
    fc.constant({ type: 'json_object' }),
    fc
      .record({
        name: word,
        description: sometimes(word),
        schema: fc.option(schema, { freq: 8, nil: undefined }),
        strict: sometimes(fc.boolean()),
      })
      .map((described) => ({ type: 'json_schema', json_schema: described })),
  ),
);

const tools = fc.array(
  fc.record({
    description: sometimes(word),
    parameters: fc.option(schema, { freq: 5, nil: undefined }),
    strict: seldom(fc.boolean()),
  }),
  { maxLength: 2 },
);

const detail = sometimes(fc.constantFrom('auto', 'low', 'high'));
const image = fc
  .record({ isData: fc.boolean(), name: fc.stringMatching(/^[a-z]{1,6}$/), detail })
  .map(({ isData, name, detail }) => ({
    type: 'image_url',
    image_url: {
      url: isData
        ? `data:image/png;base64,${Buffer.from(`${name}-`).toString('base64')}`
        : `https://images.example/${name}.png`,
      detail,
    },
  }));
const textPart = text.map((said) => ({ type: 'text', text: said }));
const userContent = fc.oneof(
  text,
  fc.array(fc.oneof({ weight: 5, arbitrary: textPart }, { weight: 1, arbitrary: image }), {
    minLength: 1,
    maxLength: 3,
  }),
);
const textContent = fc.oneof(text, fc.array(textPart, { minLength: 1, maxLength: 2 }));
const name = sometimes(word);

const system = fc.record({ role: fc.constantFrom('system', 'developer'), content: textContent, name });
const user = fc.record({ role: fc.constant('user'), content: userContent, name, remark: seldom(seldom(word)) });
const assistant = fc.record({
  role: fc.constant('assistant'),
  content: fc.oneof(
    text,
    fc.array(
      fc.oneof(
        textPart,
        word.map((refusal) => ({ type: 'refusal', refusal })),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  name,
  refusal: seldom(word),
  reasoning_content: seldom(word),
});
const args = fc.oneof(
  fc
    .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(word, fc.integer(), fc.boolean()), { maxKeys: 3 })
    .map((value) => JSON.stringify(value)),
  seldom(fc.constantFrom('{"id": 12345678901234567890}', '{"a":1,"a":2}', 'not JSON', '{"x":1e400}')).map(
    (odd) => odd ?? '{ "spaced" : 1.50 }',
  ),
);
const calls = fc.array(fc.record({ odd: fc.boolean(), args, result: textContent, named: fc.boolean() }), {
  minLength: 1,
  maxLength: 2,
});
/** An assistant's calls and their results, which come back in either order. */
const toolTurn = fc.record({
  calls,
  reversed: fc.boolean(),
  content: fc.option(text),
  reasoning_content: seldom(word),
});

type Turn =
  | { readonly kind: 'plain'; readonly message: JsonObject }
  | { readonly kind: 'tools'; readonly turn: ToolTurn };
type ToolTurn = typeof toolTurn extends fc.Arbitrary<infer Value> ? Value : never;

const plain = (arbitrary: fc.Arbitrary<Readonly<Record<string, unknown>>>): fc.Arbitrary<Turn> =>
  arbitrary.map((message) => ({ kind: 'plain', message: message as JsonObject }));
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 4, arbitrary: plain(assistant) },
  { weight: 4, arbitrary: plain(user) },
  { weight: 2, arbitrary: toolTurn.map((made): Turn => ({ kind: 'tools', turn: made })) },
);

const conversation = fc
  .record({
    before: fc.array(plain(system), { maxLength: 2 }),
    first: plain(user),
    middle: fc.array(turn, { maxLength: 3 }),
    last: usually(plain(user)),
    late: seldom(seldom(plain(system))),
  })
  .map(({ before, first, middle, last, late }) => {
    const turns = [
      ...before,
      first,
      ...middle,
      ...(last === undefined ? [] : [last]),
      ...(late === undefined ? [] : [late]),
    ];
    return turns.flatMap((entry, index) =>
      entry.kind === 'plain' ? [entry.message] : toolMessages(entry.turn, index),
    );
  });

function toolMessages(made: ToolTurn, turnIndex: number): readonly JsonObject[] {
  const ids = made.calls.map((call, index) => (call.odd ? `call/${turnIndex}:${index}` : `call_${turnIndex}_${index}`));
  const results = made.calls.map((call, index): JsonObject => ({
    role: 'tool',
    tool_call_id: ids[index],
    content: call.result,
    ...(call.named ? { name: `tool_${index}` } : {}),
  }));
  return [
    {
      role: 'assistant',
      content: made.content,
      reasoning_content: made.reasoning_content,
      tool_calls: made.calls.map((call, index) => ({
        id: ids[index],
        type: 'function',
        function: { name: `tool_${index}`, arguments: call.args },
      })),
    },
    ...(made.reversed ? results.toReversed() : results),
  ];
}

const choice = fc.constantFrom('auto', 'none', 'required', 'named', undefined, undefined, undefined);

const soundRequest: fc.Arbitrary<JsonObject> = fc
  .record({
    messages: conversation,
    tools: sometimes(tools),
    choice,
    response_format: format,
    stream: sometimes(fc.boolean()),
    include: sometimes(fc.boolean()),
    tags: seldom(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z]{1,5}$/), { maxKeys: 2 })),
    cap,
    hints: fc.record(hints),
    contracts: fc.record(contracts),
  })
  .map(({ choice, tools, include, tags, cap, hints, contracts, ...rest }) => {
    const declared = tools?.map((tool, index) => ({ type: 'function', function: { name: `tool_${index}`, ...tool } }));
    const named =
      declared === undefined || declared.length === 0 ? undefined : { type: 'function', function: { name: 'tool_0' } };
    const body = {
      model: 'any',
      ...rest,
      ...(declared === undefined ? {} : { tools: declared, tool_choice: choice === 'named' ? named : choice }),
      ...(include === undefined ? {} : { stream_options: { include_usage: include } }),
      ...(tags === undefined ? {} : { candor: { tags } }),
      ...cap,
      ...hints,
      ...contracts,
    };
    return numbered(JSON.parse(JSON.stringify(body)) as JsonObject);
  });

/** A client's request. `model` names nothing: who is asked is not the client's part here. */
export const clientRequest: fc.Arbitrary<JsonObject> = fc
  .tuple(soundRequest, fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: oddity }))
  .map(([request, odd]) => (odd === null ? request : withOddity(request, odd)));

/** The request with a number put behind the mark of every text, so that no two are equal. */
function numbered(body: JsonObject): JsonObject {
  let count = 0;
  const visit = (value: JsonValue | undefined): JsonValue => {
    if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}${count++}${MARK}${value.slice(1)}` : value;
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map(visit);
    if (typeof value !== 'object' || value === null) return value ?? null;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, visit(member)]));
  };
  return visit(body) as JsonObject;
}
