import { isDeepStrictEqual } from 'node:util';

import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { Adjustment } from '../core/adjustment.ts';
import { isHint } from '../core/capabilities.ts';
import type { Parameters } from '../core/chat.ts';
import type { ParameterRules } from '../core/deployment.ts';
import { outputCapOf } from '../core/output-cap.ts';
import { frozenCopy } from '../core/frozen-copy.ts';
import type { HookContext, ParamsHook } from '../core/hook-functions.ts';
import type { Hook, HookTerms } from '../core/hooks.ts';
import { isJsonObject, type JsonValue } from '../core/json.ts';
import { withoutLongText } from '../core/told-value.ts';
import { callHook, hashOf, HOOK_LIMIT_MS, hookError, invalidRun } from './call-hook.ts';
import { isPlainJson } from './plain-json.ts';

const OUTPUT_CAPS: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens']);

const NUMBERS: ReadonlySet<string> = new Set(['temperature', 'top_p', 'frequency_penalty', 'presence_penalty']);
const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['seed', 'top_k', 'reasoning_budget', ...OUTPUT_CAPS]);
const FLAGS: ReadonlySet<string> = new Set(['include_thoughts']);
const VALUES: ReadonlySet<string> = new Set(['prediction', 'metadata', 'prompt_cache_options']);

/**
 * The request with the parameters as the hook wants them. It may change hints and lower the output cap, within the rules
 * of the config; what else a request asks has decided already who may answer it.
 * @param rules those of the route and of the model
 * @throws GatewayError `hook_error` when the hook throws, hangs or gives other parameters than it may
 */
export async function runParamsHook(
  adapted: AdaptedRequest,
  hook: Hook<ParamsHook>,
  context: HookContext,
  rules: readonly ParameterRules[],
  terms: HookTerms,
): Promise<AdaptedRequest> {
  const asked = frozenCopy(adapted.parameters);
  const known = frozenCopy(context);
  // What it gives may throw, too, when it is read.
  const call = async (run: ParamsHook): Promise<ReadParameters> =>
    readParameters(await run(asked, known), asked, rules);
  const outcome = await callHook('params', hook, call, HOOK_LIMIT_MS, terms);
  if (!outcome.ok) throw hookError(outcome.run, outcome.cause, terms);
  const { ms, result: read } = outcome;
  if ('problem' in read) throw hookError(invalidRun('params', hook, ms, read.problem), null, terms);
  const adjustments = changesOf(asked, read.parameters, hook.at);
  const isChanged = adjustments.length > 0;
  const before = hashOf(asked);
  const after = isChanged ? hashOf(read.parameters) : before;
  terms.note({ hook: 'params', at: hook.at, outcome: isChanged ? 'ok' : 'unchanged', ms, before, after, reason: null });
  if (!isChanged) return adapted;
  return { ...adapted, parameters: read.parameters, adjustments: [...adapted.adjustments, ...adjustments] };
}

type ReadParameters = { readonly parameters: Parameters } | { readonly problem: string };

function readParameters(result: unknown, asked: Parameters, rules: readonly ParameterRules[]): ReadParameters {
  if (!isJsonObject(result)) return { problem: 'it did not return parameters' };
  const sent: Record<string, JsonValue> = {};
  for (const name of new Set([...Object.keys(asked), ...Object.keys(result)])) {
    const value = result[name];
    const problem = isDeepStrictEqual(value, asked[name]) ? null : problemOf(name, value, asked, rules);
    if (problem !== null) return { problem };
    if (value !== undefined) sent[name] = frozenCopy(value);
  }
  return { parameters: sent };
}

/** Why the parameter may not become this value; `null`: it may. */
function problemOf(
  name: string,
  value: JsonValue | undefined,
  asked: Parameters,
  rules: readonly ParameterRules[],
): string | null {
  const word = name.slice(0, 60);
  const isCap = OUTPUT_CAPS.has(name);
  if (!isHint(name) && !isCap) return `it changed \`${word}\`, which is not for hooks to change`;
  if (value !== undefined && !hasType(name, value)) return `it gave \`${word}\` a value of another type than it has`;
  const cap = isCap ? asked[name] : undefined;
  if (typeof cap === 'number' && !(typeof value === 'number' && value <= cap)) {
    return `it may lower \`${word}\`, not raise it or leave it out`;
  }
  if (isCap && cap === undefined && outputCapOf(asked) !== null) {
    return `it gave \`${word}\`, and the output is capped by another name`;
  }
  for (const rule of rules) {
    const { min = null, max = null, set, at } = rule.get(name) ?? {};
    const isBeyond = typeof value === 'number' && (value < (min ?? value) || value > (max ?? value));
    const isLost = value === undefined && (min !== null || max !== null);
    if (set !== undefined || isBeyond || isLost) return `it gave \`${word}\` a value that ${at} does not allow`;
  }
  return null;
}

function hasType(name: string, value: JsonValue): boolean {
  if (NUMBERS.has(name)) return typeof value === 'number' && Number.isFinite(value);
  if (WHOLE_NUMBERS.has(name)) return Number.isSafeInteger(value) && (!OUTPUT_CAPS.has(name) || Number(value) > 0);
  if (FLAGS.has(name)) return typeof value === 'boolean';
  return VALUES.has(name) ? isPlainJson(value) : typeof value === 'string';
}

function changesOf(asked: Parameters, sent: Parameters, at: string): readonly Adjustment[] {
  const names = [...new Set([...Object.keys(asked), ...Object.keys(sent)])];
  return names.flatMap((name): readonly Adjustment[] => {
    const before = asked[name];
    const after = sent[name];
    if (isDeepStrictEqual(before, after)) return [];
    const kind = before === undefined ? 'defaulted' : after === undefined ? 'dropped' : 'rewritten';
    return [
      { param: name, asked: before ?? null, sent: withoutLongText(after ?? null), kind, reason: 'params hook', at },
    ];
  });
}
