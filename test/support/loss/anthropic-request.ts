import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { sealExtra } from '../../../src/core/sealed-extra.ts';
import type { RequestMaker } from './request-maker.ts';

/** A sound Messages request, as clients write them. */
export function anthropicRequest(make: RequestMaker): JsonObject {
  make.begin();
  const tools = make.chance(0.4) ? make.list(1, 2, (index) => tool(make, index)) : [];
  return {
    model: 'any',
    max_tokens: make.tokens(),
    messages: messages(make, tools.length),
    ...make.some(0.5, () => ({ system: system(make) })),
    ...(tools.length === 0 ? {} : { tools, ...make.some(0.4, () => ({ tool_choice: toolChoice(make) })) }),
    ...make.some(0.3, () => ({ temperature: make.chance(0.2) ? 1 : make.fraction(0, 1) })),
    ...make.some(0.2, () => ({ top_p: make.fraction(0, 1) })),
    ...make.some(0.2, () => ({ top_k: make.tokens() })),
    ...make.some(0.2, () => ({ stop_sequences: make.list(1, 3, () => make.word()) })),
    ...make.some(0.2, () => ({ metadata: { user_id: make.word() } })),
    ...make.some(0.15, () => ({ thinking: thinking(make) })),
    ...make.some(0.3, () => ({ output_config: outputConfig(make, tools.length > 0) })),
    ...make.some(0.1, () => ({ service_tier: make.pick(['auto', 'auto', 'standard_only']) })),
    ...make.some(0.2, () => ({ stream: make.chance(0.5) })),
  };
}

function system(make: RequestMaker): JsonValue {
  return make.chance(0.5) ? make.word() : make.list(1, 2, () => text(make));
}

/** A text, at the end of which the prompt may be cached. */
function text(make: RequestMaker): JsonObject {
  return { type: 'text', text: make.word(), ...make.some(0.08, () => ({ cache_control: { type: 'ephemeral' } })) };
}

function tool(make: RequestMaker, index: number): JsonObject {
  return {
    name: `tool_${index}`,
    ...make.some(0.7, () => ({ description: make.word() })),
    input_schema: make.schema(),
    ...make.some(0.1, () => ({ type: 'custom' })),
    ...make.some(0.1, () => ({ strict: make.chance(0.5) })),
  };
}

function toolChoice(make: RequestMaker): JsonObject {
  const single = make.some(0.2, () => ({ disable_parallel_tool_use: make.chance(0.7) }));
  return make.pick<() => JsonObject>([
    () => ({ type: 'auto', ...single }),
    () => ({ type: 'any', ...single }),
    () => ({ type: 'tool', name: 'tool_0', ...single }),
    () => ({ type: 'none' }),
  ])();
}

function thinking(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ type: 'enabled', budget_tokens: 1024 + Math.floor(make.tokens() / 10) }),
    () => ({ type: 'adaptive', ...make.some(0.5, () => ({ display: make.pick(['summarized', 'omitted']) })) }),
    () => ({ type: 'disabled' }),
  ])();
}

function outputConfig(make: RequestMaker, hasTools: boolean): JsonObject {
  return {
    ...make.some(0.5, () => ({ effort: make.pick(['low', 'medium', 'high', 'xhigh', 'max']) })),
    ...make.some(hasTools ? 0.1 : 0.5, () => ({ format: { type: 'json_schema', schema: make.schema() } })),
  };
}

function messages(make: RequestMaker, toolCount: number): readonly JsonObject[] {
  const turns: JsonObject[] = [{ role: 'user', content: userContent(make) }];
  for (let index = 0; make.chance(0.5) && index < 3; index++) {
    if (toolCount > 0 && make.chance(0.5)) turns.push(...toolTurn(make, index, toolCount));
    else
      turns.push({ role: 'assistant', content: assistantContent(make) }, { role: 'user', content: userContent(make) });
  }
  return turns;
}

function userContent(make: RequestMaker): JsonValue {
  if (make.chance(0.5)) return make.word();
  return make.list(1, 3, () => (make.chance(0.85) ? text(make) : media(make)));
}

function media(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: make.base64() } }),
    () => ({ type: 'image', source: { type: 'url', url: `https://images.example/${make.name()}¤.png` } }),
    () => ({
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: make.base64() },
      ...make.some(0.4, () => ({ title: make.word() })),
    }),
    () => ({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: make.word() } }),
    () => ({ type: 'document', source: { type: 'url', url: `https://files.example/${make.name()}¤.pdf` } }),
  ])();
}

function assistantContent(make: RequestMaker): JsonValue {
  if (make.chance(0.5)) return make.word();
  const thought = make.chance(0.2) ? make.list(1, 2, () => thinkingBlock(make)) : [];
  return [...thought, ...make.list(1, 2, () => ({ type: 'text', text: make.word() }))];
}

/** Signed by the vendor, hidden, or with what Candor sealed of another vendor's. */
function thinkingBlock(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ type: 'thinking', thinking: make.word(), signature: make.base64() }),
    () => ({ type: 'thinking', thinking: '', signature: make.base64() }),
    () => ({ type: 'redacted_thinking', data: make.base64() }),
    () => ({ type: 'thinking', thinking: make.word(), signature: sealExtra(make.chance(0.8) ? make.extra() : {}) }),
  ])();
}

function toolTurn(make: RequestMaker, turn: number, toolCount: number): readonly JsonObject[] {
  const calls = make.list(1, 2, (index) => ({
    type: 'tool_use',
    id: `toolu_${turn}_${index}_${make.name()}`,
    name: `tool_${index % toolCount}`,
    input: make.args(),
  }));
  const results = calls.map((call) => ({
    type: 'tool_result',
    tool_use_id: call.id,
    ...make.some(0.9, () => ({
      content: make.chance(0.6) ? make.word() : make.list(1, 2, () => (make.chance(0.9) ? text(make) : media(make))),
    })),
    ...make.some(0.15, () => ({ is_error: make.chance(0.7) })),
  }));
  const after = make.chance(0.2) ? [{ type: 'text', text: make.word() }] : [];
  return [
    { role: 'assistant', content: [...(make.chance(0.4) ? [{ type: 'text', text: make.word() }] : []), ...calls] },
    { role: 'user', content: [...results, ...after] },
  ];
}
