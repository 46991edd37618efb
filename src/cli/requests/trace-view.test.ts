import { expect, it } from 'vitest';

import { traceText } from './trace-view.ts';

it('tells the whole story of a fallback', () => {
  const text = traceText({
    id: 'gen_1',
    object: 'generation',
    status: 'complete',
    http: 200,
    error: null,
    created_at: '2026-01-01T11:20:44.102Z',
    ended_at: '2026-01-01T11:20:46.412Z',
    asked: 'legal',
    served_by: 'anthropic/claude-opus',
    simulated: true,
    fallback: { reason: 'upstream_overloaded', certificate: null },
    degraded: { reason: 'uncertified' },
    cost: 0.0121,
    config: '9f2c1a000000',
    why: 'openai/gpt-4o was overloaded',
    candidates: [
      { deployment: 'openai/gpt-4o', verdict: 'tried', reasons: [] },
      {
        deployment: 'deepseek/deepseek-chat',
        verdict: 'excluded',
        reasons: [{ rule: 'image_data', need: true, have: false, evidence: null, at: 'candor.yaml:6' }],
      },
    ],
    attempts: [
      {
        n: 1,
        why: 'primary',
        deployment: 'openai/gpt-4o',
        status: 503,
        kind: 'overloaded',
        ms: 38,
        cost: 0,
        usage: null,
        timings_ms: { first_token: null, total: 38 },
        upstream: { request_id: null, error: { message: 'try later' } },
        sim_fault: 'outage=503',
      },
      {
        n: 2,
        why: 'fallback',
        deployment: 'anthropic/claude-opus',
        status: 200,
        kind: 'ok',
        ms: 2190,
        cost: 0.0121,
        usage: { completion_tokens: 61 },
        timings_ms: { first_token: 617, total: 2190 },
        upstream: { request_id: 'r', error: null },
        sim_fault: null,
        adjustments: [
          { param: 'temperature', asked: 0.9, sent: 0.3, kind: 'capped', reason: 'route cap', at: 'candor.yaml:33' },
        ],
        validation: {
          status: 'failed',
          verdicts: [
            { validator: 'truncation', outcome: 'pass', reason: null },
            { validator: 'refusal', outcome: 'fail', reason: 'it refused' },
            {
              validator: 'citations',
              outcome: 'fail',
              reason: '1 not found',
              place: 'text:3-9',
              evidence: ['1 U.S. 1'],
            },
          ],
        },
      },
      { n: 3, why: 'reask', deployment: 'anthropic/claude-opus', status: 200, kind: 'ok', ms: 10, cost: null },
    ],
    decision: {
      inputs: {
        candidates: [
          {
            deployment: 'anthropic/claude-opus',
            model: 'claude-opus',
            stands_in: [{ for: 'gpt-4o', certificate: null, state: 'collecting', reason: '37 of 60 pairs' }],
          },
        ],
      },
    },
    hooks: [
      {
        hook: 'task',
        at: 'c.ts#hooks.task',
        outcome: 'ok',
        ms: 1,
        before: null,
        after: null,
        reason: null,
        attempt: null,
      },
      {
        hook: 'params',
        at: 'c.ts#hooks.params',
        outcome: 'ok',
        ms: 1,
        before: { sha256: 'aaaaaaaabbbb' },
        after: { sha256: 'ccccccccdddd' },
        reason: null,
        attempt: 2,
      },
    ],
    confidence: { value: 0.91, status: 'calibrated', signals: {}, lower95: 0.86, n: 120 },
    aside: { purpose: 'replay', of: 'gen_0' },
    replay_of: 'gen_0',
  });
  expect(text)
    .toBe(` gen_1   2026-01-01T11:20:44.102Z   asked legal, answered by anthropic/claude-opus   SIMULATED   FALLBACK upstream_overloaded   DEGRADED uncertified   complete 200   2.31 s   $0.0121   config 9f2c1a000000
 why  openai/gpt-4o was overloaded
 aside  replay of gen_0, asked by Candor itself

   hook task ok (c.ts#hooks.task)
   ✗ deepseek/deepseek-chat   image_data: needs true, has false (candor.yaml:6)
   certificate gpt-4o → claude-opus  collecting: 37 of 60 pairs
   1 openai/gpt-4o                  503 overloaded       38 ms   $0   simulated fault outage=503
       the vendor said: try later
   2 anthropic/claude-opus          200 ok               2.19 s   first token 617 ms   61 tokens   $0.0121   fallback
       hook params ok  aaaaaaaa → cccccccc (c.ts#hooks.params)
       ~ temperature  0.9 → 0.3   capped: route cap (candor.yaml:33)
       ✓ truncation pass
       ✗ refusal fail: it refused
       ✗ citations fail at text:3-9: 1 not found
           evidence: "1 U.S. 1"
   3 anthropic/claude-opus          200 ok               10 ms   cost unknown   reask
   confidence 0.91 calibrated, at least 0.86 (120 labels)

 as sent: --sent    as the client asked: --asked    everything: --json
`);
});

it('says nothing it does not know', () => {
  const text = traceText({
    id: 'gen_2',
    status: 'running',
    asked: 'legal',
    created_at: '2026-01-01T00:00:00.000Z',
    error: null,
  });
  expect(text)
    .toBe(` gen_2   2026-01-01T00:00:00.000Z   asked legal, nobody answered   running   –   cost unknown   config ?

   no attempt was made

 as sent: --sent    as the client asked: --asked    everything: --json
`);
});

it('tells no score as a confidence', () => {
  const confidence = { value: 0.97, status: 'uncalibrated', signals: { parse_level: 0 } };
  const text = traceText({ id: 'gen_4', attempts: [], confidence });
  expect(text).toContain('confidence uncalibrated: too few labels');
  expect(text).not.toContain('0.97');
});

it('says which tokens are estimated', () => {
  const attempt = { n: 1, deployment: 'openai/gpt-4o', status: 200, kind: 'client_closed', ms: 900, cost: null };
  const line = (source: string): string =>
    traceText({ id: 'gen_3', attempts: [{ ...attempt, usage: { completion_tokens: 61, source } }] });
  expect(line('estimated')).toContain('   ~61 tokens   ');
  expect(line('reported')).toContain('   61 tokens   ');
});
