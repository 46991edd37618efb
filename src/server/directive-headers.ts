import type { EndpointCall } from './endpoint.ts';

const OTHER_NAMES: ReadonlySet<string> = new Set([
  'idempotency-key',
  'traceparent',
  'anthropic-version',
  'anthropic-beta',
]);

/** The headers by which a client asks something of Candor, or of its dialect, under their lower-case names. */
export function directiveHeaders(call: EndpointCall): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const received = call.request.headers;
  for (const name in received) {
    if (!name.startsWith('x-candor-') && !OTHER_NAMES.has(name)) continue;
    const value = received[name];
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
