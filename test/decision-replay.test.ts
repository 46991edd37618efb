import { beforeAll, describe, expect, test } from 'vitest';

import type { DecisionInputs } from '../src/core/decision.ts';
import type { DecisionRecord } from '../src/core/record.ts';
import { decide } from '../src/routing/decide.ts';
import { decidedByOneFigure, decidedOtherwise, recordDecisions } from './support/decision-replay.ts';
import { seededRandom } from './support/ledger-image.ts';

/** 1,000 of them in the long tests. */
const REQUESTS = 150;

let decisions: readonly DecisionRecord[];
beforeAll(async () => {
  decisions = await recordDecisions(REQUESTS, 20261);
}, 120_000);

describe('decisions of random requests', () => {
  test('come out as they are recorded when they are made again', () => {
    expect(decisions).toHaveLength(REQUESTS);
    expect(decidedOtherwise(decisions)).toEqual([]);
  });

  test('are of every kind', () => {
    const standings = new Set(
      decisions.flatMap(({ inputs }) => decide(inputs).candidates.map(({ standing }) => standing)),
    );
    expect([...standings].toSorted()).toEqual(['asked', 'excluded', 'last_resort', 'trial']);
    const picks = new Set(decisions.map(({ inputs }) => inputs.pick));
    expect([...picks].toSorted()).toEqual(['cheapest', 'fastest', 'ordered', 'weighted']);
    expect(decisions.some(({ rules }) => rules.some(({ outcome }) => outcome === 'failed'))).toBe(true);
    expect(decisions.some(({ order, usual }) => order[0] !== usual)).toBe(true);
  });

  test('are others when the one figure is another that decided', () => {
    const deciding = decidedByOneFigure(decisions);
    for (const by of ['p95', 'price', 'evidence']) {
      expect(deciding.filter((each) => each.by === by).length, by).toBeGreaterThan(0);
    }
    const unmoved = deciding.filter(({ record, changed }) => decide(changed).order.join() === record.order.join());
    expect(unmoved).toEqual([]);
  });

  test('do not come out of a planner that draws anew', () => {
    const random = seededRandom(7);
    expect(decidedOtherwise(decisions, (inputs) => decide({ ...inputs, draw: random() }))).not.toEqual([]);
  });

  test('do not come out of a planner that looks at the clock', () => {
    expect(decidedOtherwise(decisions, (inputs) => decide(laterThan(inputs)))).not.toEqual([]);
  });
});

/** As circuits stand when it is looked again after they were to be asked again. */
function laterThan(inputs: DecisionInputs): DecisionInputs {
  const candidates = inputs.candidates.map((candidate) => {
    const isOver = candidate.circuit.retry_in_ms !== null;
    return isOver ? { ...candidate, circuit: { ...candidate.circuit, state: 'half_open' as const } } : candidate;
  });
  return { ...inputs, candidates };
}
