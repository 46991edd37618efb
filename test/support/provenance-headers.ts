import { expect } from 'vitest';

import type { ReadProvenance } from './provenance-schema.ts';

/** What an answer says in its body, to hold its headers against. */
export interface BodyFacts {
  readonly id: string;
  readonly candor: ReadProvenance;
  /** `usage.cost`. */
  readonly cost: number | null;
  /** A stream whose headers left before its end: what only the end can tell is `pending`. */
  readonly streamed: boolean;
  /** Whether the answer is checked at all. */
  readonly checked?: boolean;
}

/** Holds every provenance header of an answer against the same fact in its body. */
export function expectSameFacts(headers: Headers, facts: BodyFacts): void {
  const { id, candor, cost, streamed } = facts;
  expect(headers.get('x-request-id')).toBe(id);
  expect(headers.get('request-id')).toBe(id);
  expect(headers.get('x-candor-asked')).toBe(candor.asked);
  expect(headers.get('x-candor-route')).toBe(candor.route);
  expect(headers.get('x-candor-served-by')).toBe(candor.served_by);
  expect(headers.get('x-candor-fallback')).toBe(
    candor.fallback === null ? '?0' : `?1;reason=${candor.fallback.reason}`,
  );
  expect(headers.get('x-candor-degraded')).toBe(
    candor.degraded === null ? null : `?1;reason=${candor.degraded.reason}`,
  );
  expect(headers.get('x-candor-adjustments')).toBe(String(candor.adjustments.length));
  expect(headers.get('x-candor-data')).toBe(candor.data.join(', '));
  expect(headers.get('x-candor-config')).toMatch(/^[0-9a-f]{12}$/);
  expect(headers.get('x-candor-simulated')).toBe(candor.simulated ? '?1' : null);
  expect(headers.get('server-timing')).toMatch(/^plan;dur=[\d.]+, a1;dur=[\d.]+.*, candor;dur=[\d.]+;desc="overhead"$/);
  const attempts = candor.attempts.map((attempt) => `${attempt.deployment};status=${attempt.status};ms=`);
  const shown = headers.get('x-candor-attempts')?.split(', ') ?? [];
  expect(shown.map((entry) => entry.replace(/\d+$/, ''))).toEqual(attempts);
  if (streamed) {
    expect(headers.get('x-candor-cost-usd')).toBe('pending');
    expect(headers.get('x-candor-confidence')).toBe('pending');
    expect(headers.get('x-candor-validation')).toBe(facts.checked === true ? 'pending' : 'none');
    return;
  }
  expect(shown).toEqual(candor.attempts.map((attempt, index) => `${attempts[index]}${attempt.ms}`));
  expect(headers.get('x-candor-cost-usd')).toBe(String(cost));
  expect(headers.get('x-candor-confidence')).toBe(`${candor.confidence.value};status=${candor.confidence.status}`);
  expect(headers.get('x-candor-validation')).toBe(candor.validation.status);
}
