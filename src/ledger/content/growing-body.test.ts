import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import type { GenerationRecord } from '../../core/record.ts';
import type { GenerationContent, GrowingBody } from '../ledger.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

/** A record of one attempt: what the ledger looks at of it. */
function recordWithAttempt(id: string): GenerationRecord {
  return { ...recordOf(id), attempts: [{ received: { body: null, sha256: null } }] } as unknown as GenerationRecord;
}

function contentOf(receivedBefore: GrowingBody, end: readonly string[]): GenerationContent {
  return {
    request: Buffer.from('question'),
    attempts: [{ sent: null, received: end.map((piece) => Buffer.from(piece)), receivedBefore }],
  };
}

function receivedOf(view: unknown): string | null {
  const { attempts } = view as { attempts: { received: { body: string | null } }[] };
  return attempts[0]?.received.body ?? null;
}

describe('a body that is written while it grows', () => {
  it('is read as one, with its end or without, also after its file was full', async () => {
    const ledger = await folder.open({ rotation: { bytes: 4096, ageMs: DAY_MS } });
    const pieces = Array.from({ length: 40 }, (_, index) => `${index}:`.padEnd(997, 'é'));
    const body = ledger.beginBody();
    for (const piece of pieces) body.append(Buffer.from(piece));
    const whole = ledger.beginBody();
    whole.append(Buffer.from('all of it'));
    await ledger.finish(recordWithAttempt('gen_1'), contentOf(body, ['the ', 'end']));
    await ledger.finish(recordWithAttempt('gen_2'), contentOf(whole, []));
    expect(folder.files('content').length).toBeGreaterThan(5);
    const text = `${pieces.join('')}the end`;
    expect(receivedOf(await ledger.find('gen_1'))).toBe(text);
    await ledger.close();
    expect(folder.problems()).toEqual([]);
    const again = await folder.open();
    expect(receivedOf(await again.find('gen_1'))).toBe(text);
    expect(receivedOf(await again.find('gen_2'))).toBe('all of it');
  });

  it('lies encrypted, and apart from bodies that grow beside it', async () => {
    const ledger = await folder.open();
    const [one, other] = [ledger.beginBody(), ledger.beginBody()];
    for (let index = 0; index < 3; index++) {
      one.append(Buffer.from(`one-${index};`));
      other.append(Buffer.from(`other-${index};`));
    }
    await ledger.finish(recordWithAttempt('gen_1'), contentOf(one, ['']));
    await ledger.finish(recordWithAttempt('gen_2'), contentOf(other, ['']));
    expect(receivedOf(await ledger.find('gen_1'))).toBe('one-0;one-1;one-2;');
    expect(receivedOf(await ledger.find('gen_2'))).toBe('other-0;other-1;other-2;');
    const stored = Buffer.concat(folder.files('content').map((name) => readFileSync(pathOf(name))));
    expect(stored.includes('one-1')).toBe(false);
  });

  it('is lost as a whole when one piece of it is', async () => {
    const ledger = await folder.open({ rotation: { bytes: 1024, ageMs: DAY_MS } });
    const body = ledger.beginBody();
    for (let index = 0; index < 6; index++) body.append(Buffer.alloc(1024, 65 + index));
    await ledger.finish(recordWithAttempt('gen_1'), contentOf(body, ['end']));
    const [first = '', second = ''] = folder.files('content');
    const bytes = readFileSync(pathOf(second));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(pathOf(second), bytes);
    expect(await ledger.find('gen_1')).toMatchObject({ content: 'lost', request: { body: null } });
    await ledger.close();
    expect(JSON.stringify(folder.problems())).toContain(second);
    rmSync(pathOf(first));
  });

  it('that belongs to no record in the end is in nobody’s way', async () => {
    const ledger = await folder.open();
    ledger.beginBody().append(Buffer.from('left behind'));
    await ledger.finish(recordOf('gen_1'), { request: Buffer.from('question'), attempts: [] });
    await ledger.close();
    expect(folder.problems()).toEqual([]);
  });

  it('says when it cannot be written, and leaves what is there as it was', async () => {
    const ledger = await folder.open();
    const body = ledger.beginBody();
    body.append(Buffer.from('before;'));
    const [name = ''] = folder.files('content');
    const { size } = statSync(pathOf(name));
    folder.disk.failing = 'ENOSPC';
    expect(() => body.append(Buffer.from('not;'))).toThrowError(expect.objectContaining({ name: 'LedgerUnavailable' }));
    folder.disk.failing = null;
    expect(statSync(pathOf(name)).size).toBe(size);
    body.append(Buffer.from('after'));
    await ledger.finish(recordWithAttempt('gen_1'), contentOf(body, []));
    expect(receivedOf(await ledger.find('gen_1'))).toBe('before;after');
  });

  it('is refused once the ledger is closed', async () => {
    const ledger = await folder.open();
    const body = ledger.beginBody();
    await ledger.close();
    expect(() => body.append(Buffer.from('late'))).toThrow('closed');
    expect(folder.files('content')).toEqual([]);
  });
});

function pathOf(name: string): string {
  return join(folder.directory, 'content', name);
}
