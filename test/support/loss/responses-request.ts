import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { sealExtra } from '../../../src/core/sealed-extra.ts';
import type { RequestMaker } from './request-maker.ts';

/** A sound Responses request, as clients write them. */
export function responsesRequest(make: RequestMaker): JsonObject {
  make.begin();
  const tools = make.chance(0.4) ? make.list(1, 2, (index) => tool(make, index)) : [];
  return {
    model: 'any',
    input: make.chance(0.3) ? make.word() : input(make, tools.length),
    ...make.some(0.4, () => ({ instructions: make.word() })),
    ...(tools.length === 0
      ? {}
      : {
          tools,
          ...make.some(0.4, () => ({ tool_choice: toolChoice(make) })),
          ...make.some(0.2, () => ({ parallel_tool_calls: make.chance(0.7) })),
        }),
    ...make.some(0.3, () => ({ temperature: make.chance(0.2) ? 1 : make.fraction(0, 2) })),
    ...make.some(0.2, () => ({ top_p: make.fraction(0, 1) })),
    ...make.some(0.4, () => ({ max_output_tokens: make.tokens() })),
    ...make.some(0.2, () => ({ metadata: { [make.name()]: make.word() } })),
    ...make.some(0.2, () => ({ [make.pick(['user', 'safety_identifier', 'prompt_cache_key'])]: make.word() })),
    ...make.some(0.2, () => ({ reasoning: reasoning(make) })),
    ...make.some(0.3, () => ({ text: textConfig(make, tools.length > 0) })),
    ...make.some(0.1, () => ({ service_tier: make.pick(['auto', 'default']) })),
    ...make.some(0.2, () => ({ store: false })),
    ...make.some(0.05, () => ({ truncation: 'disabled' })),
    ...make.some(0.05, () => ({ include: ['reasoning.encrypted_content'] })),
    ...make.some(0.03, () => ({ top_logprobs: 3, include: ['message.output_text.logprobs'] })),
    ...make.some(0.03, () => ({ prompt_cache_options: { mode: 'explicit', ttl: make.word() } })),
    ...make.some(0.03, () => ({ prompt_cache_retention: make.pick(['24h', 'in_memory']) })),
    ...make.some(0.2, () => ({ stream: make.chance(0.5) })),
  };
}

function tool(make: RequestMaker, index: number): JsonObject {
  return {
    type: 'function',
    name: `tool_${index}`,
    ...make.some(0.8, () => ({ description: make.word() })),
    parameters: make.schema(),
    strict: make.chance(0.1),
  };
}

function toolChoice(make: RequestMaker): JsonValue {
  return make.pick<JsonValue>([
    'auto',
    'none',
    'required',
    { type: 'function', name: 'tool_0' },
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'tool_0' }] },
  ]);
}

function reasoning(make: RequestMaker): JsonObject {
  return {
    effort: make.pick(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']),
    ...make.some(0.2, () => ({
      [make.pick(['summary', 'summary', 'generate_summary'])]: make.pick(['auto', 'concise', 'detailed']),
    })),
  };
}

function textConfig(make: RequestMaker, hasTools: boolean): JsonObject {
  return {
    ...make.some(0.3, () => ({ verbosity: make.pick(['low', 'medium', 'high']) })),
    ...make.some(hasTools ? 0.1 : 0.6, () => ({
      format: make.pick<() => JsonObject>([
        () => ({ type: 'text' }),
        () => ({ type: 'json_object' }),
        () => ({
          type: 'json_schema',
          name: make.name(),
          ...make.some(0.3, () => ({ description: make.word() })),
          schema: make.schema(),
          ...make.some(0.5, () => ({ strict: make.chance(0.5) })),
        }),
      ])(),
    })),
  };
}

function input(make: RequestMaker, toolCount: number): readonly JsonObject[] {
  const items: JsonObject[] = [
    ...make.list(0, 1, () => ({ role: make.pick(['system', 'developer']), content: make.word() })),
  ];
  items.push(user(make));
  for (let index = 0; make.chance(0.5) && index < 3; index++) {
    if (toolCount > 0 && make.chance(0.5)) items.push(...toolTurn(make, index, toolCount));
    else items.push(...assistant(make), user(make));
  }
  return items;
}

function user(make: RequestMaker): JsonObject {
  const content = make.chance(0.5)
    ? make.word()
    : make.list(1, 3, () => (make.chance(0.85) ? text(make) : media(make)));
  return { ...make.some(0.5, () => ({ type: 'message' })), role: 'user', content };
}

function text(make: RequestMaker): JsonObject {
  const breakpoint = make.some(0.1, () => ({ prompt_cache_breakpoint: { mode: 'explicit' } }));
  return { type: 'input_text', text: make.word(), ...breakpoint };
}

function media(make: RequestMaker): JsonObject {
  if (make.chance(0.15)) return { type: 'input_audio', input_audio: { data: make.base64(), format: 'wav' } };
  return picture(make);
}

/** What a tool may give back beside text, too. */
function picture(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ type: 'input_file', file_url: `https://files.example/${make.name()}¤.pdf` }),
    () => ({ type: 'input_image', image_url: `data:image/png;base64,${make.base64()}` }),
    () => ({
      type: 'input_image',
      image_url: `data:image/png;base64,${make.base64()}`,
      detail: make.pick(['auto', 'high']),
    }),
    () => ({ type: 'input_image', image_url: `https://images.example/${make.name()}¤.png`, detail: 'auto' }),
    () => ({
      type: 'input_file',
      file_data: `data:application/pdf;base64,${make.base64()}`,
      ...make.some(0.5, () => ({ filename: `${make.word()}.pdf` })),
    }),
  ])();
}

function assistant(make: RequestMaker): readonly JsonObject[] {
  const reasoned: readonly JsonObject[] = make.chance(0.2)
    ? [
        {
          type: 'reasoning',
          id: `rs_${make.name()}`,
          summary: make.list(make.chance(0.9) ? 1 : 0, 2, () => ({ type: 'summary_text', text: make.word() })),
          ...make.some(0.3, () => ({ encrypted_content: make.chance(0.5) ? make.base64() : sealExtra(make.extra()) })),
          ...make.some(0.2, () => ({ status: 'completed' })),
        },
      ]
    : [];
  const content = make.chance(0.4)
    ? make.word()
    : make.list(1, 2, () =>
        make.chance(0.9)
          ? { type: 'output_text', text: make.word(), annotations: [], ...make.some(0.2, () => ({ logprobs: [] })) }
          : { type: 'refusal', refusal: make.word() },
      );
  const extra = make.some(0.1, () => ({ extra_content: make.extra() }));
  const handles = make.some(0.3, () => ({ id: `msg_${make.name()}`, status: 'completed' }));
  return [...reasoned, { type: 'message', role: 'assistant', content, ...extra, ...handles }];
}

function toolTurn(make: RequestMaker, turn: number, toolCount: number): readonly JsonObject[] {
  const calls = make.list(1, 2, (index) => ({
    type: 'function_call',
    call_id: `call_${turn}_${index}_${make.name()}`,
    name: `tool_${index % toolCount}`,
    arguments: JSON.stringify(make.args()),
    ...make.some(0.1, () => ({ extra_content: make.extra() })),
  }));
  const results = calls.map((call) => ({
    type: 'function_call_output',
    call_id: call.call_id,
    output: make.chance(0.5) ? make.word() : make.list(1, 2, () => (make.chance(0.4) ? text(make) : picture(make))),
  }));
  return [...calls, ...(make.chance(0.5) ? results : results.toReversed())];
}
