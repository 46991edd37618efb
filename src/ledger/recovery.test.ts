import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isJsonObject, parseJson, type JsonObject } from '../core/json.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import { type FileSystem, nodeFileSystem } from './journal/append-file.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { readSegment } from './journal/journal-reader.ts';

let directory: string;
let opened: Ledger[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'candor-recovery-'));
  opened = [];
});

afterEach(async () => {
  for (const ledger of opened) await ledger.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A file system whose disk is full after so many writes, until it is told otherwise. */
class SmallDisk implements FileSystem {
  writesLeft: number;

  constructor(writesLeft: number) {
    this.writesLeft = writesLeft;
  }
  openNew(path: string): number {
    return nodeFileSystem.openNew(path);
  }
  openShared(path: string): number {
    return nodeFileSystem.openShared(path);
  }
  truncate(descriptor: number, length: number): void {
    nodeFileSystem.truncate(descriptor, length);
  }
  close(descriptor: number): void {
    nodeFileSystem.close(descriptor);
  }
  write(descriptor: number, bytes: Buffer, offset: number, position: number | null): number {
    if (this.writesLeft <= 0) throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC' });
    this.writesLeft--;
    return nodeFileSystem.write(descriptor, bytes, offset, position);
  }
}

async function open(fileSystem: FileSystem = nodeFileSystem): Promise<Ledger> {
  const ledger = await openLedger({ directory, wallTime: () => 1_700_000_000_000, fileSystem });
  opened.push(ledger);
  return ledger;
}

function intentOf(id: string): IntentRecord {
  return {
    id,
    object: 'intent',
    created_at: '2026-11-22T00:00:00.000Z',
    key: 'web',
    dialect: 'openai-chat',
    stream: true,
    config: 'abc',
    asked: 'legal',
    route: 'legal',
    data: ['public'],
    request: { sha256: '00' },
    plan: ['openai/gpt-4o'],
    simulated: true,
    trace: 'http://127.0.0.1:4141/r/gen',
  };
}

/** As much of a final record as the ledger itself looks at. */
function recordOf(id: string): GenerationRecord {
  const record: Partial<GenerationRecord> = { id, status: 'complete', http: 200, created_at: intentOf(id).created_at };
  return { ...record, attempts: [] } as unknown as GenerationRecord;
}

/** Id and status of every generation that is interrupted, as a list by that status shows them. */
async function listed(ledger: Ledger): Promise<readonly unknown[]> {
  const page = await ledger.list({ filters: { status: 'interrupted' }, limit: 9, after: null });
  return page.generations.map((view) => [view['id'], view['status']]);
}

interface Frame {
  readonly writer: string;
  readonly seq: number;
  readonly hash: string;
  readonly payload: JsonObject;
}

/** Every frame of the journal but checkpoints, by its writer; the chain is checked on the way. */
function frames(): readonly Frame[] {
  const segments = readdirSync(join(directory, 'journal')).filter((name) => name.endsWith('.jnl'));
  return segments
    .flatMap((name) =>
      [...readSegment(join(directory, 'journal', name), { from: null, upTo: null, checkChain: true })].map((frame) => {
        const payload = parseJson(frame.payload.toString());
        if (!isJsonObject(payload)) throw new Error(`${name} holds no JSON`);
        return { writer: name.split('-')[0] ?? '', seq: frame.seq, hash: frame.hash.toString('hex'), payload };
      }),
    )
    .filter(({ payload }) => payload['type'] !== 'checkpoint');
}

const INTERRUPTED = {
  id: 'gen_1',
  object: 'generation',
  status: 'interrupted',
  http: null,
  error: null,
  created_at: '2026-11-22T00:00:00.000Z',
  ended_at: null,
  key: 'web',
  asked: 'legal',
  served_by: null,
  usage: null,
  cost: null,
  attempts: [],
  candidates: [{ deployment: 'openai/gpt-4o', verdict: 'eligible', reasons: [] }],
  request: { sha256: '00', body: null },
  content: 'not_kept',
};

describe('a generation whose process ended before it did', () => {
  it('is recorded as interrupted by the next writer, in a final frame that names its intent', async () => {
    const first = await open();
    await first.begin(intentOf('gen_1'));
    await first.begin(intentOf('gen_2'));
    await first.finish(recordOf('gen_2'), null);
    await first.close();
    const second = await open();
    const found = await second.find('gen_1');
    expect(found).toMatchObject({ ...INTERRUPTED, why: expect.stringContaining('the gateway ended before') as string });
    expect(await second.find('gen_2')).toMatchObject({ status: 'complete' });
    expect(second.warnings).toEqual([expect.stringMatching(/recorded as interrupted: 1$/)]);
    const [intent] = frames().filter(({ writer }) => writer === first.writer);
    const [final, ...more] = frames().filter(({ writer }) => writer === second.writer);
    expect(more).toEqual([]);
    expect(final?.payload).toMatchObject({
      type: 'final',
      record: { id: 'gen_1', status: 'interrupted' },
      content: null,
      begun: { writer: first.writer, seq: 2, hash: intent?.hash },
    });
    expect(found).toMatchObject({ chain: { writer: second.writer, seq: final?.seq, hash: final?.hash } });
  });

  it('is recorded once, however often the folder is opened again', async () => {
    const first = await open();
    await first.begin(intentOf('gen_1'));
    await first.close();
    const second = await open();
    const found = await second.find('gen_1');
    await second.close();
    const third = await open();
    expect(third.warnings).toEqual([]);
    expect(await third.find('gen_1')).toEqual(found);
    expect(await listed(third)).toEqual([['gen_1', 'interrupted']]);
    expect(frames().filter(({ payload }) => payload['type'] === 'final')).toHaveLength(1);
  });

  it('is interrupted also while that cannot be written, and written when it can', async () => {
    const first = await open();
    await first.begin(intentOf('gen_1'));
    await first.close();
    // One write is the journal's header.
    const disk = new SmallDisk(1);
    const second = await open(disk);
    expect(await second.find('gen_1')).toMatchObject({ ...INTERRUPTED, chain: { writer: first.writer, seq: 2 } });
    expect(await listed(second)).toEqual([['gen_1', 'interrupted']]);
    disk.writesLeft = Number.POSITIVE_INFINITY;
    await second.begin(intentOf('gen_2'));
    expect(await second.find('gen_1')).toMatchObject({ ...INTERRUPTED, chain: { writer: second.writer, seq: 2 } });
  });
});

describe('a generation whose final record cannot be written', () => {
  it('is interrupted at once, on record with the next write, and not a second time', async () => {
    const disk = new SmallDisk(Number.POSITIVE_INFINITY);
    const first = await open(disk);
    await first.begin(intentOf('gen_1'));
    disk.writesLeft = 0;
    await expect(first.finish(recordOf('gen_1'), null)).rejects.toThrow('ENOSPC');
    const lost = { ...INTERRUPTED, error: { code: 'ledger_unavailable' } };
    expect(await first.find('gen_1')).toMatchObject({ ...lost, chain: { seq: 2 } });
    expect(await listed(first)).toEqual([['gen_1', 'interrupted']]);
    disk.writesLeft = Number.POSITIVE_INFINITY;
    await first.begin(intentOf('gen_2'));
    expect(await first.find('gen_1')).toMatchObject({ ...lost, chain: { seq: 4 } });
    await first.finish(recordOf('gen_2'), null);
    await first.close();
    const second = await open();
    expect(second.warnings).toEqual([]);
    expect(await second.find('gen_1')).toMatchObject({ ...lost, chain: { writer: first.writer, seq: 4 } });
    expect(frames().map(({ payload }) => payload['type'])).toEqual(['intent', 'intent', 'final', 'final']);
  });

  it('is written at the end when nothing else is', async () => {
    const disk = new SmallDisk(Number.POSITIVE_INFINITY);
    const first = await open(disk);
    await first.begin(intentOf('gen_1'));
    disk.writesLeft = 0;
    await expect(first.finish(recordOf('gen_1'), null)).rejects.toThrow('ENOSPC');
    disk.writesLeft = Number.POSITIVE_INFINITY;
    await first.close();
    expect(frames().at(-1)?.payload).toMatchObject({ type: 'final', begun: { writer: first.writer, seq: 2 } });
  });
});
