import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  candidateInputs,
  circuitView,
  decisionInputsArbitrary,
  evidenceOf,
} from '../../test/support/decision-inputs.ts';
import { possibleDecisions } from '../../test/support/naive-decision.ts';
import type { CandidateDecision, CandidateInputs, Decision, DecisionInputs } from '../core/decision.ts';
import { decide } from './decide.ts';

function inputs(candidates: readonly CandidateInputs[], said: Partial<DecisionInputs> = {}): DecisionInputs {
  return { pick: 'ordered', objective_policy: 'best_effort', fallback: 'degraded', draw: 0.5, candidates, ...said };
}

function standings(decision: Decision): readonly string[] {
  return decision.candidates.map(({ standing, excluded_by }) => excluded_by ?? standing);
}

const MISSED = { objectives: [evidenceOf('error_rate', 'missed')] };
const OPEN = { circuit: circuitView('open') };
const measured = (p95_ms: number, n = 20): Partial<CandidateInputs> => ({ ttft: { n, p50_ms: p95_ms / 2, p95_ms } });
const priced = (usd: number): Partial<CandidateInputs> => ({
  price: { in: usd, out: 4 * usd },
  tokens: { in: 1000, out: 500 },
});

describe('whatever the inputs', () => {
  test('the decision is one that the rules allow, written down a second time', () => {
    fc.assert(
      fc.property(decisionInputsArbitrary(), (given) => {
        const { usual, order } = decide(given);
        expect(possibleDecisions(given)).toContain(`${usual}: ${order.join()}`);
      }),
      { numRuns: 2000 },
    );
  });

  test('nobody is asked twice, nobody who may not be, and never more than one as a trial', () => {
    fc.assert(
      fc.property(decisionInputsArbitrary(), (given) => {
        const decision = decide(given);
        const known = new Map(given.candidates.map((each) => [each.deployment, each]));
        expect(new Set(decision.order).size).toBe(decision.order.length);
        expect(decision.candidates.map(({ deployment }) => deployment)).toEqual([...known.keys()]);
        for (const { deployment, standing, excluded_by, objectives } of decision.candidates) {
          expect(decision.order.includes(deployment)).toBe(standing !== 'excluded');
          expect(excluded_by === null).toBe(standing !== 'excluded');
          const isMissed = objectives.some(({ met }) => met === false);
          if (standing === 'excluded') continue;
          expect(['closed', 'half_open']).toContain(known.get(deployment)?.circuit.state);
          if (standing === 'asked') expect(isMissed).toBe(false);
          if (given.objective_policy === 'fail' && isMissed) expect(standing).toBe('trial');
        }
        expect(standings(decision).filter((standing) => standing === 'trial').length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('it can be made again from the record', () => {
    fc.assert(
      fc.property(decisionInputsArbitrary(), (given) => {
        const recorded = JSON.parse(JSON.stringify(given)) as DecisionInputs;
        expect(JSON.stringify(decide(recorded))).toBe(JSON.stringify(decide(given)));
      }),
    );
  });

  test('another figure of the pair that decides is another order', () => {
    const by = {
      fastest: { of: ({ ttft }: CandidateInputs) => ttft?.p95_ms ?? 0, with: (figure: number) => measured(figure) },
      cheapest: { of: ({ price }: CandidateInputs) => price?.in ?? 0, with: priced },
    };
    const figures = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom('fastest', 'cheapest'), figures, fc.nat(), (pick, drawn, nth) => {
        const candidates = drawn.map((figure, index) => candidateInputs(`p/m${index}`, by[pick].with(figure)));
        const before = decide(inputs(candidates, { pick })).order;
        const place = nth % (before.length - 1);
        const [one, other] = [before[place], before[place + 1]];
        const beyond = by[pick].of(candidates.find(({ deployment }) => deployment === other)!) + 0.5;
        const changed = candidates.map((each) =>
          each.deployment === one ? { ...each, ...by[pick].with(beyond) } : each,
        );
        const after = decide(inputs(changed, { pick })).order;
        expect(after.indexOf(one!)).toBe(place + 1);
        expect(after.indexOf(other!)).toBe(place);
      }),
    );
  });
});

describe('pick', () => {
  const three = (said: readonly Partial<CandidateInputs>[]): readonly CandidateInputs[] =>
    said.map((each, index) => candidateInputs(`p/m${index}`, each));

  test('the fastest by what was measured often enough, the others behind it in the order of the config', () => {
    const candidates = three([{}, measured(900), measured(50, 7.9), measured(300), measured(900)]);
    expect(decide(inputs(candidates, { pick: 'fastest' })).order).toEqual(['p/m3', 'p/m1', 'p/m4', 'p/m0', 'p/m2']);
  });

  test('the cheapest by the cost of an accepted answer', () => {
    const candidates = three([priced(2), { ...priced(1), accepted_share: 0.4 }, {}, priced(2.4)]);
    const decision = decide(inputs(candidates, { pick: 'cheapest' }));
    expect(decision.order).toEqual(['p/m0', 'p/m3', 'p/m1', 'p/m2']);
    expect(decision.candidates.map((each) => each.expected_cost_nano_usd)).toEqual([
      6_000_000,
      7_500_000,
      null,
      7_200_000,
    ]);
  });

  test('weights are shares of the requests, and a whole model has its weight once', () => {
    const candidates = [
      candidateInputs('p/a', { weight: 3 }),
      candidateInputs('q/b', { weight: 1, shares: true, model: 'b' }),
      candidateInputs('r/b', { weight: 1, shares: true, model: 'b' }),
    ];
    const firsts = Array.from(
      { length: 10_000 },
      (_, nth) => decide(inputs(candidates, { pick: 'weighted', draw: nth / 10_000 })).order[0],
    );
    const shareOf = (name: string): number => firsts.filter((first) => first === name).length / firsts.length;
    expect(shareOf('p/a')).toBeCloseTo(0.75, 1.5);
    expect(shareOf('q/b')).toBeCloseTo(0.125, 1.5);
    expect(shareOf('r/b')).toBeCloseTo(0.125, 1.5);
  });

  test('of two that are drawn the less busy one, so that the busiest of three is never first', () => {
    const candidates = [3, 1, 2].map((load) => candidateInputs(`p${load}/m`, { shares: true, load }));
    const firsts = Array.from({ length: 9000 }, (_, nth) => decide(inputs(candidates, { draw: nth / 9000 })));
    const shareOf = (name: string): number => firsts.filter(({ order }) => order[0] === name).length / firsts.length;
    expect(shareOf('p1/m')).toBeCloseTo(2 / 3, 1.5);
    expect(shareOf('p2/m')).toBeCloseTo(1 / 3, 1.5);
    expect(firsts.every(({ order }) => order.at(-1) === 'p3/m')).toBe(true);
    // Who of them is drawn is no fallback.
    expect(firsts.every(({ order, usual }) => order[0] === usual)).toBe(true);
  });

  test('a deployment that was never measured gets measured', () => {
    const candidates = [candidateInputs('p/m', { shares: true, load: 0.1 }), candidateInputs('q/m', { shares: true })];
    expect(decide(inputs(candidates)).order).toEqual(['q/m', 'p/m']);
  });
});

describe('objectives', () => {
  const ok = candidateInputs('p/ok', { objectives: [evidenceOf('error_rate', 'met')] });

  test('whoever misses one is asked last, or not at all', () => {
    const candidates = [candidateInputs('p/bad', MISSED), ok];
    expect(decide(inputs(candidates))).toMatchObject({ order: ['p/ok', 'p/bad'], usual: 'p/bad' });
    expect(standings(decide(inputs(candidates, { objective_policy: 'fail' })))).toEqual(['objective', 'asked']);
  });

  test('what is not known is not held against anybody', () => {
    const unknown = candidateInputs('p/new', { objectives: [evidenceOf('error_rate', 'unknown')] });
    expect(decide(inputs([unknown, ok], { objective_policy: 'fail' })).order).toEqual(['p/new', 'p/ok']);
  });

  test('a trial comes first, and only where it may become the pick', () => {
    const due = { ...MISSED, trial_due: true };
    const tried = decide(inputs([candidateInputs('p/bad', due), ok]));
    expect(tried).toMatchObject({ order: ['p/bad', 'p/ok'], usual: 'p/bad' });
    expect(standings(tried)).toEqual(['trial', 'asked']);
    expect(standings(decide(inputs([ok, candidateInputs('p/bad', due)])))).toEqual(['asked', 'last_resort']);
    const dear = candidateInputs('p/bad', { ...due, ...priced(2) });
    const cheap = (usd: number): CandidateInputs => ({ ...ok, ...priced(usd) });
    expect(standings(decide(inputs([cheap(1), dear], { pick: 'cheapest' })))).toEqual(['asked', 'last_resort']);
    expect(standings(decide(inputs([cheap(3), dear], { pick: 'cheapest' })))).toEqual(['asked', 'trial']);
  });

  test('under `cheapest` an outage makes no trial of somebody who needs a certificate to stand in', () => {
    const dear = candidateInputs('p/dear', { ...MISSED, ...priced(2), trial_due: true });
    const cheap = candidateInputs('p/cheap', { ...priced(1), ...OPEN });
    for (const fallback of ['certified', 'off'] as const) {
      const decision = decide(inputs([cheap, dear], { pick: 'cheapest', fallback }));
      expect(decision).toMatchObject({ order: [], usual: 'p/cheap' });
      expect(standings(decision)).toEqual(['circuit', fallback === 'off' ? 'fallback' : 'certificate']);
    }
  });

  test('a trial is how one that is excluded comes back', () => {
    const decision = decide(
      inputs([candidateInputs('p/bad', { ...MISSED, trial_due: true })], { objective_policy: 'fail' }),
    );
    expect(decision).toMatchObject({ order: ['p/bad'], candidates: [{ standing: 'trial' }] });
  });

  test('whoever is open is not tried, and whoever is half open is', () => {
    const due = { ...MISSED, trial_due: true };
    expect(standings(decide(inputs([candidateInputs('p/bad', { ...due, ...OPEN }), ok])))).toEqual([
      'circuit',
      'asked',
    ]);
    const halfOpen = candidateInputs('p/bad', { ...due, circuit: circuitView('half_open') });
    expect(standings(decide(inputs([halfOpen, ok])))).toEqual(['trial', 'asked']);
  });

  test('nobody waits for another to recover before it is tried', () => {
    const candidates = [
      candidateInputs('p/one', { ...MISSED, trial_due: true }),
      candidateInputs('p/two', { ...MISSED, trial_due: true }),
      ok,
    ];
    const firsts = Array.from({ length: 1000 }, (_, nth) => decide(inputs(candidates, { draw: nth / 1000 })).order[0]);
    const ones = firsts.filter((first) => first === 'p/one').length;
    expect(ones).toBeGreaterThan(400);
    expect(ones + firsts.filter((first) => first === 'p/two').length).toBe(1000);
    expect(ones).toBeLessThan(600);
  });

  const cost = (limit: number): Partial<CandidateInputs> => ({
    objectives: [{ ...evidenceOf('cost_per_request', 'unknown'), limit }],
  });

  test('the cost is judged by the price in force and not by trials', () => {
    const verdict = ({ candidates }: Decision): CandidateDecision | undefined => candidates[0];
    const dear = candidateInputs('p/dear', { ...priced(1), ...cost(2_999_999), trial_due: true });
    const decision = decide(inputs([dear, ok]));
    expect(decision.order).toEqual(['p/ok', 'p/dear']);
    const reason = 'an accepted answer is expected to cost 0.003 USD, and may cost 0.002999999';
    expect(verdict(decision)?.objectives).toMatchObject([{ value: 3_000_000, met: false, reason }]);
    expect(verdict(decide(inputs([{ ...dear, ...cost(3_000_000) }])))?.objectives).toMatchObject([{ met: true }]);
    const unpriced = decide(inputs([{ ...dear, price: null }]));
    expect(verdict(unpriced)).toMatchObject({
      standing: 'asked',
      objectives: [{ value: null, met: null, reason: 'the cost is unknown: its price is not known' }],
    });
  });
});

describe('who is usual, and who may stand in for it', () => {
  test('an open circuit makes the next one a fallback', () => {
    const candidates = [candidateInputs('p/a', OPEN), candidateInputs('p/b')];
    expect(decide(inputs(candidates))).toMatchObject({ order: ['p/b'], usual: 'p/a' });
    expect(decide(inputs(candidates, { pick: 'fastest' })).usual).toBe('p/a');
  });

  test('without fallback only the same model stands in', () => {
    const candidates = [candidateInputs('p/a', OPEN), candidateInputs('p/b'), candidateInputs('q/a')];
    const decision = decide(inputs(candidates, { fallback: 'off' }));
    expect(decision.order).toEqual(['q/a']);
    expect(standings(decision)).toEqual(['circuit', 'fallback', 'asked']);
  });

  test('without fallback the usual one is asked although it misses an objective', () => {
    const candidates = [candidateInputs('p/a', MISSED), candidateInputs('p/b')];
    expect(decide(inputs(candidates, { fallback: 'off' })).order).toEqual(['p/a']);
    expect(decide(inputs(candidates, { fallback: 'off', objective_policy: 'fail' })).order).toEqual([]);
  });

  test('without fallback no other model keeps the same one from being tried', () => {
    const tried = (said: Partial<CandidateInputs>): Partial<CandidateInputs> => ({
      ...MISSED,
      trial_due: true,
      ...said,
    });
    const closed = { objective_policy: 'fail', fallback: 'off' } as const;
    const second = [candidateInputs('p/a', OPEN), candidateInputs('p/b'), candidateInputs('q/a', tried({}))];
    expect(decide(inputs(second, closed)).order).toEqual(['q/a']);
    const both = [candidateInputs('p/a', tried({})), candidateInputs('p/b', tried({}))];
    for (let draw = 0; draw < 1; draw += 0.05) {
      expect(decide(inputs(both, { ...closed, draw })).order).toEqual(['p/a']);
    }
  });

  test('a missed objective is no reason for a fallback where the operator has declared them equal', () => {
    const candidates = [candidateInputs('p/a', { ...measured(100), ...MISSED }), candidateInputs('p/b', measured(200))];
    expect(decide(inputs(candidates, { pick: 'fastest' }))).toMatchObject({ order: ['p/b', 'p/a'], usual: 'p/b' });
  });

  test('nobody is usual where nobody is a candidate', () => {
    expect(decide(inputs([]))).toEqual({ order: [], usual: null, candidates: [] });
  });
});
