import type { EndpointCall } from './endpoint.ts';

/** The headers by which a client asks something of Candor, under their lower-case names. */
export function directiveHeaders(call: EndpointCall): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const received = call.request.headers;
  for (const name in received) {
    if (!name.startsWith('x-candor-') && name !== 'idempotency-key' && name !== 'traceparent') continue;
    const value = received[name];
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
