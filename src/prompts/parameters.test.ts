import { describe, expect, test } from 'vitest';

import type { Parameters } from '../core/chat.ts';
import type { ParameterRule, ParameterRules } from '../core/deployment.ts';
import { fitParameters } from './parameters.ts';

const NONE: ParameterRules = new Map();

function rules(name: string, rule: Partial<ParameterRule>, at = 'candor.yaml:5'): ParameterRules {
  return new Map([[name, { defaultValue: undefined, min: null, max: null, set: undefined, at, ...rule }]]);
}

describe('one rule', () => {
  test.each<[string, Parameters, string, Partial<ParameterRule>, Parameters, object | null]>([
    [
      'caps from above',
      { temperature: 0.9 },
      'temperature',
      { max: 0.3 },
      { temperature: 0.3 },
      { asked: 0.9, sent: 0.3, kind: 'capped', reason: 'route cap' },
    ],
    [
      'caps from below',
      { temperature: 0.1 },
      'temperature',
      { min: 0.5, max: 1 },
      { temperature: 0.5 },
      { asked: 0.1, sent: 0.5, kind: 'capped' },
    ],
    ['leaves what is within', { temperature: 0.3 }, 'temperature', { min: 0, max: 0.3 }, { temperature: 0.3 }, null],
    [
      'caps what vendors would take for missing',
      {},
      'temperature',
      { max: 0.3 },
      { temperature: 0.3 },
      { asked: null, sent: 0.3, kind: 'capped', reason: 'route cap' },
    ],
    ['caps nothing that was not asked and has no known default', {}, 'seed', { max: 3 }, {}, null],
    ['leaves a default alone that keeps the cap', {}, 'frequency_penalty', { max: 0.5 }, {}, null],
    [
      'caps an output that was given no cap',
      {},
      'max_tokens',
      { max: 300 },
      { max_tokens: 300 },
      { asked: null, sent: 300, kind: 'capped', reason: 'route cap' },
    ],
    ['asks for no output where only the least is set', {}, 'max_tokens', { min: 10 }, {}, null],
    [
      'gives a default',
      {},
      'temperature',
      { defaultValue: 0.2 },
      { temperature: 0.2 },
      { asked: null, sent: 0.2, kind: 'defaulted', reason: 'route default' },
    ],
    [
      'gives no default over what was asked',
      { temperature: 0.9 },
      'temperature',
      { defaultValue: 0.2 },
      { temperature: 0.9 },
      null,
    ],
    [
      'overrides',
      { seed: 1 },
      'seed',
      { set: 7 },
      { seed: 7 },
      { asked: 1, sent: 7, kind: 'rewritten', reason: 'route override' },
    ],
    ['sets what was not asked', {}, 'seed', { set: 7 }, { seed: 7 }, { asked: null, sent: 7, kind: 'defaulted' }],
    ['overrides nothing that is so already', { stop: ['a'] }, 'stop', { set: ['a'] }, { stop: ['a'] }, null],
    ['caps no text', { user: 'u' }, 'user', { max: 3 }, { user: 'u' }, null],
    [
      'finds the other name of the output cap',
      { max_completion_tokens: 900 },
      'max_tokens',
      { max: 300 },
      { max_completion_tokens: 300 },
      { param: 'max_completion_tokens', asked: 900, sent: 300 },
    ],
    [
      'gives the cap its own name where none was asked',
      {},
      'max_completion_tokens',
      { defaultValue: 50 },
      { max_completion_tokens: 50 },
      { param: 'max_completion_tokens' },
    ],
  ])('%s', (_name, asked, name, rule, sent, adjustment) => {
    const fitted = fitParameters(asked, rules(name, rule), NONE);
    expect(fitted.parameters).toEqual(sent);
    if (adjustment === null) {
      expect(fitted.adjustments).toEqual([]);
      expect(fitted.parameters).toBe(asked);
    } else {
      expect(fitted.adjustments).toEqual([
        expect.objectContaining({ param: name, at: 'candor.yaml:5', ...adjustment }),
      ]);
    }
  });
});

test('the route speaks before the model, and each change is said', () => {
  const fitted = fitParameters(
    { temperature: 1.5 },
    rules('temperature', { max: 1 }, 'candor.yaml:9'),
    rules('temperature', { max: 0.5 }, 'candor.yaml:3'),
  );
  expect(fitted.parameters).toEqual({ temperature: 0.5 });
  expect(fitted.adjustments.map(({ sent, at, reason }) => ({ sent, at, reason }))).toEqual([
    { sent: 1, at: 'candor.yaml:9', reason: 'route cap' },
    { sent: 0.5, at: 'candor.yaml:3', reason: 'model cap' },
  ]);
});

test('the lower of two caps holds where the client gave none, under one name', () => {
  const fitted = fitParameters({}, rules('max_tokens', { max: 300 }), rules('max_completion_tokens', { max: 200 }));
  expect(fitted.parameters).toEqual({ max_tokens: 200 });
  expect(fitted.adjustments.map(({ param, asked, sent }) => [param, asked, sent])).toEqual([
    ['max_tokens', null, 300],
    ['max_tokens', 300, 200],
  ]);
});

test('what the client sent is left as it is', () => {
  const asked = Object.freeze({ temperature: 1.5 });
  fitParameters(asked, rules('temperature', { max: 1 }), NONE);
  expect(asked).toEqual({ temperature: 1.5 });
});

test('without rules the very same object comes back', () => {
  const asked = { temperature: 1.5 };
  expect(fitParameters(asked, null, NONE).parameters).toBe(asked);
});
