import { expect, test } from 'vitest';

import { nearestName } from './nearest-name.ts';

const NAMES = ['gpt-4o', 'gpt-4o-mini', 'claude-opus', 'summarize', 'extract'];

test.each([
  ['gpt-4', 'gpt-4o'],
  ['gpt4o', 'gpt-4o'],
  ['GPT-4O', 'gpt-4o'],
  ['sumarise', 'summarize'],
  ['claude-opus-', 'claude-opus'],
  ['extract', 'extract'],
])('%s is near %s', (name, expected) => {
  expect(nearestName(name, NAMES)).toBe(expected);
});

test.each(['', 'x', 'llama-3', 'completely-different', 'q'.repeat(100_000)])('%s is near nothing', (name) => {
  expect(nearestName(name, NAMES)).toBeNull();
});

test('two names that share no letter are not near, however short', () => {
  expect(nearestName('ab', ['xy'])).toBeNull();
});

test('nothing is near nothing', () => {
  expect(nearestName('gpt-4o', [])).toBeNull();
});
