import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { requireString } from './member-checks.ts';

/** Which names of tools a dialect takes. */
export interface ToolNameRule {
  readonly pattern: RegExp;
  /** The same in words, as in `must be 1 to 64 letters`. */
  readonly words: string;
}

/**
 * The name of a tool that is offered, noted among `names`: one that stands twice would not say which of the two is called.
 * @throws GatewayError `invalid_type`, `param_out_of_range`
 */
export function requireToolName(
  value: JsonValue | undefined,
  path: string,
  rule: ToolNameRule,
  names: Set<string>,
): string {
  const name = requireString(value, path);
  if (!rule.pattern.test(name) || names.has(name)) {
    throw new GatewayError('param_out_of_range', `\`${path}\` must be ${rule.words}, and used once`, { param: path });
  }
  names.add(name);
  return name;
}
