import { expect, test } from 'vitest';

import { candidateInputs, circuitView, evidenceOf } from '../../test/support/decision-inputs.ts';
import type { CandidateInputs, DecisionInputs } from '../core/decision.ts';
import { cheaperFeasible } from './cheaper-feasible.ts';
import { decide } from './decide.ts';

function cheaperOf(candidates: readonly CandidateInputs[], pick: DecisionInputs['pick'] = 'ordered'): string | null {
  const inputs: DecisionInputs = { pick, objective_policy: 'best_effort', fallback: 'degraded', draw: 0, candidates };
  return cheaperFeasible(inputs, decide(inputs))?.deployment ?? null;
}

function priced(deployment: string, usd: number, said: Partial<CandidateInputs> = {}): CandidateInputs {
  return candidateInputs(deployment, { price: { in: usd, out: usd }, tokens: { in: 100, out: 100 }, ...said });
}

test('names the cheapest of those that may be asked, where the config puts a dearer one first', () => {
  expect(cheaperOf([priced('p/a', 5), priced('p/b', 2), priced('p/c', 1)])).toBe('p/c');
  const open = priced('p/c', 1, { circuit: circuitView('open') });
  const missed = priced('p/d', 1, { objectives: [evidenceOf('error_rate', 'missed')] });
  expect(cheaperOf([priced('p/a', 5), priced('p/b', 2), open, missed])).toBe('p/b');
});

test('names nobody where the first is the cheapest, a cost is not known, or the order is not the config’s', () => {
  expect(cheaperOf([priced('p/a', 1), priced('p/b', 1)])).toBe(null);
  expect(cheaperOf([candidateInputs('p/a'), priced('p/b', 1)])).toBe(null);
  expect(cheaperOf([priced('p/a', 1), candidateInputs('p/b')])).toBe(null);
  expect(cheaperOf([priced('p/a', 5), priced('p/b', 1)], 'weighted')).toBe(null);
  expect(cheaperOf([])).toBe(null);
});
