import { expect, test } from 'vitest';
import { SCOPE } from '../../test/support/certificate-bench.ts';
import { isPinned, scopeKey, scopeSeed } from './scope.ts';

test.each([
  ['gpt-4o-2024-08-06', true],
  ['claude-3-5-sonnet-20241022', true],
  ['anthropic.claude-3-5-sonnet-20241022-v2:0', true],
  ['claude-sonnet-4@20250514', true],
  ['gpt-4-0613', true],
  ['gpt-4-1106-preview', true],
  ['mistral-large-2407', true],
  ['gemini-1.5-pro-002', true],
  ['gemini-2.5-flash-preview-05-20', true],
  ['gpt-4o', false],
  ['claude-opus-4-1', false],
  ['gemini-2.5-pro', false],
  ['gemini-flash-latest', false],
  ['deepseek-chat', false],
  ['llama-3.1-405b-instruct', false],
])('whether %s says which version it is: %s', (snapshot, pinned) => {
  expect(isPinned({ ...SCOPE, to: { ...SCOPE.to, snapshot } })).toBe(pinned);
  expect(isPinned({ ...SCOPE, from: { ...SCOPE.from, snapshot } })).toBe(pinned);
});

test('a missing template is not one of that name, and equal scopes have equal seeds', () => {
  const named = { ...SCOPE, from: { ...SCOPE.from, template: 'null' } };
  const none = { ...SCOPE, from: { ...SCOPE.from, template: null } };
  expect(scopeKey(named)).not.toBe(scopeKey(none));
  expect(scopeSeed(structuredClone(none))).toBe(scopeSeed(none));
  expect(scopeSeed(named)).not.toBe(scopeSeed(none));
});
