import { expect, it } from 'vitest';
import { outcomeFacts } from './outcome-facts.ts';

const RECORD = {
  id: 'gen_1',
  object: 'generation',
  status: 'complete',
  route: 'legal',
  served_by: 'anthropic/claude-opus@us',
  simulated: false,
  why: 'a sentence with "a quote of the answer"',
  attempts: [
    {
      deployment: 'openai/gpt-4o',
      kind: 'overloaded',
      model_asked: 'gpt-4o-2024-08-06',
      model_reported: null,
      template: 'aa',
    },
    {
      deployment: 'anthropic/claude-opus',
      kind: 'ok',
      model_asked: 'claude-opus-4-8',
      model_reported: 'claude',
      template: 'bb',
    },
  ],
  validation: {
    status: 'failed',
    verdicts: [
      { validator: 'citations', outcome: 'abstain', reason: 'no context', evidence: ['Miller v. Nobody'] },
      { validator: 'regex', outcome: 'fail', reason: 'has "Miller"' },
      { validator: 'regex', outcome: 'pass', reason: null },
    ],
  },
  confidence: { value: null, status: 'uncalibrated', signals: { mean_logprob: -0.2 } },
};

it('are those of the attempt that served, the worst outcome of each validator, and no text', () => {
  const facts = outcomeFacts(RECORD);
  expect(facts).toEqual({
    generation: 'gen_1',
    route: 'legal',
    deployment: 'anthropic/claude-opus',
    model: 'claude-opus',
    snapshot: 'claude-opus-4-8',
    model_reported: 'claude',
    template: 'bb',
    simulated: false,
    aside: null,
    signals: { mean_logprob: -0.2 },
    validation: { citations: 'abstain', regex: 'fail' },
  });
});

it('are those of an earlier attempt where its answer is the one that went out', () => {
  const kinds = ['ok', 'validation_failed'];
  const attempts = RECORD.attempts.map((attempt, index) => ({ ...attempt, kind: kinds[index] ?? null }));
  const served = { ...RECORD, attempts, served_by: 'openai/gpt-4o', aside: { purpose: 'compare', of: 'gen_0' } };
  expect(outcomeFacts(served)).toMatchObject({ snapshot: 'gpt-4o-2024-08-06', template: 'aa', aside: 'compare' });
});

it('are null where the record says nothing', () => {
  expect(outcomeFacts({ id: 'gen_1' })).toMatchObject({
    route: null,
    deployment: null,
    snapshot: null,
    template: null,
    signals: {},
    validation: {},
  });
});
