import { describe, expect, test } from 'vitest';

import { testDeployment, testRoute } from '../../test/support/deployment.ts';
import type { Configuration } from '../core/route.ts';
import type { Rule, RuleFacts } from '../core/rule.ts';
import { openai } from '../providers/openai/provider.ts';
import { resolveTarget, type Target } from './resolve.ts';

const first = testDeployment(openai, 'gpt-4o');
const second = testDeployment(openai, 'gpt-4o', { name: 'openai-eu/gpt-4o' });
const route = testRoute([first, second], { name: 'extract' });
const facts = (): never => {
  throw new Error('nobody asked for rules');
};
const configuration = {
  routes: new Map([['extract', route]]),
  models: new Map([['gpt-4o', { name: 'gpt-4o', deployments: [first, second], at: 'candor.yaml:2' }]]),
  rules: [],
  deployments: new Map([first, second].map((deployment) => [deployment.name, deployment])),
} as unknown as Configuration;

describe('a name', () => {
  test.each([
    ['extract', 'extract', [first, second]],
    ['gpt-4o', null, [first, second]],
    ['openai-eu/gpt-4o', null, [second]],
  ])('%s', (asked, routeName, candidates) => {
    const target = resolveTarget(asked, null, configuration, facts);
    expect(target.route?.name ?? null).toBe(routeName);
    expect(target.candidates).toEqual(candidates);
    expect(target.asked).toBe(asked);
    expect(target.chosenBy.by).toBe('model');
    expect(target.rules).toEqual([]);
  });

  test('nobody has is refused with the nearest one', () => {
    expect(() => resolveTarget('extrakt', null, configuration, facts)).toThrow(
      expect.objectContaining({
        code: 'model_not_found',
        status: 404,
        param: 'model',
        message: expect.stringContaining('did you mean `extract`') as string,
      }),
    );
  });

  test('near to nothing gets no suggestion and no default', () => {
    expect(() => resolveTarget('zzzzzz', null, configuration, facts)).toThrow(/GET \/v1\/models/);
    expect(() => resolveTarget('', null, configuration, facts)).toThrow(
      expect.objectContaining({ code: 'model_not_found' }),
    );
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no name', (asked) => {
    expect(() => resolveTarget(asked, null, configuration, facts)).toThrow(
      expect.objectContaining({ code: 'model_not_found' }),
    );
  });
});

describe('auto', () => {
  const rule = (line: number, matched: boolean, problem: string | null = null): Rule => ({
    when: 'stream',
    route: 'extract',
    at: `candor.yaml:${line}`,
    readsLanguage: false,
    evaluate: () => ({ matched, problem }),
  });
  const ruled = (...rules: readonly Rule[]): Target =>
    resolveTarget('auto', null, { ...configuration, rules }, () => ({}) as RuleFacts);

  test('is the route of the first rule that matches', () => {
    expect(ruled(rule(20, false), rule(21, true))).toMatchObject({
      asked: 'auto',
      route,
      candidates: [first, second],
      chosenBy: { by: 'rule', at: 'candor.yaml:21' },
      rules: [
        { at: 'candor.yaml:20', outcome: 'no' },
        { at: 'candor.yaml:21', outcome: 'matched' },
      ],
    });
  });

  test('is refused when none does, and says which could not be evaluated', () => {
    const refused = { code: 'invalid_request', status: 400, param: 'model' };
    expect(() => ruled(rule(20, false))).toThrow(
      expect.objectContaining({
        ...refused,
        message: expect.stringMatching(/^no rule matches this request: name/) as string,
      }),
    );
    expect(() => ruled(rule(20, false, 'the rule at candor.yaml:20 could not be evaluated: no such key: a'))).toThrow(
      /no rule matches this request \(the rule at candor\.yaml:20 could not be evaluated: no such key: a\)/,
    );
  });

  test('is refused by a config without rules', () => {
    expect(() => ruled()).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        param: 'model',
        message: expect.stringContaining('the config has no rules') as string,
      }),
    );
  });

  test('is no route', () => {
    expect(() => resolveTarget('auto', 'auto', configuration, facts)).toThrow(
      expect.objectContaining({ code: 'model_not_found', param: 'x-candor-route' }),
    );
  });
});

describe('a route beside the model', () => {
  test('decides, and the model stays what it is', () => {
    const target = resolveTarget('whatever', 'extract', configuration, facts);
    expect(target.route).toBe(route);
    expect(target.asked).toBe('whatever');
    expect(target.chosenBy).toEqual({ by: 'header', at: 'candor.yaml:9' });
  });

  test('must be a route', () => {
    expect(() => resolveTarget('gpt-4o', 'gpt-4o', configuration, facts)).toThrow(
      expect.objectContaining({ code: 'model_not_found', param: 'x-candor-route' }),
    );
  });
});
