import type { Capabilities, Feature, HintRule } from '../../core/capabilities.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { CACHES_BY_ITSELF, OPENAI_ONLY_HINTS } from '../hint-rules.ts';

/** Google's Gemini API reference and the types of @google/genai 3.1, read 2026-11. */
const SOURCE = 'Gemini API reference, 2026-11';

const FEATURES: ReadonlySet<Feature> = new Set<Feature>([
  'chat',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'allowed_tools',
  'json_object',
  'json_schema',
  'stop',
  'stop_white_space',
  'empty_message',
  'image_data',
]);

/** Older models refuse JSON output together with tools. */
const JSON_WITH_TOOLS = /gemini-([3-9]|\d\d)/;
const PRO_MODEL = /pro/;

/** Refused by the 2.5 models, and nothing tells which others take them. */
const NO_PENALTY: HintRule = { kind: 'drop', reason: 'this model takes no penalties' };

const NO_IDENTIFIER: HintRule = { kind: 'drop', reason: 'this vendor takes no user identifier' };

/** Token budgets of the levels, as the vendor's own OpenAI-compatible endpoint maps them. */
const THINKING_BUDGETS = { minimal: 512, low: 1024, medium: 8192, high: 24_576 } as const;

/** What one of the vendor's models can do, by its name. */
export function googleCapabilities(modelId: string): Capabilities {
  const features = JSON_WITH_TOOLS.test(modelId) ? new Set<Feature>([...FEATURES, 'json_with_tools']) : FEATURES;
  return {
    protocol: 'gemini-generate',
    features,
    emulates: new Set(['json_schema']),
    acceptsSchema: (schema) => isNativeSchema(schema),
    hints: {
      ...OPENAI_ONLY_HINTS,
      temperature: { kind: 'range', field: 'generationConfig.temperature', min: 0, max: 2 },
      top_p: { kind: 'pass', field: 'generationConfig.topP' },
      seed: { kind: 'pass', field: 'generationConfig.seed' },
      frequency_penalty: NO_PENALTY,
      presence_penalty: NO_PENALTY,
      reasoning_effort: thinkingRule(modelId),
      user: NO_IDENTIFIER,
      safety_identifier: NO_IDENTIFIER,
      prompt_cache_key: CACHES_BY_ITSELF,
    },
    exclusiveHints: [],
    defaultOutputTokens: null,
    source: SOURCE,
  };
}

function thinkingRule(modelId: string): HintRule {
  const budget = (send: number, exact: boolean): { send: number; exact: boolean } => ({ send, exact });
  return {
    kind: 'map',
    field: 'generationConfig.thinkingConfig.thinkingBudget',
    values: {
      // The larger models cannot stop thinking: 128 tokens are the least they take.
      none: PRO_MODEL.test(modelId) ? budget(128, false) : budget(0, true),
      minimal: budget(THINKING_BUDGETS.minimal, true),
      low: budget(THINKING_BUDGETS.low, true),
      medium: budget(THINKING_BUDGETS.medium, true),
      high: budget(THINKING_BUDGETS.high, true),
      xhigh: budget(THINKING_BUDGETS.high, false),
      max: budget(THINKING_BUDGETS.high, false),
    },
  };
}

/** Keywords that the vendor is said to pass over, so that it would not enforce them. */
const NOT_ENFORCED = [
  'oneOf',
  'allOf',
  'not',
  'if',
  'pattern',
  'patternProperties',
  'const',
  'uniqueItems',
  'multipleOf',
];

function isNativeSchema(schema: JsonObject): boolean {
  const visit = (node: JsonValue | undefined): boolean => {
    if (Array.isArray(node)) return (node as readonly JsonValue[]).every(visit);
    if (!isJsonObject(node)) return true;
    return Object.entries(node).every(([keyword, value]) => {
      if (keyword === 'properties' || keyword === '$defs')
        return isJsonObject(value) && Object.values(value).every(visit);
      return !NOT_ENFORCED.includes(keyword) && visit(value);
    });
  };
  return visit(schema);
}
