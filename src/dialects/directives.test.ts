import { describe, expect, test } from 'vitest';

import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { decodeDirectives } from './directives.ts';

type Headers = Readonly<Record<string, string>>;

const decode = (headers: Headers, body?: JsonValue): ReturnType<typeof decodeDirectives> =>
  decodeDirectives(new Map(Object.entries(headers)), body, false);

describe('what a client asks of Candor', () => {
  test('is nothing by default', () => {
    expect(decode({ 'content-type': 'application/json' })).toEqual({
      route: null,
      fallback: null,
      timeoutMs: null,
      maxCostNanoUsd: null,
      tags: {},
      simulate: [],
      candorBody: true,
      traceparent: null,
      dryRun: null,
    });
  });

  test.each<[Headers, JsonValue | undefined, object]>([
    [{ 'x-candor-route': 'extract' }, undefined, { route: 'extract' }],
    [{}, { route: 'extract' }, { route: 'extract' }],
    [{ 'x-candor-route': 'extract' }, { route: 'extract' }, { route: 'extract' }],
    [{ 'x-candor-fallback': 'off' }, undefined, { fallback: 'off' }],
    [{ 'x-candor-timeout-ms': '250' }, { timeout_ms: 250 }, { timeoutMs: 250 }],
    [{ 'x-candor-max-cost-usd': '0.10' }, { max_cost_usd: 0.1 }, { maxCostNanoUsd: 100_000_000 }],
    [{ 'x-candor-max-cost-usd': '0.000001' }, undefined, { maxCostNanoUsd: 1000 }],
    [{}, { max_cost_usd: 2 }, { maxCostNanoUsd: 2_000_000_000 }],
    [{ 'x-candor-tags': 'team=a, step=1=2' }, { tags: { user: 'x' } }, { tags: { team: 'a', step: '1=2', user: 'x' } }],
    [
      { 'x-candor-sim': 'openai=503, deepseek=cut:12' },
      undefined,
      {
        simulate: [
          { target: 'openai', fault: '503' },
          { target: 'deepseek', fault: 'cut:12' },
        ],
      },
    ],
    [{ 'x-candor-body': 'off' }, undefined, { candorBody: false }],
    [
      { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      null,
      { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    ],
    [
      { traceparent: '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more' },
      null,
      { traceparent: '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more' },
    ],
  ])('%j and %j', (headers, body, expected) => {
    expect(decode(headers, body)).toMatchObject(expected);
  });
});

describe('is refused by name', () => {
  test.each<[Headers, JsonValue | undefined, string]>([
    [{ 'x-candor-data': 'health' }, undefined, 'unsupported_parameter x-candor-data'],
    [{ traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more` }, undefined, 'invalid_request traceparent'],
    [{ traceparent: `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }, undefined, 'invalid_request traceparent'],
    [{ 'x-candor-max-cost-usd': '0' }, undefined, 'invalid_request x-candor-max-cost-usd'],
    [{ 'x-candor-max-cost-usd': '$1' }, undefined, 'invalid_request x-candor-max-cost-usd'],
    [{ 'x-candor-max-cost-usd': '1e-3' }, undefined, 'invalid_request x-candor-max-cost-usd'],
    [{ 'x-candor-max-cost-usd': '0.1' }, { max_cost_usd: 0.2 }, 'invalid_request x-candor-max-cost-usd'],
    [{}, { max_cost_usd: -1 }, 'invalid_request candor.max_cost_usd'],
    [{}, { max_cost_usd: 0.0000001 }, 'invalid_request candor.max_cost_usd'],
    [{}, { max_cost_usd: '1' }, 'invalid_request candor.max_cost_usd'],
    [{ 'x-candor-rout': 'x' }, undefined, 'unsupported_parameter x-candor-rout'],
    [{ 'idempotency-key': '1' }, undefined, 'unsupported_parameter idempotency-key'],
    [{}, { data: 'health' }, 'unsupported_parameter candor.data'],
    [{}, 'x', 'invalid_type candor'],
    [{ 'x-candor-route': 'a' }, { route: 'b' }, 'invalid_request x-candor-route'],
    [{ 'x-candor-fallback': 'earned' }, undefined, 'invalid_request x-candor-fallback'],
    [{}, { fallback: 'maybe' }, 'invalid_request candor.fallback'],
    [{ 'x-candor-timeout-ms': '0' }, undefined, 'invalid_request x-candor-timeout-ms'],
    [{}, { timeout_ms: 1.5 }, 'invalid_request candor.timeout_ms'],
    [{}, { tags: { 'a b': 'c' } }, 'invalid_request candor.tags'],
    [{ 'x-candor-tags': 'team' }, undefined, 'invalid_request x-candor-tags'],
    [{ 'x-candor-tags': '__proto__=x' }, undefined, 'invalid_request x-candor-tags'],
    [{ 'x-candor-tags': 'a=1' }, { tags: { a: '2' } }, 'invalid_request x-candor-tags'],
    [{ 'x-candor-sim': 'openai' }, undefined, 'invalid_request x-candor-sim'],
    [{ 'x-candor-body': 'maybe' }, undefined, 'invalid_request x-candor-body'],
  ])('%j and %j', (headers, body, expected) => {
    let thrown: unknown;
    try {
      decode(headers, body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    const { code, param, status } = thrown as GatewayError;
    expect(`${code} ${param}`).toBe(expected);
    expect(status).toBe(400);
  });
});
