import type { Capabilities, Feature, HintRule } from '../../core/capabilities.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { NO_SUCH_PARAMETER, oneIdentifier, OPENAI_ONLY_HINTS } from '../hint-rules.ts';

/** Anthropic's API reference and the types of its TypeScript SDK 1.12, read 2026-11. */
const SOURCE = 'Anthropic API reference, 2026-11';

const FEATURES: ReadonlySet<Feature> = new Set<Feature>([
  'chat',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'single_tool_call',
  'strict_tools',
  'json_schema',
  'json_with_tools',
  'stop',
  'image_data',
  'image_url',
]);

/** From Opus 4.7 on the vendor takes no sampling parameters but their neutral values. */
const SAMPLING_MODEL = /haiku|sonnet-4|opus-4-[0-6]|opus-4$|claude-3/;
/** Models that reason by levels of effort; the smaller ones take a token budget instead. */
const EFFORT_MODEL = /opus|sonnet|fable/;
/** Models that cannot stop thinking and refuse a forced tool choice. */
const ALWAYS_THINKING_MODEL = /(opus|sonnet|fable)-5/;

const NO_SAMPLING: HintRule = { kind: 'drop', reason: 'this model takes no sampling parameters' };
const SHARED_HINTS: Readonly<Record<string, HintRule>> = {
  ...OPENAI_ONLY_HINTS,
  ...oneIdentifier('metadata.user_id'),
  frequency_penalty: NO_SUCH_PARAMETER,
  presence_penalty: NO_SUCH_PARAMETER,
  seed: NO_SUCH_PARAMETER,
  prompt_cache_key: NO_SUCH_PARAMETER,
};
const EFFORT = {
  minimal: { send: 'low', exact: false },
  low: { send: 'low', exact: true },
  medium: { send: 'medium', exact: true },
  high: { send: 'high', exact: true },
  xhigh: { send: 'high', exact: false },
  max: { send: 'max', exact: true },
} as const;

/** What one of the vendor's models can do, by its name. */
export function anthropicCapabilities(modelId: string): Capabilities {
  const samples = SAMPLING_MODEL.test(modelId);
  return {
    protocol: 'anthropic-messages',
    features: ALWAYS_THINKING_MODEL.test(modelId) ? withoutForcedTool() : FEATURES,
    emulates: new Set(['json_object', 'json_schema']),
    acceptsSchema: (schema) => isNativeSchema(schema),
    hints: {
      ...SHARED_HINTS,
      temperature: samples ? { kind: 'range', field: 'temperature', min: 0, max: 1 } : NO_SAMPLING,
      top_p: samples ? { kind: 'pass', field: 'top_p' } : NO_SAMPLING,
      reasoning_effort: EFFORT_MODEL.test(modelId)
        ? effortRule(modelId)
        : { kind: 'drop', reason: 'this model reasons by a token budget, not by levels' },
    },
    exclusiveHints: [['temperature', 'top_p']],
    defaultOutputTokens: 8192,
    source: SOURCE,
  };
}

/** Thinking is off unless it is asked for, so `none` sends nothing, except where the model always thinks. */
function effortRule(modelId: string): HintRule {
  const none = ALWAYS_THINKING_MODEL.test(modelId) ? { send: 'low', exact: false } : { send: null, exact: true };
  return { kind: 'map', field: 'output_config.effort', values: { none, ...EFFORT } };
}

function withoutForcedTool(): ReadonlySet<Feature> {
  const forced: readonly Feature[] = ['tool_choice_required', 'tool_choice_named'];
  return new Set([...FEATURES].filter((feature) => !forced.includes(feature)));
}

/** Keywords of the vendor's structured output; any other one is ignored or refused there. */
const NATIVE_KEYWORDS = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'title',
  'description',
  '$schema',
]);
const MAX_OPTIONAL_PROPERTIES = 24;

/** Whether the vendor enforces this schema as it stands: no keyword it would ignore, every object closed. */
function isNativeSchema(schema: JsonObject): boolean {
  let optional = 0;
  const visit = (node: JsonValue | undefined): boolean => {
    if (!isJsonObject(node)) return false;
    if (Object.keys(node).some((keyword) => !NATIVE_KEYWORDS.has(keyword))) return false;
    const properties = node['properties'];
    const isObject = node['type'] === 'object' || properties !== undefined;
    if (isObject && node['additionalProperties'] !== false) return false;
    if (isJsonObject(properties)) {
      const required = Array.isArray(node['required']) ? node['required'].length : 0;
      optional += Object.keys(properties).length - required;
      if (!Object.values(properties).every(visit)) return false;
    }
    if (node['items'] !== undefined && !visit(node['items'])) return false;
    const choices = node['anyOf'];
    return choices === undefined || (Array.isArray(choices) && choices.every((choice) => visit(choice as JsonValue)));
  };
  return visit(schema) && optional <= MAX_OPTIONAL_PROPERTIES;
}
