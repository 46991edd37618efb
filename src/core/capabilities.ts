import type { Adjustment } from './adjustment.ts';
import type { Parameters } from './chat.ts';
import { mappedValue, type HintRule } from './hint-rule.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { FittedSchema, ModelLimits } from './model-limits.ts';
import type { ReasoningFacts } from './reasoning.ts';

/** The wire protocols upstreams speak. */
export type Protocol = 'openai-chat' | 'openai-embeddings' | 'anthropic-messages' | 'gemini-generate';

/**
 * What a request can need of a model as a matter of contract: a candidate that lacks one cannot
 * give what was asked, so it leaves the plan with this as its reason.
 */
export type Feature =
  | 'tools'
  | 'tool_choice_required'
  | 'tool_choice_named'
  | 'single_tool_call'
  | 'strict_tools'
  | 'free_form_tool_arguments'
  | 'exact_tool_arguments'
  | 'json_object'
  | 'json_schema'
  | 'json_with_tools'
  | 'json_with_tool_choice'
  | 'stop'
  | 'stop_white_space'
  | 'multiple_choices'
  | 'logprobs'
  | 'logit_bias'
  | 'store'
  | 'moderation'
  | 'audio_output'
  | 'web_search'
  | 'service_tier'
  | 'image_data'
  | 'image_url'
  | 'audio_input'
  | 'file_input'
  | 'image_in_tool_result'
  | 'system_after_start'
  | 'system_after_assistant'
  | 'starts_with_assistant'
  | 'assistant_prefill'
  | 'unknown_fields'
  | 'protocol_fields'
  | 'custom_tools'
  | 'allowed_tools'
  | 'tool_errors'
  | 'file_url'
  | 'chat'
  | 'embeddings'
  | 'instructions'
  | 'embedding_tokens'
  | 'embedding_dimensions'
  | 'embedding_batch'
  | 'empty_message'
  | 'exact_numbers'
  | 'message_names'
  | 'image_detail'
  | 'reasoning_history';

/** One need of a request, with the path in it that causes the need. */
export interface Requirement {
  readonly feature: Feature;
  readonly param: string;
}

/** What one model at one provider can do. Data, dated where it comes from a vendor's page. */
export interface Capabilities {
  /** What its provider speaks: what only the client's own protocol can say passes where the two are one. */
  readonly protocol: Protocol;
  readonly features: ReadonlySet<Feature>;
  /**
   * What Candor can stand in for: formats by saying them in the prompt and checking the answer, a choice
   * among some of the tools by offering only those.
   */
  readonly emulates: ReadonlySet<'json_object' | 'json_schema' | 'allowed_tools'>;
  /** Whether it takes no call of a tool back in a history without the signature it gave with it. Absent: no. */
  readonly wantsSignatures?: boolean;
  /** The schema as the vendor's own structured output takes it; one it cannot take is emulated. */
  readonly fitSchema: (schema: JsonObject) => FittedSchema;
  /** By parameter name. A hint that is missing here is dropped and reported; of contract parameters only mapped ones stand here. */
  readonly hints: Readonly<Record<string, HintRule>>;
  /**
   * Groups of hints of which the model takes one at a time, neutral or not. Of a group the first is
   * sent that says something, one of the client's before one of the config's.
   */
  readonly exclusiveHints: readonly (readonly string[])[];
  /** The cap sent when the client named none, for vendors that require one. */
  readonly defaultOutputTokens: number | null;
  readonly limits: ModelLimits;
  /** Features it has for clients of its own protocol only, since for others they mean something else. */
  readonly ownOnly?: ReadonlySet<Feature>;
  /** `null`: it does not think, or by its name only. */
  readonly reasoning: ReasoningFacts | null;
  /** Page and date, or the rule by which a model nobody listed was judged. */
  readonly source: string;
}

/**
 * The schema of a format as the vendor itself enforces it, `null` when it has no formats with schemas; a
 * format without a schema asks for any object.
 */
export function nativeSchema(capabilities: Capabilities, schema: JsonObject | null): FittedSchema | null {
  return capabilities.features.has('json_schema') ? capabilities.fitSchema(schema ?? { type: 'object' }) : null;
}

/** Hints: what a model may take or leave. Everything else is contract. */
export const HINT_PARAMETERS = [
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'reasoning_effort',
  'reasoning_budget',
  'reasoning_summary',
  'include_thoughts',
  'verbosity',
  'prediction',
  'user',
  'safety_identifier',
  'metadata',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
] as const;

const ORDER: readonly string[] = HINT_PARAMETERS;
const HINTS: ReadonlySet<string> = new Set(HINT_PARAMETERS);

/** Whether the parameter is a hint. */
export function isHint(name: string): boolean {
  return HINTS.has(name);
}

/** Contract parameters that are single values, with the feature each needs. Output caps are taken by every model. */
const PARAMETER_FEATURES: Readonly<Record<string, Feature>> = {
  stop: 'stop',
  n: 'multiple_choices',
  logprobs: 'logprobs',
  top_logprobs: 'logprobs',
  logit_bias: 'logit_bias',
  store: 'store',
  moderation: 'moderation',
  modalities: 'audio_output',
  audio: 'audio_output',
  web_search_options: 'web_search',
  service_tier: 'service_tier',
  parallel_tool_calls: 'single_tool_call',
};

/** The feature a contract parameter needs when its value is not neutral; `null` for other parameters. */
export function featureOfParameter(name: string): Feature | null {
  return Object.hasOwn(PARAMETER_FEATURES, name) ? (PARAMETER_FEATURES[name] ?? null) : null;
}

/** Values that ask for nothing: leaving them out changes nothing, so they never count. */
const NEUTRAL: Readonly<Record<string, readonly string[]>> = {
  temperature: ['1'],
  top_p: ['1'],
  frequency_penalty: ['0'],
  presence_penalty: ['0'],
  n: ['1'],
  logit_bias: ['{}'],
  logprobs: ['false'],
  store: ['false'],
  service_tier: ['"auto"'],
  modalities: ['["text"]'],
  parallel_tool_calls: ['true'],
  metadata: ['{}'],
  verbosity: ['"medium"'],
};

/** Whether the value is the parameter's neutral one; `null` always is. */
export function isNeutral(name: string, value: JsonValue): boolean {
  if (value === null) return true;
  return NEUTRAL[name]?.includes(JSON.stringify(value)) ?? false;
}

export interface AppliedHints {
  /** Dotted path in the vendor's body → value. */
  readonly fields: ReadonlyMap<string, JsonValue>;
  readonly adjustments: readonly Adjustment[];
}

/**
 * Fits the request's hints to what a model takes. Walks the request, not the model's table: a hint
 * no rule speaks of is dropped *and reported*, so nothing can be lost by forgetting it.
 * @param asked what the client itself sent, where the config has changed the parameters since
 */
export function applyHints(
  parameters: Parameters,
  capabilities: Capabilities,
  at: string,
  asked: Parameters = parameters,
): AppliedHints {
  const fields = new Map<string, JsonValue>();
  const companions: { readonly name: string; readonly also: Readonly<Record<string, JsonValue>> }[] = [];
  const adjustments: Adjustment[] = [];
  for (const name in parameters) {
    if (!isHint(name) && !Object.hasOwn(capabilities.hints, name)) continue;
    const value = parameters[name] as JsonValue;
    const rule = ruleFor(name, parameters, capabilities, asked);
    const applied = applyRule(rule, value);
    if (applied.sent !== undefined && applied.sent !== null && rule.kind !== 'drop')
      fields.set(rule.field, applied.sent);
    if (applied.also !== undefined) companions.push({ name, also: applied.also });
    if (applied.change === null || isNeutral(name, value)) continue;
    adjustments.push({
      param: name,
      asked: asked[name] ?? null,
      sent: applied.sent ?? null,
      kind: applied.change,
      reason: applied.reason,
      at,
    });
  }
  // Of two that would set the same field, the one that stands later in the list of hints does.
  companions.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  for (const { also } of companions) for (const [field, value] of Object.entries(also)) fields.set(field, value);
  return { fields, adjustments };
}

function ruleFor(name: string, parameters: Parameters, capabilities: Capabilities, asked: Parameters): HintRule {
  const own = capabilities.hints[name] ?? { kind: 'drop', reason: 'this model has no such parameter' };
  const group = capabilities.exclusiveHints.find((hints) => hints.includes(name));
  if (group === undefined || own.kind === 'drop') return own;
  const present = group.filter(
    (hint) => parameters[hint] !== undefined && (capabilities.hints[hint]?.kind ?? 'drop') !== 'drop',
  );
  const telling = present.filter((hint) => !isNeutral(hint, parameters[hint] as JsonValue));
  const sent = telling.find((hint) => asked[hint] !== undefined) ?? telling[0] ?? present[0];
  return sent === name ? own : { kind: 'drop', reason: `this model takes it or ${sent}, not both` };
}

interface Applied {
  readonly sent: JsonValue | undefined;
  readonly change: Adjustment['kind'] | null;
  readonly reason: string;
  readonly also?: Readonly<Record<string, JsonValue>> | undefined;
}

function applyRule(rule: HintRule, asked: JsonValue): Applied {
  switch (rule.kind) {
    case 'pass': {
      const other = typeof asked === 'number' ? rule.except?.[String(asked)] : undefined;
      if (other !== undefined) return { sent: other.send, change: null, reason: '', also: other.also };
      return { sent: asked, change: null, reason: '', also: asked === null ? undefined : rule.also };
    }
    case 'range': {
      if (asked === null) return { sent: null, change: null, reason: '' };
      if (typeof asked !== 'number') return { sent: undefined, change: 'dropped', reason: 'not a number' };
      const sent = Math.min(Math.max(asked, rule.min), rule.max);
      return { sent, change: sent === asked ? null : 'clamped', reason: `this model takes ${rule.min} to ${rule.max}` };
    }
    case 'map': {
      const value = mappedValue(rule, asked);
      if (value === undefined) return { sent: undefined, change: 'dropped', reason: 'this model has no such level' };
      const loss = value.send === null ? 'dropped' : 'clamped';
      const reason = value.send === null ? 'this model has nothing like it' : 'the nearest thing this model has';
      return { sent: value.send, change: value.exact ? null : loss, reason, also: value.also };
    }
    case 'rewrite':
      return { sent: rule.rewrite(asked), change: 'rewritten', reason: rule.reason };
    case 'drop':
      return { sent: undefined, change: 'dropped', reason: rule.reason };
  }
}
