import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../src/core/json.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { encodeSilenceCase, runSilenceCase, silenceCase } from './support/silence-case.ts';
import { checkThroughGateway, gatewayRequests } from './support/silence-gateway.ts';
import { silentChanges } from './support/silence-oracle.ts';

const SEED = 20_261_122;

/** A seeded part of `test/full/silent-changes.test.ts`. */
test('nothing a client asks is changed in silence (500 requests over four protocols)', () => {
  const sent = new Map<string, number>();
  fc.assert(
    fc.property(silenceCase, (sample) => {
      const result = runSilenceCase(sample);
      if (result.outcome === 'sent') sent.set(sample.kind, (sent.get(sample.kind) ?? 0) + 1);
      expect(result.problems).toEqual([]);
    }),
    { numRuns: 500, seed: SEED },
  );
  // A generator whose requests are nearly all refused would prove nothing.
  for (const kind of ['openai', 'anthropic', 'google', 'deepseek']) expect(sent.get(kind), kind).toBeGreaterThan(20);
});

describe('the same through a real gateway', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  test('the upstream receives what was asked, or the record says why not (60 requests)', async () => {
    let sent = 0;
    for (const request of gatewayRequests(60, SEED)) if (await checkThroughGateway(gateway, request)) sent++;
    expect(sent).toBeGreaterThan(15);
  });
});

describe('the search for silent changes would find', () => {
  const cases = fc
    .sample(silenceCase, { numRuns: 300, seed: SEED })
    .flatMap((sample) => encodeSilenceCase(sample) ?? [])
    .slice(0, 60);

  test('an adjustment that is kept quiet', () => {
    let tried = 0;
    for (const { request, sent, operator } of cases) {
      // What an operator caps may then be left out as if nothing had been asked.
      if (operator === 'parameters') continue;
      const losses = sent.adjustments.filter(({ asked, kind }) => asked !== null && kind !== 'emulated');
      for (const loss of losses) {
        const quiet = sent.adjustments.filter(({ param }) => param !== loss.param);
        tried++;
        expect(silentChanges(request, { ...sent, adjustments: quiet }), loss.param).not.toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(50);
  });

  test('a text that is left out of the sent body', () => {
    let tried = 0;
    for (const { request, sent } of cases) {
      // An emulated format is told in the prompt in Candor's words, and said to be.
      if (sent.adjustments.some(({ kind }) => kind === 'emulated')) continue;
      for (const marked of new Set(JSON.stringify(sent.body).match(/¤\d+¤/g))) {
        const body = replaceTexts(sent.body, marked) as JsonObject;
        tried++;
        expect(silentChanges(request, { ...sent, body }), marked).not.toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(100);
  });
});

function replaceTexts(value: JsonValue, marked: string): JsonValue {
  if (typeof value === 'string') return value.includes(marked) ? 'gone' : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => replaceTexts(item, marked));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, member]) => [key, replaceTexts(member as JsonValue, marked)]),
  );
}
