import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../core/json.ts';
import type { AttemptRecord, GenerationRecord, IntentRecord } from '../core/record.ts';
import { type FileSystem, nodeFileSystem } from './journal/append-file.ts';
import { decodeStatement } from './checkpoints/checkpoint-format.ts';
import { type GenerationContent, type Ledger, type LedgerOptions, LedgerUnavailable, openLedger } from './ledger.ts';
import { readSegment, type SegmentFrame } from './journal/journal-reader.ts';
import { connectStore } from './store/store-port.ts';

let directory: string;
let opened: Ledger[];

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'candor-ledger-')), '.candor');
  opened = [];
});

afterEach(async () => {
  for (const ledger of opened) await ledger.close();
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

async function open(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  const ledger = await openLedger({ directory, wallTime: () => 1_700_000_000_000, ...options });
  opened.push(ledger);
  return ledger;
}

function intentOf(id: string, second = 0): IntentRecord {
  return {
    id,
    object: 'intent',
    created_at: new Date(1_700_000_000_000 + second * 1000).toISOString(),
    key: null,
    dialect: 'openai-chat',
    stream: false,
    config: 'abc',
    asked: 'legal',
    route: 'legal',
    data: ['public'],
    request: { sha256: '00' },
    plan: ['openai/gpt-4o', 'anthropic/claude-opus'],
    simulated: true,
    trace: 'http://127.0.0.1:4141/r/gen',
  };
}

function attemptOf(n: number): AttemptRecord {
  return {
    deployment: 'anthropic/claude-opus',
    status: 200,
    kind: 'ok',
    ms: 12,
    cost: 0.1,
    n,
    why: 'primary',
    model_asked: 'claude-opus',
    model_reported: null,
    region_reported: null,
    template: null,
    sent: { body: null, sha256: null },
    received: { body: null, sha256: null },
    usage: null,
    price: null,
    finish: 'stop',
    finish_native: 'end_turn',
    upstream: { request_id: null, error: null },
    possibly_billed: true,
    timings_ms: { queue: null, connect: null, headers: null, first_token: null, last: null, total: 12 },
    sim_fault: null,
    adjustments: [],
    validation: { status: 'none', verdicts: [] },
    flags: [],
  };
}

function recordOf(id: string, attempts = 1, second = 0): GenerationRecord {
  const intent = intentOf(id, second);
  return {
    id,
    object: 'generation',
    status: 'complete',
    http: 200,
    error: null,
    created_at: intent.created_at,
    ended_at: intent.created_at,
    key: null,
    dialect: 'openai-chat',
    stream: false,
    config: 'abc',
    asked: 'legal',
    route: 'legal',
    served_by: 'anthropic/claude-opus@us',
    simulated: false,
    fallback: null,
    degraded: null,
    adjustments: [],
    validation: { status: 'none', verdicts: [] },
    confidence: { value: null, status: 'unknown', signals: {} },
    data: ['public'],
    why: 'ü “because” 🦊',
    trace: 'http://127.0.0.1:4141/r/x',
    request: { body: null, sha256: '00', params: {}, tags: {} },
    candidates: [],
    decision: null,
    attempts: Array.from({ length: attempts }, (_, index) => attemptOf(index + 1)),
    usage: null,
    cost: 0.1,
  };
}

function contentOf(request: string, sent: string | null, received: readonly string[]): GenerationContent {
  return {
    request: Buffer.from(request),
    attempts: [
      { sent: sent === null ? null : Buffer.from(sent), received: received.map((piece) => Buffer.from(piece)) },
    ],
  };
}

function bodiesOf(view: JsonObject | null): unknown {
  const { request, attempts } = view as unknown as {
    request: { body: string | null };
    attempts: { sent: { body: string | null }; received: { body: string | null } }[];
  };
  return { request: request.body, attempts: attempts.map(({ sent, received }) => [sent.body, received.body]) };
}

/** Every whole frame of the journal but checkpoints; the chain is checked on the way and each file must end with one. */
function frames(): readonly SegmentFrame[] {
  return allFrames().filter(({ payload }) => decodeStatement(payload.toString()) === null);
}

function allFrames(): readonly SegmentFrame[] {
  const found: SegmentFrame[] = [];
  for (const name of segments()) {
    const reader = readSegment(join(directory, 'journal', name), { from: null, upTo: null, checkChain: true });
    let step = reader.next();
    for (; step.done !== true; step = reader.next()) found.push(step.value);
    if (step.value.kind !== 'end') throw new Error(`${name} is ${step.value.kind} at ${step.value.offset}`);
  }
  return found;
}

function segments(): readonly string[] {
  return readdirSync(join(directory, 'journal'))
    .filter((name) => name.endsWith('.jnl'))
    .toSorted();
}

/** Paths of all files in the folder. */
function files(): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

/** The machine's file system, each of whose calls a test can let fail. */
function failingFileSystem(): FileSystem & {
  failWrite: (() => void) | null;
  shortWrites: boolean;
  descriptors: number[];
} {
  return {
    failWrite: null,
    shortWrites: false,
    descriptors: [],
    openNew(path) {
      const descriptor = nodeFileSystem.openNew(path);
      this.descriptors.push(descriptor);
      return descriptor;
    },
    openShared: (path) => nodeFileSystem.openShared(path),
    write(descriptor, bytes, offset, position) {
      if (this.failWrite !== null) {
        // Some bytes reach the disk before it is full.
        nodeFileSystem.write(descriptor, bytes.subarray(0, offset + 5), offset, position);
        this.failWrite();
      }
      const part = this.shortWrites ? bytes.subarray(0, Math.min(bytes.length, offset + 7)) : bytes;
      return nodeFileSystem.write(descriptor, part, offset, position);
    },
    truncate: (descriptor, length) => nodeFileSystem.truncate(descriptor, length),
    close: (descriptor) => nodeFileSystem.close(descriptor),
  };
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

describe('a record', () => {
  it('is found with its bodies the moment finish resolves, and running before', async () => {
    const ledger = await open();
    expect(await ledger.find('gen_1')).toBeNull();
    await ledger.begin(intentOf('gen_1'));
    expect(await ledger.find('gen_1')).toMatchObject({
      id: 'gen_1',
      object: 'generation',
      status: 'running',
      asked: 'legal',
      ended_at: null,
      candidates: [
        { deployment: 'openai/gpt-4o', verdict: 'eligible', reasons: [] },
        { deployment: 'anthropic/claude-opus' },
      ],
      chain: { writer: ledger.writer, seq: 2 },
    });
    const position = await ledger.finish(
      recordOf('gen_1'),
      contentOf('{"a":1}', '{"b":"ü\\n🦊"}', ['data: ', 'x\n\n']),
    );
    expect(position).toMatchObject({ writer: ledger.writer, seq: 3 });
    const found = await ledger.find('gen_1');
    expect(found).toMatchObject({ status: 'complete', why: 'ü “because” 🦊', content: 'kept', chain: position });
    expect(bodiesOf(found)).toEqual({ request: '{"a":1}', attempts: [['{"b":"ü\\n🦊"}', 'data: x\n\n']] });
  });

  it('is found again after the folder is opened again', async () => {
    const first = await open();
    await first.begin(intentOf('gen_1'));
    const position = await first.finish(recordOf('gen_1'), contentOf('question', null, ['answer']));
    const before = await first.find('gen_1');
    await first.close();
    const second = await open();
    expect(second.writer).not.toBe(first.writer);
    expect(second.warnings).toEqual([]);
    expect(await second.find('gen_1')).toEqual(before);
    expect(before).toMatchObject({ chain: position });
    expect(bodiesOf(before)).toEqual({ request: 'question', attempts: [[null, 'answer']] });
  });

  it('keeps bodies of a megabyte, three attempts, and pieces of any bytes', async () => {
    const ledger = await open();
    const large = 'é'.repeat(512 * 1024);
    const content: GenerationContent = {
      request: Buffer.from(large),
      attempts: [
        { sent: Buffer.from(`x${large}`), received: [] },
        { sent: null, received: [Buffer.alloc(0)] },
        { sent: Buffer.from(large), received: [Buffer.from('\u0000\u0001\ufeff\u2028'), Buffer.from(large)] },
      ],
    };
    await ledger.finish(recordOf('gen_1', 3), content);
    expect(bodiesOf(await ledger.find('gen_1'))).toEqual({
      request: large,
      attempts: [
        [`x${large}`, null],
        [null, ''],
        [large, `\u0000\u0001\ufeff\u2028${large}`],
      ],
    });
  });

  it('says when its content was not kept', async () => {
    const ledger = await open();
    await ledger.finish(recordOf('gen_1'), null);
    const found = await ledger.find('gen_1');
    expect(found).toMatchObject({ content: 'not_kept', request: { body: null, sha256: '00' } });
    expect(readdirSync(join(directory, 'content'))).toEqual([]);
  });

  it('counts as it was when it was handed in', async () => {
    const ledger = await open();
    const record = { ...recordOf('gen_1'), why: 'first' };
    const finished = ledger.finish(record, null);
    record.why = 'second';
    await finished;
    expect(await ledger.find('gen_1')).toMatchObject({ why: 'first' });
  });
});

describe('content', () => {
  it.each([
    ['gone', 'erased', (path: string) => rmSync(path)],
    ['cut', 'lost', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 60))],
    [
      'changed',
      'lost',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
    ],
  ])('that is %s is %s, and the record stays', async (_, content, damage) => {
    const ledger = await open();
    await ledger.finish(recordOf('gen_1'), contentOf('q', 's', ['r']));
    damage(join(directory, 'content', `${ledger.writer}-1.dat`));
    const found = await ledger.find('gen_1');
    expect(found).toMatchObject({ content, why: 'ü “because” 🦊' });
    expect(bodiesOf(found)).toEqual({ request: null, attempts: [[null, null]] });
    expect(frames()).toHaveLength(1);
  });

  it('is lost with its key', async () => {
    const first = await open();
    await first.finish(recordOf('gen_1'), contentOf('q', 's', ['r']));
    await first.close();
    rmSync(join(directory, 'keyring', 'content.key'));
    const second = await open();
    expect(await second.find('gen_1')).toMatchObject({ content: 'lost' });
    expect(second.warnings).toEqual([expect.stringContaining('keyring/content.key was not there and was made anew')]);
  });

  it('appears neither in the journal nor in the store, and not in clear', async () => {
    const ledger = await open();
    const secret = `canary-${randomBytes(8).toString('hex')}`;
    await ledger.finish(recordOf('gen_1'), contentOf(secret, secret, [secret]));
    await ledger.close();
    expect(files().length).toBeGreaterThan(3);
    expect(files().filter((path) => readFileSync(path).includes(secret))).toEqual([]);
  });

  it('keeps a sent body that differs by its model name only once', async () => {
    const ledger = await open();
    const text = randomBytes(15_000).toString('base64');
    const request = `{"model":"legal","messages":"${text}","stream":true}`;
    const sent = `{"model":"gpt-4o-2024","messages":"${text}","stream":true,"stream_options":{"include_usage":true}}`;
    await ledger.finish(recordOf('gen_1'), contentOf(request, sent, ['ok']));
    expect(statSync(join(directory, 'content', `${ledger.writer}-1.dat`)).size).toBeLessThan(request.length + 600);
    expect(bodiesOf(await ledger.find('gen_1'))).toEqual({ request, attempts: [[sent, 'ok']] });
  });
});

describe('the chain', () => {
  it('runs over all frames of a writer, in the order of the answers', async () => {
    const ledger = await open();
    const positions = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        await ledger.begin(intentOf(`gen_${index}`));
        return ledger.finish(
          recordOf(`gen_${index}`),
          index % 3 === 0 ? null : contentOf(`q${index}`, null, [`a${index}`]),
        );
      }),
    );
    const written = frames();
    expect(written.map((frame) => frame.seq)).toEqual(Array.from({ length: 600 }, (_, index) => index + 2));
    for (const { seq, prev, hash } of positions) {
      expect(written[seq - 2]?.hash.toString('hex')).toBe(hash);
      expect(written[seq - 2]?.previous.toString('hex')).toBe(prev);
    }
    expect(bodiesOf(await ledger.find('gen_298'))).toEqual({ request: 'q298', attempts: [[null, 'a298']] });
  });
});

describe('a list', () => {
  it('lists the newest first, from memory and store together, without bodies', async () => {
    const first = await open();
    for (let second = 0; second < 5; second++) {
      await first.finish(recordOf(`gen_${second}`, 1, second), contentOf('q', 's', ['r']));
    }
    await first.close();
    const second = await open();
    await second.finish(recordOf('gen_7', 1, 7), null);
    await second.begin(intentOf('gen_6', 6));
    const { generations: listed } = await second.list({ filters: {}, limit: 4, after: null });
    expect(listed.map((view) => [view['id'], view['status'], view['content']])).toEqual([
      ['gen_7', 'complete', 'not_kept'],
      ['gen_6', 'running', 'not_kept'],
      ['gen_4', 'complete', 'kept'],
      ['gen_3', 'complete', 'kept'],
    ]);
    expect(bodiesOf(listed[2] ?? null)).toEqual({ request: null, attempts: [[null, null]] });
  });
});

describe('a disk that fails', () => {
  it('refuses what was not written, keeps the chain, and goes on when it can', async () => {
    const fileSystem = failingFileSystem();
    const ledger = await open({ fileSystem });
    await ledger.finish(recordOf('gen_1'), contentOf('q', null, ['r']));
    fileSystem.failWrite = () => {
      throw systemError('ENOSPC');
    };
    const refused = [ledger.begin(intentOf('gen_2')), ledger.finish(recordOf('gen_3'), contentOf('q', null, []))];
    for (const outcome of await Promise.allSettled(refused)) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'LedgerUnavailable', cause: { code: 'ENOSPC' } },
      });
    }
    await expect(ledger.begin(intentOf('gen_4'))).rejects.toBeInstanceOf(LedgerUnavailable);
    fileSystem.failWrite = null;
    await ledger.begin(intentOf('gen_5'));
    const position = await ledger.finish(recordOf('gen_5'), contentOf('q5', null, ['r5']));
    expect(position.seq).toBe(4);
    expect(await ledger.find('gen_3')).toBeNull();
    expect(bodiesOf(await ledger.find('gen_1'))).toEqual({ request: 'q', attempts: [[null, 'r']] });
    expect(bodiesOf(await ledger.find('gen_5'))).toEqual({ request: 'q5', attempts: [[null, 'r5']] });
    expect(frames()).toHaveLength(3);
    expect(segments()).toHaveLength(1);
  });

  it('goes on in a new segment of the same chain when the file is gone from under it', async () => {
    const fileSystem = failingFileSystem();
    const ledger = await open({ fileSystem });
    const first = await ledger.finish(recordOf('gen_1'), null);
    for (const descriptor of fileSystem.descriptors) nodeFileSystem.close(descriptor);
    await expect(ledger.begin(intentOf('gen_2'))).rejects.toMatchObject({ cause: { code: 'EBADF' } });
    const next = await ledger.finish(recordOf('gen_3'), null);
    expect(next.seq).toBe(first.seq + 1);
    expect(segments()).toEqual([`${ledger.writer}-1.jnl`, `${ledger.writer}-2.jnl`]);
    const header = readFileSync(join(directory, 'journal', `${ledger.writer}-2.jnl`)).toString('latin1');
    expect(header).toContain(`"first_seq":3,"previous":"${first.hash}"`);
    await ledger.close();
    const second = await open();
    expect(await second.find('gen_1')).toMatchObject({ chain: first });
    expect(await second.find('gen_3')).toMatchObject({ chain: next });
  });

  it('costs a record whose content cannot be encoded, and no other one of the moment', async () => {
    const ledger = await open();
    const broken = { request: Buffer.from('q'), attempts: [{ sent: null, received: [null as unknown as Buffer] }] };
    await ledger.begin(intentOf('gen_2'));
    const outcomes = await Promise.allSettled([
      ledger.finish(recordOf('gen_1'), contentOf('q1', 's1', ['r1'])),
      ledger.finish(recordOf('gen_2'), broken),
      ledger.finish(recordOf('gen_3'), contentOf('q3', null, ['r3'])),
      ledger.begin(intentOf('gen_4')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { name: 'LedgerUnavailable' } });
    expect(bodiesOf(await ledger.find('gen_1'))).toEqual({ request: 'q1', attempts: [['s1', 'r1']] });
    expect(bodiesOf(await ledger.find('gen_3'))).toEqual({ request: 'q3', attempts: [[null, 'r3']] });
    expect(await ledger.find('gen_2')).toMatchObject({ status: 'interrupted', content: 'not_kept' });
    expect(await ledger.find('gen_4')).toMatchObject({ status: 'running' });
    // The lone one writes nothing of content at all.
    await expect(ledger.finish(recordOf('gen_5'), broken)).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(await ledger.find('gen_5')).toBeNull();
  });

  it('writes whole frames through short writes', async () => {
    const fileSystem = failingFileSystem();
    fileSystem.shortWrites = true;
    const ledger = await open({ fileSystem });
    await ledger.begin(intentOf('gen_1'));
    await ledger.finish(recordOf('gen_1'), contentOf('question', null, ['answer']));
    expect(frames()).toHaveLength(2);
    expect(bodiesOf(await ledger.find('gen_1'))).toEqual({ request: 'question', attempts: [[null, 'answer']] });
  });
});

describe('the store', () => {
  it('holds begin back while it is behind, and lets go of what it has', async () => {
    const ledger = await open({ unshippedLimit: 3 });
    for (let index = 0; index < 12; index++) {
      await ledger.begin(intentOf(`gen_${index}`));
      await ledger.finish(recordOf(`gen_${index}`), contentOf(`q${index}`, null, []));
    }
    expect(bodiesOf(await ledger.find('gen_0'))).toEqual({ request: 'q0', attempts: [[null, null]] });
    expect((await ledger.list({ filters: {}, limit: 20, after: null })).generations).toHaveLength(12);
  });

  it('refuses begin when it stays behind, and names why', async () => {
    const timers: (() => void)[] = [];
    const clock = {
      setTimer(delayMs: number, callback: () => void) {
        if (delayMs === 5000) timers.push(callback);
        return { cancel: () => undefined };
      },
    };
    const ledger = await open({ unshippedLimit: 1, clock });
    await ledger.finish(recordOf('gen_1'), null);
    const begun = ledger.begin(intentOf('gen_2'));
    expect(timers).toHaveLength(1);
    timers[0]?.();
    await expect(begun).rejects.toThrow(/the store is 1 records behind/);
  });

  it('is started again when its thread ends, and loses nothing', async () => {
    const stops: (() => Promise<void>)[] = [];
    const ledger = await open({
      unshippedLimit: 1,
      clock: {
        setTimer(delayMs, callback) {
          const timer = delayMs === 5000 ? null : setImmediate(callback);
          return { cancel: () => clearImmediate(timer ?? undefined) };
        },
      },
      connectStore(options, listener) {
        const port = connectStore(options, listener);
        stops.push(() => port.stop());
        return port;
      },
    });
    await ledger.finish(recordOf('gen_1'), null);
    await stops[0]?.();
    // Its slot is free only when the second thread has taken the first record over.
    await ledger.begin(intentOf('gen_2'));
    expect(stops.length).toBeGreaterThan(1);
    expect(await ledger.find('gen_1')).toMatchObject({ status: 'complete' });
  });

  it('takes over what a process left in the journal', async () => {
    const first = await open({ connectStore: deafStore });
    const position = await first.finish(recordOf('gen_1'), contentOf('q', null, ['r']));
    await first.close();
    const second = await open();
    expect(await second.find('gen_1')).toMatchObject({ chain: position, content: 'kept' });
  });

  it('says when an earlier journal is damaged', async () => {
    const first = await open({ connectStore: deafStore });
    await first.finish(recordOf('gen_1'), null);
    await first.finish(recordOf('gen_2'), null);
    await first.close();
    const path = join(directory, 'journal', `${first.writer}-1.jnl`);
    const bytes = readFileSync(path);
    const { offset } = frames()[1] ?? { offset: 0 };
    bytes[offset + 100] = 0x21;
    writeFileSync(path, bytes);
    const second = await open();
    expect(second.warnings).toEqual([expect.stringContaining(`${first.writer}-1.jnl is damaged at byte`)]);
    expect(await second.find('gen_1')).toMatchObject({ status: 'complete' });
    expect(await second.find('gen_2')).toBeNull();
  });
});

/** A store that opens and closes and otherwise says nothing: everything stays in the journal. */
function deafStore(...[, listener]: Parameters<typeof connectStore>): ReturnType<typeof connectStore> {
  setImmediate(() => listener.onReply({ type: 'ready', warnings: [], unfinished: [] }));
  return {
    post(request) {
      if (request.type === 'ship') listener.onReply({ type: 'ship-failed', message: 'deaf' });
      if (request.type === 'close') listener.onReply({ type: 'closed' });
    },
    stop: () => Promise.resolve(),
  };
}

describe('the folder', () => {
  it('is its owner’s alone', async () => {
    const ledger = await open();
    await ledger.finish(recordOf('gen_1'), contentOf('q', null, ['r']));
    await ledger.close();
    for (const name of ['.', 'journal', 'content', 'keyring']) {
      expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o700);
    }
    expect(files().filter((path) => (statSync(path).mode & 0o777) !== 0o600)).toEqual([]);
    chmodSync(join(directory, 'keyring', 'content.key'), 0o644);
    await (await open()).close();
    expect(statSync(join(directory, 'keyring', 'content.key')).mode & 0o777).toBe(0o600);
  });

  it('serves one gateway, whose pid the second one is told', async () => {
    const ledger = await open();
    await expect(open()).rejects.toThrow(`pid ${process.pid}`);
    await ledger.close();
    await open();
  });

  it('is refused when its key file is no key', async () => {
    await (await open()).close();
    writeFileSync(join(directory, 'keyring', 'content.key'), 'short');
    await expect(open()).rejects.toThrow(/is not a content key/);
    rmSync(join(directory, 'keyring', 'content.key'));
    await open();
  });

  it('refuses records after close', async () => {
    const ledger = await open();
    const waiting = ledger.begin(intentOf('gen_1'));
    await ledger.close();
    await waiting;
    await expect(ledger.begin(intentOf('gen_2'))).rejects.toBeInstanceOf(LedgerUnavailable);
  });
});
