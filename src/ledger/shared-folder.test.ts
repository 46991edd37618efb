import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringMember } from '../core/json.ts';
import { intentOf, LedgerFolder, recordOf } from '../../test/support/ledger-folder.ts';
import { turns } from '../../test/support/manual-clock.ts';
import type { Ledger } from './ledger.ts';
import type { connectStore } from './store/store-port.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const kindsBy = (ledger: Ledger): readonly string[] =>
  folder
    .statements()
    .filter(({ by }) => by === ledger.writer)
    .map(({ kind }) => kind);

async function idsOf(ledger: Ledger): Promise<readonly string[]> {
  const { generations } = await ledger.list({ filters: {}, limit: 50, after: null });
  return generations.map((view) => `${stringMember(view, 'id')} ${stringMember(view, 'status')}`).toSorted();
}

describe('a ledger beside the one that holds the folder', () => {
  it('takes no lock and leaves what others have left open to that one', async () => {
    const before = await folder.open();
    await before.begin(intentOf('gen_before'));
    await before.close();
    const worker = await folder.open({ shared: true, keepMs: 1 });
    expect(existsSync(join(folder.directory, 'lock'))).toBe(false);
    expect(worker.warnings).toEqual([]);
    expect(kindsBy(worker)).toEqual(['opened']);
    folder.clock.advance(48 * 60 * 60 * 1000);
    await worker.begin(intentOf('gen_1'));
    expect(await worker.find('gen_before')).toMatchObject({ status: 'running' });
    await worker.close();
    expect(kindsBy(worker)).not.toContain('found');
    expect(kindsBy(worker)).not.toContain('retired');
    expect(kindsBy(worker).at(-1)).toBe('closed');
  });

  it('leaves a half line of checkpoints alone: the one who holds the folder may be writing it', async () => {
    const owner = await folder.open();
    appendFileSync(join(folder.directory, 'journal', 'checkpoints.jsonl'), '{"type":');
    const worker = await folder.open({ shared: true });
    expect(worker.warnings).toEqual([expect.stringContaining('is not whole')]);
    expect(kindsBy(owner)).toEqual(['opened']);
    expect(kindsBy(worker)).toEqual([]);
  });
});

describe('the next holder of a folder', () => {
  it('writes nothing before those who wrote beside the last one are gone', async () => {
    const guest = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    try {
      const mark = join(folder.directory, 'lock-0123456789abcdef');
      writeFileSync(mark, JSON.stringify({ pid: guest.pid, birth: null }));
      const [refused] = await Promise.allSettled([folder.open(), elapse(10_000)]);
      expect(String(refused.status === 'rejected' && refused.reason)).toContain(
        `in use by the gateway with pid ${guest.pid}`,
      );
      const opening = folder.open();
      await elapse(500);
      expect(existsSync(join(folder.directory, 'journal'))).toBe(false);
      guest.kill('SIGKILL');
      await once(guest, 'exit');
      await elapse(50);
      await opening;
      expect(existsSync(mark)).toBe(false);
    } finally {
      guest.kill('SIGKILL');
    }
  });

  it('does not wait for one that has closed', async () => {
    const owner = await folder.open();
    const worker = await folder.open({ shared: true });
    expect(marks()).toHaveLength(2);
    await worker.close();
    await owner.close();
    expect(marks()).toEqual([]);
  });

  const marks = (): readonly string[] => readdirSync(folder.directory).filter((name) => name.startsWith('lock'));

  /** Lets so much time pass, a bit at a time: each wait begins when the one before is over. */
  async function elapse(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      folder.clock.advance(50);
      await turns(2);
    }
  }
});

describe('recover', () => {
  let owner: Ledger;
  let worker: Ledger;
  let other: Ledger;
  beforeEach(async () => {
    owner = await folder.open();
    // What it ships is lost with it, as it may be with a process that dies.
    worker = await folder.open({ shared: true, connectStore: silentStore });
    other = await folder.open({ shared: true });
    await worker.begin(intentOf('gen_cut'));
    await worker.begin(intentOf('gen_done'));
    await worker.finish(recordOf('gen_done'), null);
    await other.begin(intentOf('gen_running'));
  });

  it('records as interrupted what that writer had begun, and nothing of those that live', async () => {
    await owner.recover(worker.writer);
    expect(await owner.find('gen_cut')).toMatchObject({ status: 'interrupted', chain: { writer: owner.writer } });
    expect(await idsOf(other)).toEqual(['gen_cut interrupted', 'gen_done complete', 'gen_running running']);
    const found = folder.statements().find(({ kind }) => kind === 'found');
    const last = folder.frames(worker.writer).at(-1);
    expect(found).toMatchObject({
      by: owner.writer,
      writer: worker.writer,
      seq: last?.seq,
      head: last?.hash,
      count: 1,
    });
    expect(owner.warnings).toEqual([expect.stringMatching(/process of writer .* interrupted: 1$/)]);
    await other.finish(recordOf('gen_running'), null);
    expect(await owner.find('gen_running')).toMatchObject({ status: 'complete' });
    expect(folder.problems()).toEqual([]);
  });

  it('does so once, however often it is asked', async () => {
    await Promise.all([owner.recover(worker.writer), owner.recover(worker.writer)]);
    await owner.recover(worker.writer);
    expect(folder.statements().filter(({ kind }) => kind === 'found')).toHaveLength(1);
    const finals = folder.frames(owner.writer).filter(({ text }) => text.includes('"id":"gen_cut"'));
    expect(finals).toHaveLength(1);
  });

  it('of a writer that has closed signs nothing more', async () => {
    await other.finish(recordOf('gen_running'), null);
    await other.close();
    await owner.recover(other.writer);
    expect(kindsBy(owner)).toEqual(['opened']);
    expect(owner.warnings).toEqual([]);
  });

  it('cuts off the half line its process may have left, and only when that stays as it is', async () => {
    const log = join(folder.directory, 'journal', 'checkpoints.jsonl');
    appendFileSync(log, '{"type":"checkpoint"');
    const recovered = owner.recover(worker.writer);
    await turns(1);
    // Somebody was writing it.
    appendFileSync(log, '}\n');
    await folder.clock.passUntil(recovered);
    expect(folder.lines()).toContain('{"type":"checkpoint"}');
    appendFileSync(log, '{"type":"check');
    await folder.clock.passUntil(owner.recover(worker.writer));
    expect(folder.lines().at(-1)).toContain('"kind":"found"');
    await owner.begin(intentOf('gen_after'));
    folder.clock.advance(10_000);
    expect(folder.lines().at(-1)).toContain('"kind":"running"');
  });
});

describe('two processes that ship the same segment', () => {
  it('leave each record once in the store, and none unfinished that has ended', async () => {
    const owner = await folder.open();
    const others = await Promise.all([1, 2, 3].map(() => folder.open({ shared: true })));
    const [worker] = others;
    if (worker === undefined) throw new Error('no worker');
    const lists: Promise<unknown>[] = [];
    for (let index = 0; index < 60; index++) {
      await worker.begin(intentOf(`gen_${index}`));
      // Each of them takes the worker's segment over, somewhere between an intent and its end.
      for (const ledger of [owner, ...others]) lists.push(ledger.list({ filters: {}, limit: 1, after: null }));
      await worker.finish(recordOf(`gen_${index}`), null);
      folder.clock.advance(50);
    }
    await Promise.all(lists);
    for (const ledger of [...others, owner]) await ledger.close();
    const again = await folder.open();
    expect(again.warnings).toEqual([]);
    await vi.waitFor(async () => {
      const { generations } = await again.list({ filters: {}, limit: 100, after: null });
      expect(generations.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 'complete'));
    });
  });
});

/** A store that opens and closes and takes nothing over. */
function silentStore(...[, listener]: Parameters<typeof connectStore>): ReturnType<typeof connectStore> {
  setImmediate(() => listener.onReply({ type: 'ready', warnings: [], unfinished: [] }));
  return {
    post(request) {
      if (request.type === 'ship') listener.onReply({ type: 'ship-failed', message: 'silent' });
      if (request.type === 'close') listener.onReply({ type: 'closed' });
    },
    stop: () => Promise.resolve(),
  };
}
