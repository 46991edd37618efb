import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { compileSources } from '../../../test/support/compiled-sources.ts';
import { eventOf, intentOf, LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import type { Ledger } from '../../ledger/ledger.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const exported = (...more: readonly string[]): Promise<CliOutcome> =>
  runCandor(['export', '--state', '.', ...more], { cwd: folder.directory });

const recordsOf = ({ out }: CliOutcome): Record<string, unknown>[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function write(ledger: Ledger, id: string, createdAt: string, body: string | null): Promise<void> {
  await ledger.begin({ ...intentOf(id), created_at: createdAt });
  const record = { ...recordOf(id), created_at: createdAt };
  await ledger.finish(record, body === null ? null : { request: Buffer.from(body), attempts: [] });
}

describe('candor export', () => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await folder.open();
    await write(ledger, 'gen_1', '2026-11-20T00:00:00.000Z', 'one');
    await write(ledger, 'gen_2', '2026-11-21T00:00:00.000Z', null);
    await write(ledger, 'gen_3', '2026-11-22T00:00:00.000Z', 'three');
  });

  it('prints each record as it is found by its id, bodies only when asked for', async () => {
    const plain = await exported();
    expect(plain).toMatchObject({ exitCode: 0, said: '' });
    expect(recordsOf(plain).map(({ id, content, request }) => [id, content, request])).toEqual([
      ['gen_1', 'kept', { body: null }],
      ['gen_2', 'not_kept', { body: null }],
      ['gen_3', 'kept', { body: null }],
    ]);
    expect(recordsOf(await exported('--bodies'))).toEqual([
      await ledger.find('gen_1'),
      await ledger.find('gen_2'),
      await ledger.find('gen_3'),
    ]);
  });

  it('prints only what began in the time asked for', async () => {
    const ids = async (...range: readonly string[]): Promise<unknown> =>
      recordsOf(await exported(...range)).map(({ id }) => id);
    expect(await ids('--since', '2026-11-21')).toEqual(['gen_2', 'gen_3']);
    expect(await ids('--until', '2026-11-21T02:00:00+02:00')).toEqual(['gen_1']);
    expect(await ids('--since', '2026-11-20T00:00:01Z', '--until', '2026-11-22')).toEqual(['gen_2']);
    await write(ledger, 'gen_now', new Date().toISOString(), null);
    expect(await ids('--since', '1h')).toContain('gen_now');
    expect(await exported('--since', 'yesterday')).toMatchObject({
      exitCode: 2,
      said: expect.stringContaining('such as 1d') as string,
    });
  });

  it('says what is not among the records', async () => {
    await ledger.begin(intentOf('gen_open'));
    expect(await exported()).toMatchObject({
      exitCode: 0,
      said: 'candor: requests without a final record, which are not among these: 1\n',
    });
    const path = join(folder.directory, 'journal', `${ledger.writer}-1.jnl`);
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('"id":"gen_2"')] = 0x20;
    writeFileSync(path, bytes);
    const damaged = await exported();
    expect(recordsOf(damaged).map(({ id }) => id)).toEqual(['gen_1']);
    expect(damaged).toMatchObject({ exitCode: 1, said: expect.stringMatching(/is damaged at byte \d+/) as string });
  });

  it('prints the events alone when they are asked for, and else says how many there are', async () => {
    const outcome = eventOf('outcome', 'out_1', '2026-11-20T00:00:00.000Z', { accepted: true });
    const pair = eventOf('pair', 'pair_1', '2026-11-22T00:00:00.000Z');
    const chains = [await ledger.note(outcome), await ledger.note(pair)];
    const events = [
      { ...outcome, chain: chains[0] },
      { ...pair, chain: chains[1] },
    ];
    expect(recordsOf(await exported('--events'))).toEqual(events);
    expect(recordsOf(await exported('--events', '--since', '2026-11-21'))).toEqual(events.slice(1));
    const records = await exported();
    expect(recordsOf(records).map(({ id }) => id)).toEqual(['gen_1', 'gen_2', 'gen_3']);
    expect(records.said).toBe('candor: outcomes, certificates and pairs, which `candor export --events` prints: 2\n');
    expect(await exported('--events', '--bodies')).toMatchObject({ exitCode: 2 });
    expect(await exported('--events', '--checkpoints')).toMatchObject({ exitCode: 2 });
    const verified = await runCandor(['verify', '--state', '.'], { cwd: folder.directory });
    expect(verified.out).toContain('3 records, 2 events, 1 checkpoints; content');
  });

  it('tells erased from unreadable content, and wants the key when bodies are asked for', async () => {
    rmSync(join(folder.directory, 'content', `${ledger.writer}-1.dat`));
    expect(recordsOf(await exported('--bodies')).map(({ content }) => content)).toEqual([
      'erased',
      'not_kept',
      'erased',
    ]);
    rmSync(join(folder.directory, 'keyring', 'content.key'));
    expect(await exported('--bodies')).toMatchObject({
      exitCode: 1,
      said: expect.stringContaining('no keyring/content.key') as string,
    });
    expect(await exported('--checkpoints', '--bodies')).toMatchObject({ exitCode: 2 });
  });
});

it('ends well when its reader has seen enough', async () => {
  const ledger = await folder.open();
  for (let index = 0; index < 400; index++) {
    await ledger.finish({ ...recordOf(`gen_${index}`), why: 'x'.repeat(2000) }, null);
  }
  const sources = compileSources();
  const child = spawn(process.execPath, [sources.path('cli/main'), 'export', '--state', folder.directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await exited).toEqual([0, null]);
  expect(said).toBe('');
  sources.remove();
});
