import { createContext, runInContext } from 'node:vm';

import { expect, it } from 'vitest';

import { plainValue } from './plain-value.ts';

it('takes what JSON can hold, and leaves out what is undefined', () => {
  const shared = { max: 1 };
  const value = { a: [1, 'b', null, true], c: { d: undefined }, e: shared, f: shared };
  expect(plainValue(value)).toEqual({ value: { a: [1, 'b', null, true], c: {}, e: { max: 1 }, f: { max: 1 } } });
});

it('takes objects of another context', () => {
  const value: unknown = runInContext('({ a: [{ b: 1 }] })', createContext());
  expect(plainValue(value)).toEqual({ value: { a: [{ b: 1 }] } });
});

it('refuses everything else by its path', () => {
  const circle: Record<string, unknown> = {};
  circle['again'] = circle;
  const value = {
    hooks: { task: () => 'a' },
    list: [Number.NaN, undefined, Symbol('s'), 1n],
    at: new Date(0),
    circle,
  };
  const result = plainValue(value);
  const refusals = 'refusals' in result ? result.refusals.map(({ path, what }) => `${path} is ${what}`) : [];
  expect(refusals).toEqual([
    'hooks.task is a function',
    'list[0] is NaN',
    'list[1] is undefined',
    'list[2] is a symbol',
    'list[3] is a bigint',
    'at is an instance of Date',
    'circle.again is a circle',
  ]);
});

it('refuses what would be dropped unseen, and the whole by a name', () => {
  // eslint-disable-next-line no-sparse-arrays -- a slip that the compiler lets pass
  const value = { gap: ['a', , 'b'], named: { [Symbol('s')]: 1 } };
  expect(plainValue(value)).toMatchObject({
    refusals: [
      { path: 'gap[1]', what: 'undefined' },
      { path: 'named', what: 'a map with a symbol for a key' },
    ],
  });
  expect(plainValue(new URL('http://127.0.0.1'))).toMatchObject({
    refusals: [{ path: 'the config', what: 'an instance of URL' }],
  });
});
