import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { intentOf, LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import type { Ledger } from '../../ledger/ledger.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const verify = (...more: readonly string[]): Promise<CliOutcome> =>
  runCandor(['verify', '--state', '.', ...more], { cwd: folder.directory });

async function work(ledger: Ledger): Promise<void> {
  await ledger.begin(intentOf('gen_1'));
  await ledger.finish(recordOf('gen_1'), { request: Buffer.from('q'), attempts: [] });
}

/** What was printed, with the names of writers and the chance in them taken out. */
function golden(text: string, writers: readonly Ledger[]): string {
  return writers.reduce((out, { writer }, index) => out.replaceAll(writer, `writer-number-0${index + 1}`), text);
}

it('prints a line for each writer, what is worth knowing, and the verdict', async () => {
  const closed = await folder.open();
  await work(closed);
  await closed.close();
  const open = await folder.open();
  await work(open);
  const { exitCode, out, said } = await verify();
  expect({ exitCode, said }).toEqual({ exitCode: 0, said: '' });
  expect(golden(out, [closed, open])).toBe(
    `writer            segments  frames  records  state   last checkpoint                    not covered
writer-number-01         1       4        1  closed  frame 3, 2026-11-02T12:00:00.000Z            0
writer-number-02         1       3        1  open    frame 0, 2026-11-02T12:00:00.000Z            2

2 records, 3 checkpoints; content: 2 kept, 0 erased, 0 damaged
note: writer writer-number-02: 2 records are newer than its last checkpoint of 2026-11-02T12:00:00.000Z: that they are changed or cut off would not be seen
note: the public keys lie beside the ledger: whoever can write there can make both anew. Keep them elsewhere: candor export --checkpoints
✓ nothing is wrong
`,
  );
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({ ok: true, records: 2, writers: [{}, {}] });
});

it('names each problem with its place, and ends with 1', async () => {
  const ledger = await folder.open();
  await work(ledger);
  await ledger.close();
  const name = `${ledger.writer}-1.jnl`;
  const path = join(folder.directory, 'journal', name);
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf('"type":"final"');
  bytes[at + 9] = 0x46;
  writeFileSync(path, bytes);
  const { exitCode, out } = await verify();
  expect(exitCode).toBe(1);
  expect(golden(out, [ledger]).split('\n').slice(-3, -1)).toEqual([
    `✗ writer-number-01-1.jnl, byte ${at - 41}, frame 3: its bytes are not what its checksum says`,
    '1 problem: the ledger is not as it was written, or that cannot be shown',
  ]);
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({
    ok: false,
    problems: [{ writer: ledger.writer, segment: name, offset: at - 41, seq: 3 }],
  });
});

it('compares with checkpoints that export has printed, and believes the keys it is given', async () => {
  const ledger = await folder.open();
  await work(ledger);
  const exported = await runCandor(['export', '--checkpoints', '--state', '.'], { cwd: folder.directory });
  expect(exported).toMatchObject({ exitCode: 0, said: '' });
  expect(exported.out.split('\n').map((line) => line.slice(0, 20))).toEqual([
    '{"type":"public_key"',
    '{"type":"checkpoint"',
    '',
  ]);
  writeFileSync(join(folder.directory, 'kept'), exported.out);
  await ledger.close();
  expect(await verify('--checkpoints', 'kept', '--public-key', 'keyring/ledger.pub')).toMatchObject({ exitCode: 0 });
  const log = join(folder.directory, 'journal', 'checkpoints.jsonl');
  writeFileSync(log, readFileSync(log, 'utf8').split('\n').slice(1).join('\n'));
  const changed = await verify('--checkpoints', 'kept');
  expect(changed.exitCode).toBe(1);
  expect(changed.out).toContain('✗ kept checkpoint 1: the ledger has it no longer');
});

it('says what it cannot find, with exit code 2', async () => {
  expect(await verify('--public-key', 'none.pub')).toMatchObject({
    exitCode: 2,
    said: expect.stringContaining('there is no ledger in .') as string,
  });
  await folder.open();
  expect(await verify('--public-key', 'none.pub')).toMatchObject({
    exitCode: 2,
    said: 'candor: none.pub cannot be read (ENOENT)\n',
  });
});
