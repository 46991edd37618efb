import { describe, expect, test } from 'vitest';

import { testDeployment, testRoute } from '../../test/support/deployment.ts';
import type { Configuration } from '../core/route.ts';
import { openai } from '../providers/openai/provider.ts';
import { resolveTarget } from './resolve.ts';

const first = testDeployment(openai, 'gpt-4o');
const second = testDeployment(openai, 'gpt-4o', { name: 'openai-eu/gpt-4o' });
const route = testRoute([first, second], { name: 'extract' });
const configuration = {
  routes: new Map([['extract', route]]),
  models: new Map([['gpt-4o', { name: 'gpt-4o', deployments: [first, second], at: 'candor.yaml:2' }]]),
  deployments: new Map([first, second].map((deployment) => [deployment.name, deployment])),
} as unknown as Configuration;

describe('a name', () => {
  test.each([
    ['extract', 'extract', [first, second]],
    ['gpt-4o', null, [first, second]],
    ['openai-eu/gpt-4o', null, [second]],
  ])('%s', (asked, routeName, candidates) => {
    const target = resolveTarget(asked, null, configuration);
    expect(target.route?.name ?? null).toBe(routeName);
    expect(target.candidates).toEqual(candidates);
    expect(target.asked).toBe(asked);
  });

  test('nobody has is refused with the nearest one', () => {
    expect(() => resolveTarget('extrakt', null, configuration)).toThrow(
      expect.objectContaining({
        code: 'model_not_found',
        status: 404,
        param: 'model',
        message: expect.stringContaining('did you mean `extract`') as string,
      }),
    );
  });

  test('near to nothing gets no suggestion and no default', () => {
    expect(() => resolveTarget('zzzzzz', null, configuration)).toThrow(/GET \/v1\/models/);
    expect(() => resolveTarget('', null, configuration)).toThrow(expect.objectContaining({ code: 'model_not_found' }));
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no name', (asked) => {
    expect(() => resolveTarget(asked, null, configuration)).toThrow(
      expect.objectContaining({ code: 'model_not_found' }),
    );
  });

  test('auto is refused by name until rules are built', () => {
    expect(() => resolveTarget('auto', null, configuration)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'model' }),
    );
  });
});

describe('a route beside the model', () => {
  test('decides, and the model stays what it is', () => {
    const target = resolveTarget('whatever', 'extract', configuration);
    expect(target.route).toBe(route);
    expect(target.asked).toBe('whatever');
  });

  test('must be a route', () => {
    expect(() => resolveTarget('gpt-4o', 'gpt-4o', configuration)).toThrow(
      expect.objectContaining({ code: 'model_not_found', param: 'x-candor-route' }),
    );
  });
});
