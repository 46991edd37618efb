import { findModel } from '../../catalog/models/find-model.ts';
import type { Capabilities, Feature } from '../../core/capabilities.ts';
import type { HintRule } from '../../core/hint-rule.ts';
import type { ReasoningFacts } from '../../core/reasoning.ts';
import { CACHES_BY_ITSELF, OPENAI_ONLY_HINTS } from '../hint-rules.ts';
import { modelCapabilities } from '../model-capabilities.ts';
import { fitGeminiSchema, fitOpenApiSchema } from './schema-subset.ts';

const FEATURES: readonly Feature[] = [
  'chat',
  'instructions',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'allowed_tools',
  'tool_errors',
  'json_object',
  'json_schema',
  'stop',
  'stop_white_space',
  'empty_message',
  'image_data',
  'audio_input',
  'file_input',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
];

const SAMPLING = {
  temperature: 'generationConfig.temperature',
  top_p: 'generationConfig.topP',
  top_k: 'generationConfig.topK',
  frequency_penalty: 'generationConfig.frequencyPenalty',
  presence_penalty: 'generationConfig.presencePenalty',
  seed: 'generationConfig.seed',
} as const;

const NO_IDENTIFIER: HintRule = { kind: 'drop', reason: 'this vendor takes no user identifier' };
const HINTS: Readonly<Record<string, HintRule>> = {
  ...OPENAI_ONLY_HINTS,
  user: NO_IDENTIFIER,
  safety_identifier: NO_IDENTIFIER,
  prompt_cache_key: CACHES_BY_ITSELF,
  prompt_cache_options: CACHES_BY_ITSELF,
  prompt_cache_retention: CACHES_BY_ITSELF,
};

const WANTS_SIGNATURES = /gemini-(?:[3-9]|\d\d)/;

/** The Gemini API's own tiers; Vertex has them otherwise. */
const SERVICE_TIERS: HintRule = {
  kind: 'map',
  field: 'serviceTier',
  values: {
    default: { send: 'standard', exact: true },
    flex: { send: 'flex', exact: true },
    priority: { send: 'priority', exact: true },
  },
};

const LIMITS = {
  stopSequences: 5,
  toolName: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/,
  mediaTypes: new Set([
    'image/png',
    'image/jpeg',
    'image/webp',
    'image/heic',
    'image/heif',
    'application/pdf',
    'text/plain',
    'text/html',
    'text/css',
    'text/csv',
    'text/xml',
    'text/markdown',
    'text/rtf',
    'audio/wav',
    'audio/mp3',
    'audio/mpeg',
    'audio/aiff',
    'audio/aac',
    'audio/ogg',
    'audio/flac',
  ]),
} as const;

/** What one of the vendor's models can do, by its name. @param kind the Gemini API, or Vertex */
export function googleCapabilities(modelId: string, kind: 'google' | 'vertex' = 'google'): Capabilities {
  const model = findModel(kind, modelId);
  const hints = {
    ...HINTS,
    ...thinkingRules(model.reasoning),
    ...(kind === 'google' ? { service_tier: SERVICE_TIERS } : {}),
  };
  return {
    ...modelCapabilities(model, { features: FEATURES, sampling: SAMPLING, hints, limits: LIMITS }),
    protocol: 'gemini-generate',
    wantsSignatures: WANTS_SIGNATURES.test(modelId),
    fitSchema: takesOpenApiSchema(modelId) ? fitOpenApiSchema : fitGeminiSchema,
    defaultOutputTokens: null,
  };
}

/** Whether the model takes a schema as `responseSchema` only, before there was `responseJsonSchema`. */
export function takesOpenApiSchema(modelId: string): boolean {
  return /gemini-(?:1\.|2\.0)/.test(modelId);
}

const NO_THINKING: HintRule = { kind: 'drop', reason: 'this model does not think' };
const CONFIG = 'generationConfig.thinkingConfig';
/** Token budgets of the levels, as the vendor's own OpenAI-compatible endpoint maps them. */
const THINKING_BUDGETS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
};

/** From Gemini 3 on models take a level; before, a budget, for which the levels stand. */
function thinkingRules(reasoning: ReasoningFacts | null): Readonly<Record<string, HintRule>> {
  if (reasoning === null) {
    return { reasoning_effort: NO_THINKING, reasoning_budget: NO_THINKING, include_thoughts: NO_THINKING };
  }
  const { levels } = reasoning;
  const byLevel = reasoning.said === 'name';
  const budget: HintRule = { kind: 'pass', field: `${CONFIG}.thinkingBudget` };
  const send = (level: string): string | number => (byLevel ? level.toUpperCase() : (THINKING_BUDGETS[level] ?? 0));
  const values = Object.fromEntries(levels.map((level) => [level, { send: send(level), exact: true }]));
  return {
    reasoning_effort: { kind: 'map', field: `${CONFIG}.${byLevel ? 'thinkingLevel' : 'thinkingBudget'}`, values },
    reasoning_budget: budget,
    reasoning_summary: {
      kind: 'map',
      field: `${CONFIG}.includeThoughts`,
      values: {
        auto: { send: true, exact: true },
        concise: { send: true, exact: false },
        detailed: { send: true, exact: false },
      },
    },
    include_thoughts: { kind: 'pass', field: `${CONFIG}.includeThoughts` },
  };
}
