import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';

/** @param what whose members they are: `an outcome` @throws GatewayError `unsupported_parameter` for a member that it does not have */
export function refuseOtherMembers(json: JsonObject, known: readonly string[], what: string): void {
  const other = Object.keys(json).find((name) => !known.includes(name));
  if (other === undefined) return;
  const param = other.slice(0, 80);
  throw new GatewayError('unsupported_parameter', `${what} has no \`${param}\`; it has ${known.join(', ')}`, { param });
}
