import { expect, test } from 'vitest';

import { buildLedger, ImageFolder, seededRandom, segmentsOf } from '../support/ledger-image.ts';
import { runMutations, verified } from '../support/mutation-run.ts';

test('2,000 random mutations of ledgers are detected, but for cuts of a tail that no checkpoint covers yet and of what was signed to go', async () => {
  const random = seededRandom(2026);
  let detected = 0;
  let tailCuts = 0;
  let ofRetired = 0;
  for (let ledger = 0; ledger < 10; ledger++) {
    const count = runMutations(await buildLedger(random, ledger % 3 === 2 ? 2 : null), 200, random);
    detected += count.detected;
    tailCuts += count.tailCuts;
    ofRetired += count.ofRetired;
  }
  expect(detected + tailCuts + ofRetired).toBe(2000);
  // Two kinds of twenty-six are cuts of a tail, which a checkpoint mostly covers; hardly any other comes to one.
  expect(tailCuts).toBeLessThan(150);
}, 600_000);

test('100 clean ledgers give no false alarm: crashed at any byte of the last frame, and with content erased', async () => {
  const random = seededRandom(7);
  const folder = new ImageFolder();
  let ledgers = 0;
  for (let built = 0; built < 4; built++) {
    const image = await buildLedger(random, built % 2 === 0 ? null : 2);
    const clean = verified(image, folder);
    expect(clean.problems).toEqual([]);
    const crashed = clean.writers.find(({ state }) => state === 'torn')?.writer ?? '';
    const name = segmentsOf(image, `${crashed}-`).at(-1) ?? '';
    const bytes = image.get(name) ?? Buffer.alloc(0);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const start = bytes.lastIndexOf(0x0a, end - 2) + 1;
    for (let crash = 0; crash < 24; crash++) {
      const left = new Map([...image, [name, bytes.subarray(0, start + Math.floor(random() * (end - start)))]]);
      for (const file of image.keys()) if (file.startsWith('content/') && random() < 0.3) left.delete(file);
      const result = verified(left, folder);
      expect(result.problems).toEqual([]);
      ledgers++;
    }
    ledgers++;
  }
  folder.remove();
  expect(ledgers).toBe(100);
}, 300_000);
