import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { randomFrom } from '../src/simulator/random.ts';
import { askChunks, askWhole } from './support/received-answer.ts';
import { isAnswer, readRecordings } from './support/recordings.ts';
import { openReplayBench, type ReplayBench } from './support/replay.ts';
import { streamVariants, truncations } from './support/stream-variants.ts';

/** A sample of `full/recordings.test.ts`: each recording from the upstream's socket to the application behind the official client. */
const folder = process.env['CANDOR_RECORDINGS'];
const recordings = folder === undefined ? [] : readRecordings(folder).responses;
const CASES = recordings.map((recorded) => [recorded.name, recorded] as const);
const SEED = 20_261_122;
/** Longer streams are not sent byte by byte here. */
const MAX_PIECES = 8_000;

describe.skipIf(folder === undefined)('recorded answers through the gateway', () => {
  let bench: ReplayBench;
  beforeAll(async () => {
    bench = await openReplayBench();
  });
  afterAll(() => bench.close());

  test.each(CASES)('%s', async (name, recorded) => {
    // Begun anew by the vendor: whole only where nothing has gone out before the end.
    const held = recorded.expected.restarts === 1;
    const flaw = isAnswer(recorded) ? bench.flawOfAnswer : bench.flawOfError;
    if (!recorded.isStream) {
      expect(await flaw(recorded, { ask: askWhole })).toBeNull();
      return;
    }
    const variants = streamVariants(recorded.body, name).filter(({ pieces }) => pieces.length <= MAX_PIECES);
    const { name: variant, pieces } = randomFrom(SEED, name).pick(variants);
    expect(await flaw(recorded, { ask: askChunks, pieces, held }), variant).toBeNull();
  });

  test.each(CASES.filter(([, recorded]) => recorded.isStream))('%s, cut short', async (name, recorded) => {
    const random = randomFrom(SEED, name, 'cut');
    for (const held of [false, true]) {
      const beginning = random.pick(truncations(recorded.body));
      const pieces = [Buffer.from(beginning)];
      expect(await bench.flawOfError(recorded, { ask: askChunks, pieces, held }), beginning).toBeNull();
    }
  });
});
