import fc from 'fast-check';

import type { ParameterRule } from '../../src/core/deployment.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { adapt } from '../../src/prompts/adapt.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { findEligible, requireEligible } from '../../src/routing/eligible.ts';
import { decodeClientBody, testDeployment, testRoute, taskTarget } from './deployment.ts';
import { valueAt } from './json-leaves.ts';
import { clientRequest } from './request-arbitrary.ts';
import { silentChanges } from './silence-oracle.ts';
import type { SentRequest } from './silence-sent.ts';

/** One request to one model under one configuration. */
export interface SilenceCase {
  readonly request: JsonObject;
  readonly kind: string;
  readonly model: string;
  /** What the operator has configured: nothing, caps and defaults, or texts around the prompt and a brief. */
  readonly operator: 'nothing' | 'parameters' | 'texts';
}

/** Models that differ in what they take, of every protocol. */
const MODELS: readonly (readonly [kind: string, model: string])[] = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-5'],
  ['anthropic', 'claude-haiku-4-5'],
  ['anthropic', 'claude-opus-4-8'],
  ['anthropic', 'claude-opus-5-5'],
  ['google', 'gemini-2.5-flash'],
  ['google', 'gemini-3-pro'],
  ['deepseek', 'deepseek-chat'],
  ['deepseek', 'deepseek-reasoner'],
];

export const silenceCase: fc.Arbitrary<SilenceCase> = fc
  .record({
    request: clientRequest,
    target: fc.constantFrom(...MODELS),
    operator: fc.constantFrom('nothing' as const, 'nothing' as const, 'parameters' as const, 'texts' as const),
  })
  .map(({ request, target, operator }) => ({ request, kind: target[0], model: target[1], operator }));

/** What became of a case; `problems` is empty when nothing was changed in silence. */
export interface SilenceResult {
  readonly outcome: 'sent' | 'refused';
  readonly problems: readonly string[];
}

/** Decodes, plans, adapts and encodes the request as the pipeline does, and looks for what was lost on the way. */
export function runSilenceCase(sample: SilenceCase): SilenceResult {
  const { request } = sample;
  try {
    return { outcome: 'sent', problems: silentChanges(request, encodeCase(sample)) };
  } catch (error) {
    return { outcome: 'refused', problems: refusalProblems(request, error) };
  }
}

/** What is sent for a case; `null` when it is refused. */
export function encodeSilenceCase(sample: SilenceCase): (SilenceCase & { readonly sent: SentRequest }) | null {
  try {
    return { ...sample, sent: encodeCase(sample) };
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

function encodeCase({ request, kind, model, operator }: SilenceCase): SentRequest {
  const provider = PROVIDERS.get(kind) as Provider;
  const texts = operator === 'texts';
  const deployment = testDeployment(provider, model, texts ? { prompt: PROMPT } : {});
  const route = testRoute([deployment], {
    ...(texts ? { brief: { template: 'Stand in for {{ model }}.', at: 'built-in' } } : {}),
    ...(operator === 'parameters' ? { params: RULES } : {}),
  });
  const decoded = decodeClientBody(request);
  requireEligible(findEligible(decoded, taskTarget(route, [deployment])));
  const adapted = adapt(decoded, deployment, route, texts ? { usualModel: 'other', reason: 'upstream_error' } : null);
  const encoded = provider.encode(adapted, deployment);
  const body = JSON.parse(encoded.body.toString('utf8')) as JsonObject;
  return { kind, body, adjustments: [...adapted.adjustments, ...encoded.adjustments] };
}

const PROMPT = {
  prepend: { text: 'House rules.', at: 'candor.yaml:3' },
  append: { text: 'Be brief.', at: 'candor.yaml:4' },
  documents: null,
};

function rule(changes: Partial<ParameterRule>): ParameterRule {
  return { defaultValue: undefined, min: null, max: null, set: undefined, at: 'candor.yaml:7', ...changes };
}

const RULES = new Map([
  ['temperature', rule({ max: 0.5 })],
  ['top_p', rule({ defaultValue: 0.8 })],
  ['seed', rule({ set: 7 })],
  ['max_tokens', rule({ max: 300 })],
]);

/** A refusal must be the client's to understand: a 400 that names something in its request. */
function refusalProblems(request: JsonObject, error: unknown): readonly string[] {
  if (!(error instanceof GatewayError)) throw error;
  if (error.status !== 400) return [`refused with ${error.status} ${error.code}`];
  return isNamed(request, error.param, error.message) ? [] : [`refused, naming ${error.param}: ${error.message}`];
}

/** Whether the param is in the request, or is missing from something that is. */
export function isNamed(request: JsonObject, param: string | null, message: string): boolean {
  if (param === null) return false;
  if (valueAt(request, param) !== undefined) return true;
  const place = param.replace(/\.?[^.[]+$|\[\d+\]$/, '');
  return place === '' ? message.includes('missing') : valueAt(request, place) !== undefined;
}
