import type { ModelTraits, SamplingFacts } from '../catalog/models/model-facts.ts';
import type { Capabilities, Feature } from '../core/capabilities.ts';
import type { HintRule } from '../core/hint-rule.ts';
import type { ModelLimits } from '../core/model-limits.ts';

/** What all models of one vendor share. */
export interface VendorCapabilities {
  readonly features: readonly Feature[];
  /** Each sampling parameter the vendor has, with its dotted path in the body. */
  readonly sampling: Readonly<Partial<Record<SamplingParameter, string>>>;
  /** Every other hint. */
  readonly hints: Readonly<Record<string, HintRule>>;
  readonly limits: Pick<ModelLimits, 'stopSequences' | 'toolName' | 'mediaTypes'>;
}

type SamplingParameter = 'temperature' | 'top_p' | 'top_k' | 'frequency_penalty' | 'presence_penalty' | 'seed';

const SAMPLING: readonly SamplingParameter[] = [
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
];
/** OpenAI's bounds, which are Google's too. */
const PENALTY = { min: -2, max: 2 } as const;
const NO_SAMPLING: HintRule = { kind: 'drop', reason: 'this model takes no sampling parameters' };

/** What Candor can stand in for, wherever the model has it not. */
const EMULATED = ['json_object', 'json_schema', 'allowed_tools'] as const;

/** What the row of one model, and its vendor, come to. The rest is the vendor's to add. */
export function modelCapabilities(
  model: ModelTraits,
  vendor: VendorCapabilities,
): Pick<Capabilities, 'features' | 'emulates' | 'hints' | 'exclusiveHints' | 'limits' | 'reasoning' | 'source'> {
  const features = new Set([...vendor.features, ...model.has].filter((feature) => !model.lacks.includes(feature)));
  // What is emulated is said in an instruction.
  const emulates = features.has('instructions') ? EMULATED.filter((feature) => !features.has(feature)) : [];
  return {
    features,
    emulates: new Set(emulates),
    hints: { ...vendor.hints, ...samplingRules(model.sampling, vendor.sampling) },
    exclusiveHints: model.sampling.oneAtATime ? [['temperature', 'top_p']] : [],
    limits: { ...vendor.limits, contextTokens: model.contextTokens, outputTokens: model.outputTokens },
    reasoning: model.reasoning,
    source: model.source,
  };
}

function samplingRules(
  facts: SamplingFacts,
  fields: VendorCapabilities['sampling'],
): Readonly<Record<string, HintRule>> {
  const rules: Record<string, HintRule> = {};
  for (const name of SAMPLING) {
    const field = fields[name];
    if (field === undefined) rules[name] = { kind: 'drop', reason: 'this vendor has no such parameter' };
    else rules[name] = samplingRule(name, field, facts);
  }
  return rules;
}

function samplingRule(name: SamplingParameter, field: string, facts: SamplingFacts): HintRule {
  switch (name) {
    case 'temperature':
      return facts.temperature === null ? NO_SAMPLING : { kind: 'range', field, ...facts.temperature };
    case 'top_p':
      return facts.topP ? { kind: 'pass', field } : NO_SAMPLING;
    case 'top_k':
      return facts.topK ? { kind: 'pass', field } : NO_SAMPLING;
    case 'seed':
      return facts.seed ? { kind: 'pass', field } : { kind: 'drop', reason: 'this model takes no seed' };
    default:
      return facts.penalties
        ? { kind: 'range', field, ...PENALTY }
        : { kind: 'drop', reason: 'this model takes no penalties' };
  }
}
