import type { JsonValue } from '../core/json.ts';
import type { ParameterRule, ParameterRules } from '../core/deployment.ts';
import { toJson, type ConfigNode, type Entry, type MapNode } from './document.ts';
import { RULE_WORDS } from './grammar.ts';
import { at, readFields, readMap, readNumber, type ReadContext } from './read.ts';
import { didYouMean } from './suggest.ts';

export type ParameterType = 'number' | 'count' | 'text' | 'flag' | 'json';

/** The parameters of a request that a config file can set, by their names in OpenAI's API. */
export const PARAMETERS: Readonly<Record<string, ParameterType>> = {
  temperature: 'number',
  top_p: 'number',
  frequency_penalty: 'number',
  presence_penalty: 'number',
  seed: 'count',
  max_tokens: 'count',
  max_completion_tokens: 'count',
  n: 'count',
  top_logprobs: 'count',
  reasoning_effort: 'text',
  verbosity: 'text',
  user: 'text',
  safety_identifier: 'text',
  service_tier: 'text',
  prompt_cache_key: 'text',
  prompt_cache_retention: 'text',
  logprobs: 'flag',
  store: 'flag',
  parallel_tool_calls: 'flag',
  stop: 'json',
  logit_bias: 'json',
  metadata: 'json',
  prediction: 'json',
  prompt_cache_options: 'json',
};

const TYPE_NAMES: Readonly<Record<ParameterType, string>> = {
  number: 'a number',
  count: 'a whole number',
  text: 'text',
  flag: 'true or false',
  json: 'a value',
};

/** What a `params` block says. */
export interface Params {
  readonly rules: ParameterRules;
  /** `params: strict` or `strict: true` in it. */
  readonly strict: boolean;
}

export const NO_PARAMS: Params = { rules: new Map(), strict: false };

/**
 * Reads a `params` block: a bare value is the default, `{min, max}` caps, `{set}` overrides.
 * `strict` is a word of routes only, since it is about what a route may do to a request.
 */
export function readParams(
  context: ReadContext,
  node: ConfigNode,
  path: string,
  options: { readonly strictAllowed: boolean },
): Params {
  if (options.strictAllowed && node.type === 'scalar' && node.value === 'strict')
    return { rules: new Map(), strict: true };
  const map = readMap(context, node, path);
  if (map === null) return NO_PARAMS;
  const rules = new Map<string, ParameterRule>();
  let strict = false;
  for (const entry of map.entries) {
    if (entry.key === 'strict') {
      strict = readStrict(context, entry, path, options.strictAllowed);
      continue;
    }
    const type = Object.hasOwn(PARAMETERS, entry.key) ? PARAMETERS[entry.key] : undefined;
    if (type === undefined) {
      const help = didYouMean(entry.key, Object.keys(PARAMETERS));
      context.problems.error('unknown-field', entry.keySpan, `unknown parameter "${entry.key}" in ${path}`, help);
      continue;
    }
    const rule = readRule(context, entry, `${path}.${entry.key}`, type);
    if (rule !== null) rules.set(entry.key, rule);
  }
  return { rules, strict };
}

function readStrict(context: ReadContext, entry: Entry, path: string, allowed: boolean): boolean {
  if (!allowed) {
    context.problems.error('unknown-field', entry.keySpan, `\`strict\` belongs to a route's params, not to ${path}`);
    return false;
  }
  if (entry.value.type === 'scalar' && entry.value.value === true) return true;
  context.problems.error(
    'unknown-value',
    entry.value.span,
    `${path}.strict can only be true`,
    'leave it out otherwise',
  );
  return false;
}

function readRule(context: ReadContext, entry: Entry, path: string, type: ParameterType): ParameterRule | null {
  const line = at(context, entry.keySpan);
  const node = entry.value;
  if (node.type === 'map' && isRule(node, type)) return readRuleMap(context, node, path, type, line);
  const value = readValue(context, node, path, type);
  return value === undefined ? null : { defaultValue: value, min: null, max: null, set: undefined, at: line };
}

/** Where a value can be a map itself (`metadata`), only `{set: …}` is a rule. */
function isRule(node: MapNode, type: ParameterType): boolean {
  return type !== 'json' || (node.entries.length === 1 && node.entries[0]?.key === 'set');
}

function readRuleMap(
  context: ReadContext,
  node: MapNode,
  path: string,
  type: ParameterType,
  line: string,
): ParameterRule | null {
  const numeric = type === 'number' || type === 'count';
  const fields = readFields(context, node, path, numeric ? RULE_WORDS : { built: ['set'], notBuilt: [] });
  if (fields === null) return null;
  if (node.entries.length === 0) {
    context.problems.error(
      'missing-field',
      node.span,
      `${path} says nothing`,
      numeric ? 'write {min, max} or {set}' : 'write {set}',
    );
    return null;
  }
  if (fields.size === 0) return null;
  const set = fields.get('set');
  const min = readBound(context, fields.get('min'), `${path}.min`);
  const max = readBound(context, fields.get('max'), `${path}.max`);
  if (set !== undefined) {
    if (fields.size > 1) {
      context.problems.error('invalid-value', set.keySpan, `${path}.set leaves nothing for min and max to bound`);
      return null;
    }
    const value = readValue(context, set.value, `${path}.set`, type);
    return value === undefined ? null : { defaultValue: undefined, min: null, max: null, set: value, at: line };
  }
  if (min !== null && max !== null && min > max) {
    context.problems.error('invalid-value', node.span, `${path}: min is greater than max`);
    return null;
  }
  return { defaultValue: undefined, min, max, set: undefined, at: line };
}

function readBound(context: ReadContext, field: Entry | undefined, path: string): number | null {
  return field === undefined ? null : readNumber(context, field.value, path, Number.NEGATIVE_INFINITY);
}

function readValue(context: ReadContext, node: ConfigNode, path: string, type: ParameterType): JsonValue | undefined {
  const value = toJson(node);
  if (value !== null && hasType(value, type)) return value;
  context.problems.error('wrong-type', node.span, `${path} must be ${TYPE_NAMES[type]}`);
  return undefined;
}

function hasType(value: JsonValue, type: ParameterType): boolean {
  switch (type) {
    case 'number':
      return typeof value === 'number';
    case 'count':
      return Number.isSafeInteger(value);
    case 'text':
      return typeof value === 'string';
    case 'flag':
      return typeof value === 'boolean';
    case 'json':
      return true;
  }
}
