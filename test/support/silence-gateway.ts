import fc from 'fast-check';
import { expect } from 'vitest';

import type { Adjustment } from '../../src/core/adjustment.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { TestGateway } from './gateway.ts';
import { clientRequest } from './request-arbitrary.ts';
import { isNamed } from './silence-case.ts';
import { silentChanges } from './silence-oracle.ts';

/** The simulated models, each named so that nobody else may answer. */
const DEPLOYMENTS = [
  'openai/gpt-4o',
  'anthropic/claude-opus',
  'anthropic/claude-haiku',
  'google/gemini-flash',
  'google/gemini-pro',
  'deepseek/deepseek-chat',
  'deepseek/deepseek-reasoner',
] as const;

/** Requests for a real gateway, and whom they name. */
export const gatewayRequests = (count: number, seed: number): readonly JsonObject[] =>
  fc
    .sample(fc.tuple(clientRequest, fc.constantFrom(...DEPLOYMENTS)), { numRuns: count, seed })
    .map(([request, model]) => ({ ...request, model }));

/**
 * Sends the request over a real socket and compares what the upstream received with what was asked
 * and with what the record says. Gives whether anything was sent at all.
 */
export async function checkThroughGateway(gateway: TestGateway, request: JsonObject): Promise<boolean> {
  const before = gateway.simulator.received.length;
  const response = await gateway.post('/v1/chat/completions', request);
  const text = await response.text();
  const received = gateway.simulator.received.slice(before);
  if (received.length === 0) {
    const { error } = JSON.parse(text) as { error: { param: string | null; message: string } };
    expect(response.status, text).toBe(400);
    expect(isNamed(request, error.param, error.message), error.message).toBe(true);
    return false;
  }
  const record = await gateway.record(response.headers.get('x-request-id') ?? '');
  const attempts = record['attempts'] as readonly { adjustments: readonly Adjustment[]; sent: { body: string } }[];
  expect(attempts).toHaveLength(1);
  expect(attempts[0]?.sent.body).toBe(received[0]?.body);
  const kind = received[0]?.provider ?? '';
  const adjustments = attempts[0]?.adjustments ?? [];
  expect(
    silentChanges(request, { kind, body: JSON.parse(received[0]?.body ?? '') as JsonObject, adjustments }),
  ).toEqual([]);
  if (response.status === 200) expect(response.headers.get('x-candor-adjustments')).toBe(String(adjustments.length));
  return true;
}
