import type { Answer } from '../../src/core/answer.ts';
import type { ChatRequest } from '../../src/core/chat.ts';
import type { JsonValue } from '../../src/core/json.ts';
import { JsonReader } from '../../src/validation/recovery/read-json.ts';
import { createValidators } from '../../src/validation/registry.ts';
import type { JudgingTerms, ValidationSteps } from '../../src/validation/run.ts';
import { SchemaChecker } from '../../src/validation/schema-checker.ts';
import { SuppliedContexts } from '../../src/validation/supplied-context.ts';
import type { Validator } from '../../src/validation/validator.ts';
import { decodeClientBody, testRoute } from './deployment.ts';

export const TERMS: JudgingTerms = {
  modelId: 'gpt-4o',
  mayRewrite: true,
  outputCapTokens: null,
  hooks: { run: (name) => Promise.resolve({ validator: name, outcome: 'abstain', reason: 'no such hook' }) },
  judges: { ask: () => Promise.resolve(null) },
};
export const SCHEMA = { type: 'object', required: ['name'] };

/** An answer that `FORMAT` accepts, but for these changes. */
export function answer(changes: Partial<Answer>): Answer {
  return {
    model: 'm',
    text: '{"name":"x"}',
    reasoning: null,
    refusal: null,
    toolCalls: [],
    extraContent: null,
    alternatives: [],
    embeddings: null,
    finishReason: 'stop',
    finishNative: 'stop',
    usage: null,
    native: null,
    flags: [],
    ...changes,
  };
}

/** A request with this `response_format`. */
export function asking(format: JsonValue): ChatRequest {
  return decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }], response_format: format });
}

export const PLAIN = asking(null);
export const FORMAT = asking({ type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } });
export const LOOKAHEAD = asking({
  type: 'json_schema',
  json_schema: { name: 'n', schema: { type: 'string', pattern: '(?=a)a' } },
});

/** What the product judges with, and a validator of the test's own. */
export function steps(validator?: Validator): ValidationSteps {
  const schemas = new SchemaChecker();
  const validators = new Map(createValidators(schemas));
  if (validator !== undefined) validators.set(validator.id, validator);
  return { schemas, validators, json: new JsonReader(), contexts: new SuppliedContexts() };
}

/** A route with these validators; `json_schema` is by `SCHEMA`. */
export function choosing(...ids: readonly string[]): ReturnType<typeof testRoute> {
  return testRoute([], {
    validators: ids.map((id) => ({ id, options: id === 'json_schema' ? SCHEMA : null, at: 'candor.yaml:5' })),
  });
}
