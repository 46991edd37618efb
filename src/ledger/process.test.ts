import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSources, type CompiledSources } from '../../test/support/compiled-sources.ts';
import { openLedger } from './ledger.ts';
import { readSegment } from './journal/journal-reader.ts';
import { decodePayload } from './journal/payload.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

/** Opens the ledger of the folder in a process of its own and runs the statements there. */
function run(directory: string, statements: string): ReturnType<typeof spawn> {
  const script = `
    import { openLedger } from ${JSON.stringify(pathToFileURL(sources.path('ledger/ledger')).href)};
    const directory = ${JSON.stringify(directory)};
    const ledger = await openLedger({ directory, wallTime: Date.now });
    const created_at = new Date().toISOString();
    const record = (id) => ({ id, object: 'generation', status: 'complete', http: 200, created_at, request: { body: null }, attempts: [{ sent: {}, received: {} }] });
    ${statements}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function linesOf(child: ReturnType<typeof spawn>, onLine: (line: string) => void): Promise<void> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) onLine(line);
}

/** Ids of the finals in the journal's files, and how each file ends. */
function finalsInJournal(directory: string): {
  readonly ids: ReadonlySet<unknown>;
  readonly ends: ReadonlySet<string>;
} {
  const ids = new Set<unknown>();
  const ends = new Set<string>();
  for (const name of readdirSync(join(directory, 'journal')).filter((file) => file.endsWith('.jnl'))) {
    const frames = readSegment(join(directory, 'journal', name), { from: null, upTo: null, checkChain: true });
    let step = frames.next();
    for (; step.done !== true; step = frames.next()) {
      const payload = decodePayload(step.value.payload.toString());
      if (payload?.type === 'final') ids.add(payload.record['id']);
    }
    ends.add(step.value.kind);
  }
  return { ids, ends };
}

describe('a process of its own', () => {
  it('keeps its store on a worker thread and finds there what it wrote', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-thread-'));
    const seen: string[] = [];
    await linesOf(
      run(
        directory,
        `await ledger.finish(record('gen_1'), { request: Buffer.from('q'), attempts: [{ sent: null, received: [Buffer.from('a')] }] });
         await ledger.close();
         const again = await openLedger({ directory, wallTime: Date.now });
         const found = await again.find('gen_1');
         const { generations: listed } = await again.list({ filters: {}, limit: 5, after: null });
         await again.close();
         console.log(JSON.stringify([found.content, found.attempts[0].received.body, listed.length, again.warnings]));`,
      ),
      (line) => seen.push(line),
    );
    rmSync(directory, { recursive: true, force: true });
    expect(seen).toEqual(['["kept","a",1,[]]']);
  });

  it('that is killed loses no record it has acknowledged, and the next one finds them all', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-kill-'));
    const acknowledged: string[] = [];
    const noted: string[] = [];
    for (let kill = 1; kill <= 5; kill++) {
      const child = run(
        directory,
        `const writer = async (lane) => {
           for (let n = 0; ; n++) {
             const id = 'gen_' + process.pid + '_' + lane + '_' + n;
             await ledger.begin({ id, object: 'intent', created_at, plan: [] });
             await ledger.finish(record(id), { request: Buffer.alloc(700, 120), attempts: [{ sent: null, received: [Buffer.alloc(300, 121)] }] });
             process.stdout.write(id + '\\n');
             const out = id.replace('gen', 'out');
             await ledger.note({ id: out, object: 'outcome', created_at, body: { accepted: true } });
             process.stdout.write(out + '\\n');
           }
         };
         await Promise.all([0, 1, 2, 3].map(writer));`,
      );
      const exited = once(child, 'exit');
      let lines = 0;
      // At a different moment each time: after so many answers, wherever the writing is then.
      await linesOf(child, (line) => {
        if (/^out_\d+_\d_\d+$/.test(line)) noted.push(line);
        if (!/^gen_\d+_\d_\d+$/.test(line)) return;
        acknowledged.push(line);
        if (++lines === 37 * kill) child.kill('SIGKILL');
      });
      await exited;
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(37 * 15);
    const written = finalsInJournal(directory);
    expect(acknowledged.filter((id) => !written.ids.has(id))).toEqual([]);
    expect(written.ends).not.toContain('damaged');
    const ledger = await openLedger({ directory, wallTime: Date.now });
    const lost: string[] = [];
    for (const id of acknowledged) if ((await ledger.find(id))?.['content'] !== 'kept') lost.push(id);
    const outcomes = new Set((await ledger.events({ object: 'outcome' })).map(({ id }) => id));
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
    // What was under way at the kill is told of; nothing else is wrong.
    expect(ledger.warnings.filter((warning) => !warning.includes('recorded as interrupted'))).toEqual([]);
    expect(lost).toEqual([]);
    expect(noted.length).toBeGreaterThan(37 * 10);
    expect(noted.filter((id) => !outcomes.has(id))).toEqual([]);
  });

  it('that is killed between the beginning and the end of a request leaves it on record as interrupted', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-interrupted-'));
    const child = run(
      directory,
      `await ledger.begin({ id: 'gen_cut', object: 'intent', created_at, asked: 'legal', plan: ['openai/gpt-4o'] });
       await ledger.begin({ id: 'gen_done', object: 'intent', created_at, asked: 'legal', plan: ['openai/gpt-4o'] });
       await ledger.finish(record('gen_done'), null);
       console.log(ledger.writer);
       setInterval(() => undefined, 1000);`,
    );
    const exited = once(child, 'exit');
    let dead = '';
    await linesOf(child, (line) => {
      dead = line;
      child.kill('SIGKILL');
    });
    await exited;
    const ledger = await openLedger({ directory, wallTime: Date.now });
    const found = await ledger.find('gen_cut');
    expect(found).toMatchObject({ status: 'interrupted', asked: 'legal', http: null, ended_at: null, cost: null });
    expect(found).toMatchObject({ chain: { writer: ledger.writer, seq: 2 } });
    expect(ledger.writer).not.toBe(dead);
    const { generations } = await ledger.list({ filters: {}, limit: 9, after: null });
    expect(generations.map((view) => [view['id'], view['status']])).toEqual([
      ['gen_done', 'complete'],
      ['gen_cut', 'interrupted'],
    ]);
    await ledger.close();
    expect(finalsInJournal(directory)).toEqual({ ids: new Set(['gen_done', 'gen_cut']), ends: new Set(['end']) });
    rmSync(directory, { recursive: true, force: true });
  });

  it('that was killed leaves a lock the next one takes over; one that lives keeps it and is named', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-lock-'));
    const child = run(directory, `console.log('open'); setInterval(() => undefined, 1000);`);
    try {
      if (child.stdout === null) throw new Error('no stdout');
      await once(child.stdout, 'data');
      const second = openLedger({ directory, wallTime: Date.now });
      await expect(second).rejects.toMatchObject({ name: 'FolderLocked', pid: child.pid });
      await expect(second).rejects.toThrow(`pid ${child.pid}`);
    } finally {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    const ledger = await openLedger({ directory, wallTime: Date.now });
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  });
});
