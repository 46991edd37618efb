import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';

import { Secret } from './secret.ts';

const VALUE = 'sk-do-not-print-0123456789';
const secret = new Secret(VALUE);
/** The secret where a careless program would put it: the compiler's objection is not what is tested. */
const careless = secret as unknown as string;
const PRINTED = secret.toString();

test.each<[string, () => string]>([
  ['a template', () => `a ${careless}`],
  ['String()', () => String(secret)],
  ['concatenation', () => 'key: ' + careless],
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  ['inspect', () => inspect(secret, { showHidden: true, depth: 10 })],
  ['inspect inside an object', () => inspect({ deep: { list: [secret] } }, { depth: 10, showHidden: true })],
  ['format', () => format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
  ['an error’s message', () => new Error(`failed with ${careless}`).stack ?? ''],
  ['an error’s cause', () => inspect(new Error('failed', { cause: secret }), { depth: 10 })],
  [
    'its own members',
    () => JSON.stringify(Object.getOwnPropertyNames(secret).map((name) => Reflect.get(secret, name) as unknown)),
  ],
  ['a copy', () => inspect(Object.assign({}, secret))],
])('it does not print in %s', (_name, print) => {
  expect(print()).not.toContain(VALUE);
  expect(print()).not.toContain('do-not-print');
});

test('two secrets can be told apart, and the same one recognised', () => {
  expect(PRINTED).toMatch(/^\[secret:[0-9a-f]{8}\]$/);
  expect(String(new Secret(VALUE))).toBe(PRINTED);
  expect(String(new Secret('another'))).not.toBe(PRINTED);
});

test('it is revealed on demand only', () => {
  expect(secret.reveal()).toBe(VALUE);
});

test('every occurrence is scrubbed from a text', () => {
  expect(secret.scrub(`a ${VALUE} b ${VALUE}`)).toBe(`a ${PRINTED} b ${PRINTED}`);
  expect(new Secret('').scrub('text')).toBe('text');
  expect(new Secret('$&').scrub('a $& b')).not.toContain('$&');
});

test('it is replaced in bytes of any kind, and only there', () => {
  const odd = Buffer.from([0xff, 0x00, 0xc3]);
  const bytes = Buffer.concat([odd, Buffer.from(`${VALUE},${VALUE}ü`), odd]);
  expect(secret.scrubBytes(bytes)).toEqual(Buffer.concat([odd, Buffer.from(`${PRINTED},${PRINTED}ü`), odd]));
  expect(secret.scrubBytes(Buffer.from(VALUE.slice(1)))).toBeNull();
  expect(new Secret('').scrubBytes(odd)).toBeNull();
  expect(new Secret('schlüssel-ü').scrubBytes(Buffer.from('ein schlüssel-ü'))?.toString()).toMatch(/^ein \[secret:/);
});

test('its end is shown only where that gives little away', () => {
  expect(new Secret('sk-0123456789abcdef-x9Qf').ending).toBe('…x9Qf');
  expect(new Secret('nineteen-characters').ending).toBe('…');
});
