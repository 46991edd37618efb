import { describe, expect, test } from 'vitest';

import { applyHints, HINT_PARAMETERS, isHint, isNeutral, type Capabilities } from './capabilities.ts';
import { type HintRule } from './hint-rule.ts';
import type { JsonValue } from './json.ts';
import { NO_LIMITS } from './model-limits.ts';

function capabilities(
  hints: Readonly<Record<string, HintRule>>,
  exclusiveHints: Capabilities['exclusiveHints'] = [],
): Capabilities {
  return {
    protocol: 'openai-chat',
    features: new Set(),
    emulates: new Set(),
    fitSchema: (schema) => ({ schema, changes: [] }),
    limits: NO_LIMITS,
    reasoning: null,
    hints,
    exclusiveHints,
    defaultOutputTokens: null,
    source: 'test',
  };
}

const RANGE: HintRule = { kind: 'range', field: 'options.heat', min: 0, max: 1 };
const LEVELS: HintRule = {
  kind: 'map',
  field: 'effort',
  values: {
    low: { send: 'low', exact: true },
    high: { send: 'much', exact: false },
    none: { send: null, exact: true },
  },
};
const HASHED: HintRule = { kind: 'rewrite', field: 'who', rewrite: () => 'h', reason: 'hashed' };

describe('a hint', () => {
  test.each<[string, string, HintRule | undefined, JsonValue, JsonValue | undefined, string | null]>([
    ['that passes', 'seed', { kind: 'pass', field: 'seed' }, 7, 7, null],
    ['within its range', 'temperature', RANGE, 0.5, 0.5, null],
    ['above its range', 'temperature', RANGE, 1.5, 1, 'clamped'],
    ['below its range', 'temperature', RANGE, -1, 0, 'clamped'],
    ['with an exact level', 'reasoning_effort', LEVELS, 'low', 'low', null],
    ['with a near level', 'reasoning_effort', LEVELS, 'high', 'much', 'clamped'],
    ['whose level is to send nothing', 'reasoning_effort', LEVELS, 'none', undefined, null],
    ['with a level nobody has', 'reasoning_effort', LEVELS, 'huge', undefined, 'dropped'],
    ['that is rewritten', 'user', HASHED, 'ann', 'h', 'rewritten'],
    ['that is dropped', 'seed', { kind: 'drop', reason: 'no' }, 7, undefined, 'dropped'],
    ['no rule speaks of', 'seed', undefined, 7, undefined, 'dropped'],
    ['that is neutral and lost', 'temperature', { kind: 'drop', reason: 'no' }, 1, undefined, null],
  ])('%s', (_name, name, rule, asked, sent, kind) => {
    const { fields, adjustments } = applyHints(
      { [name]: asked },
      capabilities(rule === undefined ? {} : { [name]: rule }),
      'vendor',
    );
    const field = rule !== undefined && 'field' in rule ? rule.field : name;
    expect(fields.get(field)).toBe(sent);
    expect(fields.size).toBe(sent === undefined ? 0 : 1);
    expect(adjustments.map((adjustment) => adjustment.kind)).toEqual(kind === null ? [] : [kind]);
    for (const adjustment of adjustments) {
      expect(adjustment).toMatchObject({ param: name, asked, sent: sent ?? null, at: 'vendor' });
    }
  });

  test('contract parameters are nobody’s hints', () => {
    const { fields, adjustments } = applyHints({ stop: ['a'], max_tokens: 5, n: 2 }, capabilities({}), 'vendor');
    expect([fields.size, adjustments.length]).toEqual([0, 0]);
  });

  test('of two that exclude each other the first asked is sent', () => {
    const both = capabilities(
      { temperature: { kind: 'pass', field: 'temperature' }, top_p: { kind: 'pass', field: 'top_p' } },
      [['temperature', 'top_p']],
    );
    const { fields, adjustments } = applyHints({ top_p: 0.5, temperature: 0.2 }, both, 'vendor');
    expect([...fields]).toEqual([['temperature', 0.2]]);
    expect(adjustments).toEqual([expect.objectContaining({ param: 'top_p', asked: 0.5, sent: null, kind: 'dropped' })]);
    expect([...applyHints({ top_p: 0.5, temperature: 1 }, both, 'vendor').fields.keys()]).toEqual(['top_p']);
  });

  test('of two that exclude each other one goes with nothing said when it asks for nothing', () => {
    const pass = (field: string): HintRule => ({ kind: 'pass', field });
    const both = capabilities({ temperature: pass('temperature'), top_p: pass('top_p') }, [['temperature', 'top_p']]);
    for (const [asked, sent] of [
      [{ temperature: 1, top_p: 1 }, ['temperature']],
      [{ temperature: 0.5, top_p: 1 }, ['temperature']],
      [{ temperature: 1, top_p: 0.5 }, ['top_p']],
    ] as const) {
      const { fields, adjustments } = applyHints(asked, both, 'vendor');
      expect([...fields.keys()]).toEqual(sent);
      expect(adjustments).toEqual([]);
    }
  });

  test('what the client asked comes before what the config adds', () => {
    const pass = (field: string): HintRule => ({ kind: 'pass', field });
    const both = capabilities({ temperature: pass('temperature'), top_p: pass('top_p') }, [['temperature', 'top_p']]);
    const { fields, adjustments } = applyHints({ top_p: 0.5, temperature: 0.2 }, both, 'vendor', { top_p: 0.5 });
    expect([...fields]).toEqual([['top_p', 0.5]]);
    expect(adjustments).toEqual([expect.objectContaining({ param: 'temperature', asked: null, kind: 'dropped' })]);
  });

  test('one that the model has not excludes nothing', () => {
    const one = capabilities({ top_p: { kind: 'pass', field: 'top_p' } }, [['temperature', 'top_p']]);
    const { fields, adjustments } = applyHints({ temperature: 0.2, top_p: 0.5 }, one, 'vendor');
    expect([...fields]).toEqual([['top_p', 0.5]]);
    expect(adjustments.map(({ reason }) => reason)).toEqual(['this model has no such parameter']);
  });
});

test('null asks for nothing, whatever the parameter', () => {
  for (const name of [...HINT_PARAMETERS, 'n', 'stop', 'anything']) expect(isNeutral(name, null)).toBe(true);
});

test('neutral is the value itself, not what is like it', () => {
  expect(isNeutral('temperature', 1)).toBe(true);
  expect(isNeutral('temperature', '1')).toBe(false);
  expect(isNeutral('n', 2)).toBe(false);
  expect(isNeutral('seed', 0)).toBe(false);
  expect(isHint('seed')).toBe(true);
  expect(isHint('stop')).toBe(false);
});
