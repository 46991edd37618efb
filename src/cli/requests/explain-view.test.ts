import { expect, test } from 'vitest';

import { explanationText } from './explain-view.ts';

test('an explanation for a person', () => {
  const text = explanationText({
    object: 'explanation',
    config: '9f2c1a000000',
    asked: 'legal',
    route: 'legal',
    chosen_by: { by: 'model', at: 'candor.yaml:33' },
    candidates: [
      {
        deployment: 'openai/gpt-4o',
        verdict: 'eligible',
        reasons: [],
        circuit: 'half_open',
        prompt: { file: 'prompts/legal.gpt-4o.md', at: 'candor.yaml:35' },
        stands_in: [{ for: 'claude-opus', certificate: 'cert_1', state: 'granted', reason: '120 pairs' }],
        objectives: [
          { name: 'ttft_p95', limit: 2000, value: 610.4, n: 40.2, met: true },
          { name: 'valid_rate', limit: 0.95, value: null, n: 0, met: null },
        ],
        price: { in: 2.5, out: 10 },
        estimate: { ttft_p50_ms: 240, ttft_p95_ms: 610.4, cost: 0.003, cost_band: [0.0025, 0.0035], n: 40 },
      },
      {
        deployment: 'deepseek/deepseek-chat',
        verdict: 'excluded',
        reasons: [
          { rule: 'image_url', need: 'messages[0].content[1]', have: null, evidence: 'API documentation', at: null },
          { rule: 'circuit', need: 'closed', have: 'outage=deepseek', evidence: 'assumed', at: null },
        ],
        circuit: 'open',
      },
    ],
    plan: [
      {
        deployment: 'openai/gpt-4o',
        adjustments: [
          { param: 'temperature', asked: 0.9, sent: 0.3, kind: 'capped', reason: 'route cap', at: 'candor.yaml:34' },
          { param: 'messages', asked: null, sent: 'long', kind: 'brief', reason: 'stands in', at: 'built-in' },
        ],
      },
    ],
    then: { http: null, code: null },
    notes: ['one candidate only', 'another note'],
  });
  expect(text).toMatchInlineSnapshot(`
    " Nothing was sent. Config 9f2c1a000000.

     asked        legal (route legal)   candor.yaml:33
     candidates   1 of 2 can answer
       ✓ openai/gpt-4o            circuit half-open   $2.5 in, $10 out a million tokens
           prompt prompts/legal.gpt-4o.md (candor.yaml:35)
           certificate claude-opus → gpt-4o  granted cert_1: 120 pairs
           ttft_p95 610 ms, at most 2000 ms: met (n 40)
           valid_rate –, at least 95.0 %: not known yet (n 0)
       ✗ deepseek/deepseek-chat   circuit open
           image_url: messages[0].content[1] is needed, does not have it (API documentation)
           circuit: closed is needed, has outage=deepseek (assumed)
     plan         1 openai/gpt-4o
                      temperature 0.9 → 0.3 (capped: route cap, candor.yaml:34)
                      messages brief (stands in, built-in)
                  then the error of that one failure
     estimate     openai/gpt-4o   TTFT p50 0.24 s  p95 0.61 s   $0.002500 to $0.003500, mostly $0.003000   by 40 answers
     note         one candidate only
                  another note
    "
  `);
});

test('a record explained for a person', () => {
  const text = explanationText({
    object: 'explanation',
    generation: 'gen_01M82000000000000000000002',
    config: '9f2c1a000000',
    asked: 'auto',
    route: 'legal',
    chosen_by: { by: 'rule', at: 'candor.yaml:41' },
    rules: [
      { at: 'candor.yaml:40', when: 'tags.a == "b"', outcome: 'failed', problem: 'no such key: a' },
      { at: 'candor.yaml:41', when: null, outcome: 'matched', problem: null },
    ],
    candidates: [{ deployment: 'openai/gpt-4o', verdict: 'eligible', reasons: [], circuit: null, estimate: { n: 0 } }],
    plan: [{ deployment: 'openai/gpt-4o', adjustments: [] }],
    then: { http: 503, code: 'upstream_overloaded' },
    notes: ['then: nobody answered'],
    now: { plan: [], then: { http: 503, code: 'no_available_deployment' } },
  });
  expect(text).toMatchInlineSnapshot(`
    " gen_01M82000000000000000000002 as its record tells it. Config 9f2c1a000000.

     asked        auto (route legal, by rule)   candor.yaml:41
     rules        ✗ candor.yaml:40   tags.a == "b"   failed: no such key: a
                  ✓ candor.yaml:41   always
     candidates   1 of 1 can answer
       ✓ openai/gpt-4o
     plan         1 openai/gpt-4o
                  it ended with 503 upstream_overloaded
     estimate     openai/gpt-4o   TTFT not measured   cost not known
     now          nobody: 503 no_available_deployment
     note         then: nobody answered
    "
  `);
});

test('what a client has sent cannot steer the terminal', () => {
  const stop = { param: 'stop', asked: 'a\u001b]0;b\u0007\u009bc', sent: null, kind: 'dropped', reason: 'r', at: 'x' };
  const text = explanationText({
    asked: 'legal\u001b[2J',
    plan: [{ deployment: 'openai/gpt-4o', adjustments: [stop] }],
    notes: ['one\ntwo'],
  });
  expect(text).toContain('stop a\\x1b]0;b\\x07\\x9bc → nothing');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
