import type { Adjustment } from './adjustment.ts';
import type { Parameters } from './chat.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** The wire protocols upstreams speak. */
export type Protocol = 'openai-chat' | 'anthropic-messages' | 'gemini-generate';

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
  | 'json_object'
  | 'json_schema'
  | 'json_with_tools'
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
  | 'starts_with_assistant'
  | 'assistant_prefill'
  | 'legacy_functions'
  | 'unknown_fields'
  | 'protocol_fields'
  | 'custom_tools'
  | 'allowed_tools'
  | 'tool_errors'
  | 'file_url'
  | 'chat'
  | 'embeddings'
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

/** How a model takes one hint parameter. `field` is the dotted path in the vendor's body. */
export type HintRule =
  | { readonly kind: 'pass'; readonly field: string }
  | { readonly kind: 'range'; readonly field: string; readonly min: number; readonly max: number }
  | {
      readonly kind: 'map';
      readonly field: string;
      /** Asked value → what is sent (`null`: the field is left out); `exact: false` marks the nearest thing, not the same. */
      readonly values: Readonly<Record<string, { readonly send: JsonValue; readonly exact: boolean }>>;
    }
  | {
      readonly kind: 'rewrite';
      readonly field: string;
      readonly rewrite: (asked: JsonValue) => JsonValue;
      readonly reason: string;
    }
  | { readonly kind: 'drop'; readonly reason: string };

/** What one model at one provider can do. Data, dated where it comes from a vendor's page. */
export interface Capabilities {
  /** What its provider speaks: what only the client's own protocol can say passes where the two are one. */
  readonly protocol: Protocol;
  readonly features: ReadonlySet<Feature>;
  /** Formats Candor can stand in for: said in the prompt, checked on the answer. */
  readonly emulates: ReadonlySet<'json_object' | 'json_schema'>;
  /** Whether the vendor's own structured output takes this schema; where not, it is emulated. */
  readonly acceptsSchema: (schema: JsonObject) => boolean;
  /** By parameter name. A hint that is missing here is dropped and reported. */
  readonly hints: Readonly<Record<string, HintRule>>;
  /**
   * Groups of hints of which the model takes one at a time, neutral or not. Of a group the first is
   * sent that says something, one of the client's before one of the config's.
   */
  readonly exclusiveHints: readonly (readonly string[])[];
  /** The cap sent when the client named none, for vendors that require one. */
  readonly defaultOutputTokens: number | null;
  readonly source: string;
}

/** Whether the vendor itself enforces the format's schema; one without a schema asks for any object. */
export function takesSchema(capabilities: Capabilities, schema: JsonObject | null): boolean {
  return capabilities.features.has('json_schema') && capabilities.acceptsSchema(schema ?? { type: 'object' });
}

/** Hints: what a model may take or leave. Everything else is contract. */
export const HINT_PARAMETERS = [
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'reasoning_effort',
  'verbosity',
  'prediction',
  'user',
  'safety_identifier',
  'metadata',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
] as const;

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
  functions: 'legacy_functions',
  function_call: 'legacy_functions',
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
  const adjustments: Adjustment[] = [];
  for (const name in parameters) {
    if (!isHint(name)) continue;
    const value = parameters[name] as JsonValue;
    const rule = ruleFor(name, parameters, capabilities, asked);
    const applied = applyRule(rule, value);
    if (applied.sent !== undefined && applied.sent !== null && rule.kind !== 'drop')
      fields.set(rule.field, applied.sent);
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
}

function applyRule(rule: HintRule, asked: JsonValue): Applied {
  switch (rule.kind) {
    case 'pass':
      return { sent: asked, change: null, reason: '' };
    case 'range': {
      if (typeof asked !== 'number') return { sent: undefined, change: 'dropped', reason: 'not a number' };
      const sent = Math.min(Math.max(asked, rule.min), rule.max);
      return { sent, change: sent === asked ? null : 'clamped', reason: `this model takes ${rule.min} to ${rule.max}` };
    }
    case 'map': {
      const value = typeof asked === 'string' ? rule.values[asked] : undefined;
      if (value === undefined) return { sent: undefined, change: 'dropped', reason: 'this model has no such level' };
      return { sent: value.send, change: value.exact ? null : 'clamped', reason: 'the nearest level this model has' };
    }
    case 'rewrite':
      return { sent: rule.rewrite(asked), change: 'rewritten', reason: rule.reason };
    case 'drop':
      return { sent: undefined, change: 'dropped', reason: rule.reason };
  }
}
