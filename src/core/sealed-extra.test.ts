import { expect, test } from 'vitest';

import { openExtra, sealExtra } from './sealed-extra.ts';

test.each([
  ['nothing', {}, 'candor:e30'],
  [
    'a signature',
    { google: { thought_signature: 'CiQB+/=' } },
    'candor:eyJnb29nbGUiOnsidGhvdWdodF9zaWduYXR1cmUiOiJDaVFCKy89In19',
  ],
])('%s comes back as it was', (_name, extra, sealed) => {
  expect(sealExtra(extra)).toBe(sealed);
  expect(openExtra(sealed)).toEqual(extra);
});

test('text outside ASCII and several vendors come back', () => {
  const extra = { google: { thought_signature: 'ü🎉' }, deepseek: { kept: [1, null] } };
  expect(openExtra(sealExtra(extra))).toEqual(extra);
});

test.each([
  ['a vendor’s own signature', 'EqMBCkYIBxgCKkD'],
  ['the mark alone', 'candor:'],
  ['other characters', 'candor:e30='],
  ['no JSON', 'candor:AAAA'],
  ['a list', `candor:${Buffer.from('[]').toString('base64url')}`],
  ['a member that is no object', `candor:${Buffer.from('{"google":"x"}').toString('base64url')}`],
  ['more levels than a request may have', seal(`{"google":{"x":${'['.repeat(64)}${']'.repeat(64)}}}`)],
  ['a key that is none', seal('{"__proto__":{"google":{"thought_signature":"s"}}}')],
  ['a key twice', seal('{"google":{"a":1},"google":{"b":2}}')],
])('%s is not opened', (_name, text) => {
  expect(openExtra(text)).toBeNull();
});

function seal(json: string): string {
  return `candor:${Buffer.from(json).toString('base64url')}`;
}
