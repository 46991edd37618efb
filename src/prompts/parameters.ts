import type { Adjustment } from '../core/adjustment.ts';
import type { Parameters } from '../core/chat.ts';
import type { ParameterRule, ParameterRules } from '../core/deployment.ts';
import type { JsonValue } from '../core/json.ts';

/** The two names of the output cap; a rule for one holds for the other. */
const OUTPUT_CAPS = ['max_tokens', 'max_completion_tokens'] as const;

const VENDOR_DEFAULTS: Readonly<Record<string, number>> = {
  temperature: 1,
  top_p: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
};

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
  const putCap = (value: number | null): void => {
    if (value === null) return;
    const capped = Math.min(Math.max(value, rule.min ?? value), rule.max ?? Number.POSITIVE_INFINITY);
    if (capped !== value) put(capped, 'capped', `${scope} cap`);
  };
  if (rule.set !== undefined) {
    put(rule.set, asked === undefined ? 'defaulted' : 'rewritten', `${scope} override`);
    return;
  }
  if (asked === undefined) {
    if (rule.defaultValue !== undefined) put(rule.defaultValue, 'defaulted', `${scope} default`);
    else putCap(vendorDefault(name));
    return;
  }
  if (typeof asked === 'number') putCap(asked);
}

/** What vendors take a missing number for, as far as they agree; a cap must hold for that too, or leaving it out evades it. */
function vendorDefault(name: string): number | null {
  if (isOutputCap(name)) return Number.POSITIVE_INFINITY;
  return Object.hasOwn(VENDOR_DEFAULTS, name) ? (VENDOR_DEFAULTS[name] ?? null) : null;
}

/** The name under which the client sent this parameter. */
function spelling(parameters: Parameters, name: string): string {
  return isOutputCap(name) ? (OUTPUT_CAPS.find((cap) => parameters[cap] !== undefined) ?? name) : name;
}

function isOutputCap(name: string): boolean {
  return (OUTPUT_CAPS as readonly string[]).includes(name);
}
