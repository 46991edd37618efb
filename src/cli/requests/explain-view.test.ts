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
        estimate: { cost_band: [0.0025, 0.0035] },
      },
      {
        deployment: 'deepseek/deepseek-chat',
        verdict: 'excluded',
        reasons: [
          { rule: 'image_url', need: 'messages[0].content[1]', have: null, evidence: 'API documentation', at: null },
          { rule: 'if', need: 'up', have: 'outage=deepseek', evidence: null, at: null },
        ],
        estimate: { cost_band: null },
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
       ✓ openai/gpt-4o
       ✗ deepseek/deepseek-chat   image_url: messages[0].content[1] is needed, does not have it (API documentation)
                                  if: up is needed, has outage=deepseek
     plan         1 openai/gpt-4o
                      temperature 0.9 → 0.3 (capped: route cap, candor.yaml:34)
                      messages brief (stands in, built-in)
                  then the error of that one failure
     estimate     openai/gpt-4o   $0.002500 to $0.003500
     note         one candidate only
                  another note
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
