import { describe, expect, it } from 'vitest';

import { isPrivateHost, parseListen } from './address.ts';

describe('isPrivateHost', () => {
  it.each([
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'printer.local',
    'metadata.internal',
    'ollama',
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.1.2.3',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '[::1]',
    '[::]',
    '[fd00::1]',
    '[fe80::1]',
    '[::ffff:10.0.0.1]',
  ])('%s is', (host) => {
    expect(isPrivateHost(host)).toBe(true);
  });

  it.each([
    'api.openai.com',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '[2606:4700::1]',
    '[::ffff:8.8.8.8]',
    'local.example',
  ])('%s is not', (host) => {
    expect(isPrivateHost(host)).toBe(false);
  });

  it('sees through the ways to write an address once a URL is made of it', () => {
    for (const text of ['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/']) {
      expect(isPrivateHost(new URL(text).hostname)).toBe(true);
    }
  });
});

it.each([
  ['127.0.0.1:4141', { host: '127.0.0.1', port: 4141 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  [':4141', null],
  ['4141', null],
  ['::1:4141', null],
  ['[127.0.0.1]:1', null],
  ['a:65536', null],
  ['a:b', null],
])('parseListen(%s)', (text, address) => {
  expect(parseListen(text)).toEqual(address);
});
