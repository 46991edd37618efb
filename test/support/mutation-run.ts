import { expect } from 'vitest';

import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import type { LedgerVerification } from '../../src/ledger/verify/verification.ts';
import { ImageFolder, type LedgerImage } from './ledger-image.ts';
import { isOfRetired, isTailCut, MUTATIONS } from './ledger-mutations.ts';

/** How many mutations came to what. */
export interface MutationCount {
  readonly detected: number;
  /** Cuts of a tail newer than the last checkpoint: not detected, and stated beforehand. */
  readonly tailCuts: number;
  /** Changes to what was signed to be deleted: not detected either. */
  readonly ofRetired: number;
}

export function verified(image: LedgerImage, folder: ImageFolder): LedgerVerification {
  folder.hold(image);
  return verifyLedger(folder.directory, { publicKeys: null, keptCheckpoints: null });
}

/** Applies so many mutations of every kind, one at a time, and fails at one that is neither detected nor a stated cut of the tail nor of what was to go. */
export function runMutations(image: LedgerImage, count: number, random: () => number): MutationCount {
  const folder = new ImageFolder();
  const kinds = Object.entries(MUTATIONS);
  let detected = 0;
  let tailCuts = 0;
  let ofRetired = 0;
  try {
    const clean = verified(image, folder);
    expect(clean.problems).toEqual([]);
    for (let index = 0; detected + tailCuts + ofRetired < count; index++) {
      const [kind, mutate] = kinds[index % kinds.length] ?? ['', () => null];
      const mutated = mutate(image, random);
      if (mutated === null) continue;
      const result = verified(mutated, folder);
      if (!result.ok) detected++;
      else if (isTailCut(image, mutated)) {
        tailCuts++;
        expect(covered(result)).toEqual(covered(clean));
      } else if (isOfRetired(image, mutated)) ofRetired++;
      else throw new Error(`mutation ${index} (${kind}) was not detected: ${changedFiles(image, mutated)}`);
    }
  } finally {
    folder.remove();
  }
  return { detected, tailCuts, ofRetired };
}

/** What is said to be covered: a tail that was cut unseen must not have been part of it. */
function covered({ writers }: LedgerVerification): readonly unknown[] {
  return writers.map((found) => `${found.writer} ${found.last_checkpoint?.seq}`).toSorted();
}

function changedFiles(before: LedgerImage, after: LedgerImage): string {
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter((name) => after.get(name)?.equals(before.get(name) ?? Buffer.alloc(0)) !== true);
  return changed
    .map((name) => `${name} ${before.get(name)?.length ?? 'none'} → ${after.get(name)?.length ?? 'none'} bytes`)
    .join(', ');
}
