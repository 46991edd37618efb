import { createHash } from 'node:crypto';

import type { Deployment, ParameterRules } from '../core/deployment.ts';
import { canonicalJson, type JsonValue } from '../core/json.ts';
import type { PromptTemplate, Route } from '../core/route.ts';
import type { ModelScope } from '../core/substitution.ts';
import { formOf } from './prompt-form.ts';
import { FORMAT_VERSION } from './write-sections.ts';

const HASH_DIGITS = 16;

/** The template that a model has on a route; `null`: none. */
export function templateFor({ model }: Pick<Deployment, 'model'>, route: Route | null): PromptTemplate | null {
  return route?.prompts.find((template) => template.model === null || template.model === model) ?? null;
}

/**
 * The model as it works on this route: the same for every request, until the config changes what it is told or how it is asked.
 * @param standsIn whether it answers in the place of another model, and so is given the brief
 */
export function modelScope(deployment: Deployment, route: Route | null, standsIn: boolean): ModelScope {
  const rules = [route?.params, deployment.params].map((each) => (each === undefined ? [] : rulesJson(each)));
  return {
    model: deployment.model,
    snapshot: deployment.modelId,
    template: templateHash(deployment, route, standsIn),
    params: rules.every((each) => each.length === 0) ? null : hashOf(rules),
  };
}

/** First 16 hexadecimal digits of the SHA-256 of what the config has the model told on this route; `null`: nothing. */
export function templateHash(deployment: Deployment, route: Route | null, standsIn: boolean): string | null {
  const { prepend, append } = deployment.prompt;
  const template = templateFor(deployment, route);
  const brief = standsIn ? (route?.brief.template ?? null) : null;
  if (prepend === null && append === null && template === null && brief === null) return null;
  const told =
    template === null ? null : { sha256: template.sha256, form: { ...formOf(deployment) }, version: FORMAT_VERSION };
  return hashOf({ prepend: prepend?.text ?? null, append: append?.text ?? null, template: told, brief });
}

function rulesJson(rules: ParameterRules): readonly JsonValue[] {
  return [...rules].map(([name, { defaultValue, min, max, set }]) => ({
    name,
    default: defaultValue ?? null,
    min,
    max,
    set: set ?? null,
  }));
}

function hashOf(value: JsonValue): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HASH_DIGITS);
}
