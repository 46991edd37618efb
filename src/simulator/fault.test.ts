import { expect, test } from 'vitest';

import { type ParsedFault, faultWord, parseFaultWord } from './fault.ts';

const WORDS: readonly (readonly [string, ParsedFault])[] = [
  ['503', { kind: 'status', status: 503 }],
  ['429', { kind: 'status', status: 429 }],
  ['500', { kind: 'status', status: 500 }],
  ['529', { kind: 'status', status: 529 }],
  ['refuse', { kind: 'unreachable' }],
  ['refusal', { kind: 'refusal' }],
  ['malformed', { kind: 'malformed' }],
  ['invent', { kind: 'invent' }],
  ['slow:3000', { kind: 'slow', firstTokenMs: 3000 }],
  ['cut:12', { kind: 'cut', afterTokens: 12, clean: false }],
  ['cut-clean:12', { kind: 'cut', afterTokens: 12, clean: true }],
  ['stall:0', { kind: 'stall', afterTokens: 0 }],
  ['html', { kind: 'content-type', value: 'text/html' }],
  ['type:application/xml', { kind: 'content-type', value: 'application/xml' }],
  ['rate:2', { kind: 'rate-limit', retryAfterSeconds: 2 }],
];

test.each(WORDS)('%s is read and written alike', (word, fault) => {
  expect(parseFaultWord(word)).toEqual(fault);
  expect(faultWord(fault)).toBe(word);
});

test.each([
  '',
  '504',
  'outage',
  'cut',
  'cut:',
  'cut:-1',
  'cut:1.5',
  'cut:1e3',
  'cut:12:3',
  'slow:abc',
  '503:1',
  'type:html',
  'type:a/b\r\nx',
  'rate:999999999',
])('%j is no fault', (word) => {
  expect(parseFaultWord(word)).toBeNull();
});
