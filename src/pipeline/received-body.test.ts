import { describe, expect, it } from 'vitest';

import { ReceivedBody } from './received-body.ts';

describe('ReceivedBody', () => {
  it('is empty at first', () => {
    const body = new ReceivedBody();
    expect([body.length, body.bytes.length]).toEqual([0, 0]);
  });

  it('holds every chunk in order, however they are cut', () => {
    for (const size of [1, 7, 300, 5000]) {
      const whole = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
      const body = new ReceivedBody();
      for (let at = 0; at < whole.length; at += size) body.append(whole.subarray(at, at + size));
      expect(body.length).toBe(whole.length);
      expect(body.bytes.equals(whole)).toBe(true);
    }
  });

  it('writes into no chunk that it was given', () => {
    const memory = Buffer.from('firstSECOND');
    const body = new ReceivedBody();
    body.append(memory.subarray(0, 5));
    body.append(Buffer.from('other'));
    expect(memory.toString()).toBe('firstSECOND');
    expect(body.bytes.toString()).toBe('firstother');
  });

  it('goes on after what was put in the place of the first bytes', () => {
    const body = new ReceivedBody();
    body.append(Buffer.from('a secret'));
    body.replace(Buffer.from('a [scrubbed]'));
    body.append(Buffer.from('!'));
    expect(body.bytes.toString()).toBe('a [scrubbed]!');
  });
});
