import type { Adjustment } from '../core/adjustment.ts';
import type { Parameters } from '../core/chat.ts';
import type { ParameterRule, ParameterRules } from '../core/deployment.ts';
import type { JsonValue } from '../core/json.ts';

/** The two names of the output cap; a rule for one holds for the other. */
const OUTPUT_CAPS = ['max_tokens', 'max_completion_tokens'] as const;

export interface FittedParameters {
  /** The very same object when nothing changed. */
  readonly parameters: Parameters;
  readonly adjustments: readonly Adjustment[];
}

/** Applies the config's defaults, caps and overrides to what the client sent; the route speaks before the model. */
export function fitParameters(
  parameters: Parameters,
  route: ParameterRules | null,
  model: ParameterRules,
): FittedParameters {
  if ((route === null || route.size === 0) && model.size === 0) return { parameters, adjustments: [] };
  const changed: Record<string, JsonValue> = { ...parameters };
  const adjustments: Adjustment[] = [];
  for (const [scope, rules] of [
    ['route', route],
    ['model', model],
  ] as const) {
    for (const [name, rule] of rules ?? []) applyRule(changed, name, rule, scope, adjustments);
  }
  return adjustments.length === 0 ? { parameters, adjustments } : { parameters: changed, adjustments };
}

function applyRule(
  parameters: Record<string, JsonValue>,
  name: string,
  rule: ParameterRule,
  scope: 'route' | 'model',
  adjustments: Adjustment[],
): void {
  const param = spelling(parameters, name);
  const asked = parameters[param];
  const put = (sent: JsonValue, kind: Adjustment['kind'], reason: string): void => {
    if (JSON.stringify(sent) === JSON.stringify(asked)) return;
    parameters[param] = sent;
    adjustments.push({ param, asked: asked ?? null, sent, kind, reason, at: rule.at });
  };
  if (rule.set !== undefined) {
    put(rule.set, asked === undefined ? 'defaulted' : 'rewritten', `${scope} override`);
    return;
  }
  if (asked === undefined) {
    if (rule.defaultValue !== undefined) put(rule.defaultValue, 'defaulted', `${scope} default`);
    // Without a cap of the client's the model's own limit would hold, which is above this one.
    else if (isOutputCap(name) && rule.max !== null) put(rule.max, 'capped', `${scope} cap`);
    return;
  }
  if (typeof asked !== 'number') return;
  const low = rule.min === null ? asked : Math.max(asked, rule.min);
  put(rule.max === null ? low : Math.min(low, rule.max), 'capped', `${scope} cap`);
}

/** The name under which the client sent this parameter. */
function spelling(parameters: Parameters, name: string): string {
  return isOutputCap(name) ? (OUTPUT_CAPS.find((cap) => parameters[cap] !== undefined) ?? name) : name;
}

function isOutputCap(name: string): boolean {
  return (OUTPUT_CAPS as readonly string[]).includes(name);
}
