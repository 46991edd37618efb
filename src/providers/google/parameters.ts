import type { Parameters } from '../../core/chat.ts';
import { isNeutral } from '../../core/capabilities.ts';
import type { JsonValue } from '../../core/json.ts';
import { takesOpenApiSchema } from './capabilities.ts';

/** Where the vendor has the contract parameters that are single values; hints have their place in the capabilities. */
const FIELDS: Readonly<Record<string, string>> = {
  max_completion_tokens: 'generationConfig.maxOutputTokens',
  max_tokens: 'generationConfig.maxOutputTokens',
  stop: 'generationConfig.stopSequences',
  n: 'generationConfig.candidateCount',
  logprobs: 'generationConfig.responseLogprobs',
  top_logprobs: 'generationConfig.logprobs',
  modalities: 'generationConfig.responseModalities',
  service_tier: 'serviceTier',
  store: 'store',
};

const SERVICE_TIERS: Readonly<Record<string, string>> = {
  auto: 'unspecified',
  default: 'standard',
  flex: 'flex',
  priority: 'priority',
};

function upperCase(value: JsonValue): JsonValue {
  return typeof value === 'string' ? value.toUpperCase() : value;
}

/** Where the model takes the schema of its answer. */
export function schemaField(modelId: string): string {
  return `generationConfig.${takesOpenApiSchema(modelId) ? 'responseSchema' : 'responseJsonSchema'}`;
}

/** The vendor's field of a contract parameter, and its value there; `null` where it has none. */
export function contractField(
  name: string,
  value: JsonValue,
): { readonly field: string; readonly value: JsonValue } | null {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field === undefined) return null;
  if (name === 'service_tier' && typeof value === 'string') return { field, value: SERVICE_TIERS[value] ?? value };
  if (name === 'modalities' && Array.isArray(value)) {
    return { field, value: (value as readonly JsonValue[]).map(upperCase) };
  }
  return { field, value };
}

/** The contract parameters that say something, as the vendor's fields. Neutral ones ask for nothing. */
export function contractFields(parameters: Parameters): ReadonlyMap<string, JsonValue> {
  const fields = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(parameters)) {
    const written = isNeutral(name, value) ? null : contractField(name, value);
    if (written !== null) fields.set(written.field, written.value);
  }
  return fields;
}
