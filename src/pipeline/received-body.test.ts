import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { Secret } from '../core/secret.ts';
import { GrowingBody } from '../ledger/content/growing-body.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { AnswerSpill } from './answer-spill.ts';
import { ReceivedBody } from './received-body.ts';

const SIZES = [7, 300, 5000, 20_000, 100_000];
const KEY = 'sk-quoted-by-the-vendor-0123456789';
const secret = new Secret(KEY);

/** Bytes of no regular pattern. */
function bytesOf(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * index + (index >> 7)) % 251));
}

function feed(body: ReceivedBody, whole: Buffer, size: number): void {
  for (let at = 0; at < whole.length; at += size) body.append(whole.subarray(at, at + size));
}

/** A place for spilled bodies that shows what was written. */
function openSpill(): { readonly spill: AnswerSpill; readonly written: () => Buffer } {
  const pieces: Buffer[] = [];
  const beginBody = (): GrowingBody =>
    new GrowingBody(Buffer.alloc(16), (bytes) => {
      // The caller may use its memory again.
      pieces.push(Buffer.from(bytes));
      return { segment: 'x-1.dat', offset: pieces.length };
    });
  return { spill: new AnswerSpill({ beginBody } as Ledger), written: () => Buffer.concat(pieces) };
}

describe('ReceivedBody', () => {
  it('is empty at first', () => {
    const body = new ReceivedBody(null);
    expect([body.length, body.bytes.length, body.sha256()]).toEqual([0, 0, null]);
  });

  it.each(SIZES)('holds every chunk in order, cut every %d bytes', (size) => {
    const whole = bytesOf(200_000);
    const body = new ReceivedBody(null);
    feed(body, whole, size);
    expect(body.length).toBe(whole.length);
    expect(body.bytes.equals(whole)).toBe(true);
    expect(body.written).toBeNull();
  });

  it('writes into no chunk that it was given', () => {
    const memory = Buffer.from('firstSECOND');
    const body = new ReceivedBody(null);
    body.append(memory.subarray(0, 5));
    body.append(Buffer.from('other'));
    expect(memory.toString()).toBe('firstSECOND');
    expect(body.bytes.toString()).toBe('firstother');
  });

  it('keeps no secret, and goes on after it', () => {
    const body = new ReceivedBody(secret);
    body.append(Buffer.from(`a ${KEY}`));
    body.scrub();
    body.append(Buffer.from('!'));
    expect(body.bytes.toString()).toBe(`a ${secret.toString()}!`);
    expect(body.scrubbed).toBe(true);
  });
});

describe('a body that is spilled', () => {
  it.each(SIZES)('keeps 16 KiB in memory at most and loses nothing, cut every %d bytes', (size) => {
    const whole = bytesOf(300_000);
    const { spill, written } = openSpill();
    const body = new ReceivedBody(secret);
    body.spillTo(spill);
    for (let at = 0; at < whole.length; at += size) {
      body.append(whole.subarray(at, at + size));
      expect(body.bytes.length).toBeLessThanOrEqual(16 * 1024);
    }
    expect(body.length).toBe(whole.length);
    expect(Buffer.concat([written(), body.bytes]).equals(whole)).toBe(true);
    expect(body.written?.length).toBe(written().length);
    expect(body.sha256()).toBe(createHash('sha256').update(whole).digest('hex'));
    expect(body.scrubbed).toBe(false);
  });

  it('writes nothing of a small one', () => {
    const { spill, written } = openSpill();
    const body = new ReceivedBody(secret);
    body.spillTo(spill);
    feed(body, bytesOf(16 * 1024), 1000);
    expect([written().length, body.written, body.length]).toEqual([0, null, 16 * 1024]);
  });

  it('writes no secret, wherever it is cut', () => {
    for (const size of [1, KEY.length - 1, 1000, 16_384, 40_000]) {
      const { spill, written } = openSpill();
      const body = new ReceivedBody(secret);
      body.spillTo(spill);
      // At every place relative to where pieces end.
      const filler = 'x'.repeat(997);
      const text = Array.from({ length: 300 }, () => filler + KEY).join('');
      feed(body, Buffer.from(text), size);
      body.scrub();
      const kept = Buffer.concat([written(), body.bytes]).toString();
      expect(kept).toBe(text.replaceAll(KEY, String(secret)));
      expect(body.scrubbed).toBe(true);
    }
  });
});
