import fc from 'fast-check';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { oddity, withOddity } from './request-oddity.ts';

/** Requests to the Responses API as clients write them: most are sound, some ask for what nobody else has, a few are wrong. */

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const key = fc.stringMatching(/^[a-z]{1,5}$/);
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { freq: 2, nil: undefined });
const seldom = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const tenths = (max: number): fc.Arbitrary<number> => fc.nat(max * 10).map((count) => count / 10);

const cacheBreakpoint = seldom(fc.constant({ mode: 'explicit' }));
const inputText = fc.record({ type: fc.constant('input_text'), text: word, prompt_cache_breakpoint: cacheBreakpoint });
const inputImage = fc.record({
  type: fc.constant('input_image'),
  image_url: fc.constantFrom('https://images.example/a.png', 'data:image/png;base64,AAAA'),
  detail: fc.constantFrom('auto', 'low', 'high'),
  prompt_cache_breakpoint: cacheBreakpoint,
});
const inputFile = fc.oneof(
  fc.record({
    type: fc.constant('input_file'),
    filename: sometimes(word),
    file_data: fc.constant('data:application/pdf;base64,AAAA'),
    detail: seldom(fc.constant('low')),
  }),
  fc.record({ type: fc.constant('input_file'), file_url: fc.constant('https://files.example/a.pdf') }),
  fc.record({ type: fc.constant('input_file'), file_id: word }),
);
const inputAudio = fc.record({
  type: fc.constant('input_audio'),
  input_audio: fc.record({ data: fc.constant('AAAA'), format: fc.constantFrom('wav', 'mp3') }),
});
const parts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: inputText },
    { weight: 2, arbitrary: inputImage },
    { weight: 1, arbitrary: inputFile },
    { weight: 1, arbitrary: inputAudio },
  ),
  { minLength: 1, maxLength: 3 },
);
const status = sometimes(fc.constantFrom('completed', 'incomplete'));

const user = fc.record({
  role: fc.constant('user'),
  content: fc.oneof(word, parts),
  type: sometimes(fc.constant('message')),
});
const system = fc.record({
  role: fc.constantFrom('system', 'developer'),
  content: fc.oneof(word, fc.tuple(inputText)),
});
const assistant = fc.record({
  type: fc.constant('message'),
  id: sometimes(word),
  status,
  role: fc.constant('assistant'),
  phase: seldom(fc.constant('final_answer')),
  content: fc.oneof(
    word,
    fc.array(
      fc.oneof(
        fc.record({
          type: fc.constant('output_text'),
          text: word,
          annotations: fc.constantFrom<JsonValue[]>([], [], [], [{ type: 'file_path', file_id: 'f', index: 0 }]),
          logprobs: sometimes(fc.constant([{ token: 'a', logprob: -0.5 }])),
        }),
        fc.record({ type: fc.constant('refusal'), refusal: word }),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  ),
});
const reasoning = fc.record({
  type: fc.constant('reasoning'),
  id: word,
  status,
  summary: fc.array(fc.record({ type: fc.constant('summary_text'), text: word }), { maxLength: 2 }),
  content: sometimes(
    fc.array(fc.record({ type: fc.constant('reasoning_text'), text: word }), { minLength: 1, maxLength: 1 }),
  ),
  encrypted_content: sometimes(word),
});
const call = fc.record({
  id: sometimes(word),
  status,
  name: fc.constantFrom('tool_0', 'tool_1'),
  arguments: fc.dictionary(key, word, { maxKeys: 2 }).map((value) => JSON.stringify(value)),
  caller: seldom(fc.constantFrom({ type: 'direct' }, { type: 'program', caller_id: 'p' })),
  namespace: seldom(word),
  extra_content: seldom(fc.record({ google: fc.record({ thought_signature: word }) })),
  result: fc.oneof(
    word,
    parts.map((list) => list.filter(({ type }) => type !== 'input_audio')),
  ),
});
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

/** What one side says, as the items it takes. */
const turn: fc.Arbitrary<(index: number) => readonly object[]> = fc.oneof(
  { weight: 3, arbitrary: user.map((item) => () => [item]) },
  { weight: 1, arbitrary: system.map((item) => () => [item]) },
  {
    weight: 3,
    arbitrary: fc.tuple(sometimes(reasoning), assistant).map(([thought, item]) => () => [...given(thought), item]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(sometimes(reasoning), fc.array(call, { minLength: 1, maxLength: 2 }))
      .map(([thought, calls]) => (index: number) => [...given(thought), ...callItems(calls, index)]),
  },
  {
    weight: 1,
    arbitrary: seldom(
      fc.constantFrom<object>(
        { type: 'web_search_call', id: 'ws', status: 'completed' },
        { type: 'custom_tool_call', call_id: 'c', name: 'n', input: 'i' },
        { type: 'item_reference', id: 'x' },
      ),
    ).map((item) => () => given(item)),
  },
);

function given<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}

function callItems(calls: readonly Call[], turnIndex: number): readonly object[] {
  const named = calls.map((made, index) => ({ made, call_id: `call_${turnIndex}_${index}` }));
  return [
    ...named.map(({ made: { result: _result, ...item }, call_id }) => ({ type: 'function_call', call_id, ...item })),
    ...named.map(({ made: { result }, call_id }) => ({ type: 'function_call_output', call_id, output: result })),
  ];
}

const items = fc
  .tuple(user, fc.array(turn, { maxLength: 4 }))
  .map(([first, turns]) => [first, ...turns.flatMap((made, index) => made(index))]);

const schema = fc
  .dictionary(key, fc.record({ type: fc.constant('string'), description: word }), { maxKeys: 2 })
  .map((properties) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  }));
const format = fc.oneof(
  fc.constant({ type: 'text' }),
  fc.constant({ type: 'json_object' }),
  fc.record({
    type: fc.constant('json_schema'),
    name: key,
    schema,
    description: sometimes(word),
    strict: sometimes(fc.boolean()),
  }),
);
const tool = fc.record({
  type: fc.constant('function'),
  description: sometimes(word),
  parameters: fc.option(schema),
  strict: fc.option(fc.boolean()),
  defer_loading: seldom(fc.boolean()),
  allowed_callers: seldom(fc.constantFrom(['direct'], ['programmatic'])),
  output_schema: seldom(schema),
});
const tools = fc.record({
  functions: fc
    .array(tool, { minLength: 1, maxLength: 2 })
    .map((list) => list.map((made, index) => ({ ...made, name: `tool_${index}` }))),
  hosted: seldom(
    fc.constantFrom<object>(
      { type: 'web_search' },
      { type: 'custom', name: 'free' },
      { type: 'mcp', server_label: 'm' },
    ),
  ),
});
const choice = sometimes(
  fc.constantFrom<JsonValue>(
    'auto',
    'none',
    'required',
    { type: 'function', name: 'tool_0' },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'tool_0' }] },
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'tool_0' }] },
    { type: 'file_search' },
  ),
);

const members = {
  input: fc.oneof({ weight: 1, arbitrary: word }, { weight: 4, arbitrary: items }),
  instructions: sometimes(word),
  stream: sometimes(fc.boolean()),
  stream_options: seldom(fc.record({ include_obfuscation: fc.boolean() })),
  store: seldom(fc.boolean()),
  background: seldom(fc.boolean()),
  previous_response_id: seldom(word),
  conversation: seldom(word),
  prompt: seldom(fc.record({ id: word })),
  truncation: seldom(fc.constantFrom('auto', 'disabled')),
  max_tool_calls: seldom(fc.nat(9)),
  context_management: seldom(fc.constant([{ type: 'compaction' }])),
  moderation: seldom(fc.record({ model: word })),
  include: seldom(
    fc.uniqueArray(
      fc.constantFrom('reasoning.encrypted_content', 'message.output_text.logprobs', 'file_search_call.results'),
    ),
  ),
  max_output_tokens: sometimes(fc.nat(4000).map((tokens) => tokens + 1)),
  temperature: sometimes(tenths(2)),
  top_p: sometimes(tenths(1)),
  top_logprobs: seldom(fc.nat(20)),
  parallel_tool_calls: sometimes(fc.boolean()),
  metadata: sometimes(fc.dictionary(key, word, { maxKeys: 2 })),
  user: sometimes(word),
  safety_identifier: sometimes(word),
  prompt_cache_key: sometimes(word),
  prompt_cache_options: seldom(fc.constant({ mode: 'explicit' })),
  prompt_cache_retention: seldom(fc.constantFrom('in_memory', '24h')),
  service_tier: seldom(fc.constantFrom('auto', 'flex')),
  reasoning: sometimes(
    fc.record({
      effort: sometimes(fc.constantFrom('none', 'low', 'high', 'max')),
      summary: sometimes(fc.constantFrom('auto', 'detailed')),
      generate_summary: seldom(fc.constant('auto')),
      context: seldom(fc.constant('all_turns')),
      mode: seldom(fc.constant('pro')),
    }),
  ),
  text: sometimes(fc.record({ format: sometimes(format), verbosity: sometimes(fc.constantFrom('low', 'high')) })),
  choice,
  tools: sometimes(tools),
};

const soundRequest: fc.Arbitrary<JsonObject> = fc.record(members).map(({ choice: chosen, tools: made, ...rest }) => {
  const offered = made === undefined ? {} : { tools: [...made.functions, ...given(made.hosted)], tool_choice: chosen };
  return JSON.parse(JSON.stringify({ model: 'any', ...rest, ...offered })) as JsonObject;
});

/** A client's request. `model` names nothing: who is asked is not the client's part here. */
export const responsesRequest: fc.Arbitrary<JsonObject> = fc
  .tuple(soundRequest, fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: oddity }))
  .map(([request, odd]) => (odd === null ? request : withOddity(request, odd)));
