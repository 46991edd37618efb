import { GatewayError } from '../core/errors.ts';

/** Members with which other gateways let a request choose where its bytes go; never here. */
const FORBIDDEN = new Set([
  'api_base',
  'base_url',
  'api_key',
  'custom_llm_provider',
  'extra_headers',
  'headers',
  'timeout',
]);

/** Refuses an outermost member that would choose the request's destination. @throws GatewayError `forbidden_param` */
export function refuseForbiddenMember(name: string): void {
  if (!FORBIDDEN.has(name)) return;
  throw new GatewayError('forbidden_param', `\`${name}\` cannot be set by a request`, { param: name });
}
