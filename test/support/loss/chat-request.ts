import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { RequestMaker } from './request-maker.ts';

/** A sound Chat Completions request, as clients write them. */
export function chatRequest(make: RequestMaker): JsonObject {
  make.begin();
  if (make.chance(0.06)) return legacyRequest(make);
  const tools = make.chance(0.4) ? make.list(1, 2, (index) => tool(make, index)) : [];
  return {
    model: 'any',
    messages: messages(make, tools.length),
    ...(tools.length === 0
      ? {}
      : {
          tools,
          ...make.some(0.4, () => ({ tool_choice: toolChoice(make) })),
          ...make.some(0.2, () => ({ parallel_tool_calls: make.chance(0.7) })),
        }),
    ...make.some(0.3, () => ({ temperature: make.chance(0.2) ? 1 : make.fraction(0, 2) })),
    ...make.some(0.2, () => ({ top_p: make.fraction(0, 1) })),
    ...make.some(0.1, () => ({ presence_penalty: make.fraction(-1, 1) })),
    ...make.some(0.1, () => ({ frequency_penalty: make.fraction(-1, 1) })),
    ...make.some(0.2, () => ({ seed: make.integer() })),
    ...make.some(0.4, () => ({ [make.pick(['max_tokens', 'max_completion_tokens'])]: make.tokens() })),
    ...make.some(0.2, () => ({ stop: make.chance(0.3) ? make.word() : make.list(1, 3, () => make.word()) })),
    ...make.some(0.05, () => ({ n: make.pick([1, 1, 2]) })),
    ...make.some(0.03, () => ({ logprobs: true, top_logprobs: 3 })),
    ...make.some(0.02, () => ({ logit_bias: { [String(make.integer())]: make.pick([-100, 5]) } })),
    ...make.some(0.2, () => ({ metadata: { [make.name()]: make.word() } })),
    ...make.some(0.2, () => ({ [make.pick(['user', 'safety_identifier', 'prompt_cache_key'])]: make.word() })),
    ...make.some(0.15, () => ({
      reasoning_effort: make.pick(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']),
    })),
    ...make.some(0.1, () => ({ verbosity: make.pick(['low', 'medium', 'high']) })),
    ...make.some(0.05, () => ({ prediction: { type: 'content', content: prediction(make) } })),
    ...make.some(0.03, () => ({ prompt_cache_options: { mode: 'explicit', ttl: make.word() } })),
    ...make.some(0.03, () => ({ prompt_cache_retention: make.pick(['24h', 'in_memory']) })),
    ...make.some(tools.length === 0 ? 0.3 : 0.05, () => ({ response_format: responseFormat(make) })),
    ...make.some(0.1, () => ({ service_tier: make.pick(['auto', 'default']) })),
    ...make.some(0.05, () => ({ store: false })),
    ...make.some(0.05, () => ({ modalities: ['text'] })),
    ...make.some(0.2, () => ({ stream: true, stream_options: { include_usage: make.chance(0.5) } })),
  };
}

/** A request as the protocol was first spoken, with functions instead of tools. */
function legacyRequest(make: RequestMaker): JsonObject {
  const named = { name: 'tool_0' };
  const called = [
    { role: 'assistant', content: null, function_call: { ...named, arguments: JSON.stringify(make.args()) } },
    { role: 'function', ...named, content: make.word() },
  ];
  return {
    model: 'any',
    messages: [{ role: 'user', content: make.word() }, ...(make.chance(0.6) ? called : [])],
    functions: [{ ...named, ...make.some(0.8, () => ({ description: make.word() })), parameters: make.schema() }],
    ...make.some(0.6, () => ({ function_call: make.pick<JsonValue>(['auto', 'none', named]) })),
    ...make.some(0.3, () => ({ temperature: make.fraction(0, 1) })),
  };
}

function prediction(make: RequestMaker): JsonValue {
  return make.chance(0.5) ? make.word() : make.list(1, 2, () => ({ type: 'text', text: make.word() }));
}

function tool(make: RequestMaker, index: number): JsonObject {
  return {
    type: 'function',
    function: {
      name: `tool_${index}`,
      ...make.some(0.8, () => ({ description: make.word() })),
      parameters: make.schema(),
      ...make.some(0.1, () => ({ strict: make.chance(0.5) })),
    },
  };
}

function toolChoice(make: RequestMaker): JsonValue {
  const named = { type: 'function', function: { name: 'tool_0' } };
  return make.pick<JsonValue>([
    'auto',
    'none',
    'required',
    named,
    { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named] } },
  ]);
}

function responseFormat(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ type: 'text' }),
    () => ({ type: 'json_object' }),
    () => ({
      type: 'json_schema',
      json_schema: {
        name: make.name(),
        ...make.some(0.3, () => ({ description: make.word() })),
        schema: make.schema(),
        ...make.some(0.5, () => ({ strict: make.chance(0.5) })),
      },
    }),
  ])();
}

function messages(make: RequestMaker, toolCount: number): readonly JsonObject[] {
  const said: JsonObject[] = [
    ...make.list(0, 2, () => ({
      role: make.pick(['system', 'developer']),
      content: make.word(),
      ...make.some(0.1, () => ({ name: make.name() })),
    })),
  ];
  said.push(user(make));
  for (let index = 0; make.chance(0.5) && index < 3; index++) {
    if (toolCount > 0 && make.chance(0.5)) said.push(...toolTurn(make, index, toolCount));
    else said.push(assistant(make), user(make));
  }
  return said;
}

function user(make: RequestMaker): JsonObject {
  const content = make.chance(0.5)
    ? make.word()
    : make.list(1, 3, () => (make.chance(0.85) ? text(make) : media(make)));
  return { role: 'user', content, ...make.some(0.1, () => ({ name: make.name() })) };
}

function text(make: RequestMaker): JsonObject {
  const breakpoint = make.some(0.1, () => ({ prompt_cache_breakpoint: { mode: 'explicit' } }));
  return { type: 'text', text: make.word(), ...breakpoint };
}

function media(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({
      type: 'image_url',
      image_url: {
        url: `data:image/png;base64,${make.base64()}`,
        ...make.some(0.5, () => ({ detail: make.pick(['auto', 'high', 'low']) })),
      },
    }),
    () => ({ type: 'image_url', image_url: { url: `https://images.example/${make.name()}¤.png` } }),
    () => ({ type: 'input_audio', input_audio: { data: make.base64(), format: 'wav' } }),
    () => ({
      type: 'file',
      file: { file_data: `data:application/pdf;base64,${make.base64()}`, filename: `${make.word()}.pdf` },
    }),
  ])();
}

function assistant(make: RequestMaker): JsonObject {
  return {
    role: 'assistant',
    content: make.chance(0.6) ? make.word() : make.list(1, 2, () => said(make)),
    ...make.some(0.1, () => ({ refusal: make.word() })),
    ...make.some(0.1, () => ({ reasoning_content: make.word() })),
    ...make.some(0.1, () => ({ extra_content: make.extra() })),
    ...make.some(0.1, () => ({ name: make.name() })),
  };
}

function said(make: RequestMaker): JsonObject {
  return make.chance(0.9) ? { type: 'text', text: make.word() } : { type: 'refusal', refusal: make.word() };
}

function toolTurn(make: RequestMaker, turn: number, toolCount: number): readonly JsonObject[] {
  const calls = make.list(1, 2, (index) => ({
    id: `call_${turn}_${index}_${make.name()}`,
    type: 'function',
    function: { name: `tool_${index % toolCount}`, arguments: JSON.stringify(make.args()) },
    ...make.some(0.1, () => ({ extra_content: make.extra() })),
  }));
  const results = calls.map((call) => ({
    role: 'tool',
    tool_call_id: call.id,
    content: make.chance(0.7) ? make.word() : make.list(1, 2, () => ({ type: 'text', text: make.word() })),
  }));
  return [
    { role: 'assistant', content: make.chance(0.5) ? null : make.word(), tool_calls: calls },
    ...(make.chance(0.5) ? results : results.toReversed()),
  ];
}
