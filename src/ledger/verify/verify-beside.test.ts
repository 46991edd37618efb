import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { compileSources } from '../../../test/support/compiled-sources.ts';
import { intentOf, LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import { seededRandom } from '../../../test/support/ledger-image.ts';
import { turns } from '../../../test/support/manual-clock.ts';
import type { Ledger } from '../ledger.ts';

const HOUR_MS = 60 * 60 * 1000;
const VERIFICATIONS = 6;

it('verifies a ledger again and again while it is written, rotated, signed and deleted from, without a false alarm', async () => {
  const sources = compileSources();
  const folder = new LedgerFolder();
  const options = { rotation: { bytes: 4000, ageMs: HOUR_MS }, keepMs: 6 * HOUR_MS };
  const ledgers = [await folder.open(options), await folder.open({ ...options, shared: true })];
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { verifyLedger } from ${JSON.stringify(pathToFileURL(sources.path('ledger/verify/verify')).href)};
       let isOver = false;
       process.stdin.on('end', () => (isOver = true)).resume();
       while (!isOver) {
         const { ok, problems, checkpoints } = verifyLedger(${JSON.stringify(folder.directory)}, { publicKeys: null, keptCheckpoints: null });
         console.log(JSON.stringify({ ok, problems, checkpoints }));
         await new Promise((resolve) => setImmediate(resolve));
       }`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const results: { readonly checkpoints: number }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => results.push(JSON.parse(line) as (typeof results)[0]));
  const exited = once(child, 'exit') as Promise<readonly unknown[]>;
  // Beside the verifications it is written on and signed, and something is deleted from it.
  const isSeen = (): boolean =>
    results.length >= VERIFICATIONS &&
    (results.at(-1)?.checkpoints ?? 0) > (results[0]?.checkpoints ?? 0) &&
    folder.statements().some(({ kind }) => kind === 'retired');
  const random = seededRandom(9);
  for (let index = 0; child.exitCode === null && (index % 50 !== 0 || !isSeen()); index++) {
    const ledger = ledgers[index % 2] as Ledger;
    const at = new Date(folder.clock.wallTime()).toISOString();
    await ledger.begin({ ...intentOf(`gen_${index}`), created_at: at });
    await ledger.finish(
      { ...recordOf(`gen_${index}`, at), created_at: at },
      { request: Buffer.from('q'), attempts: [] },
    );
    if (random() < 0.1) folder.clock.advance(random() < 0.2 ? HOUR_MS : 10_000);
    await turns(1);
  }
  child.stdin.end();
  expect(await exited).toEqual([0, null]);
  expect(results).toEqual(results.map(({ checkpoints }) => ({ ok: true, problems: [], checkpoints })));
  expect(isSeen()).toBe(true);
  await folder.close();
  sources.remove();
}, 60_000);
