import fc from 'fast-check';
import { expect, test } from 'vitest';

import { runSilenceCase, silenceCase } from './support/silence-case.ts';

/** A seeded part of `test/full/silent-changes.test.ts`. */
test('nothing a client asks is changed in silence (500 requests over four protocols)', () => {
  const sent = new Map<string, number>();
  fc.assert(
    fc.property(silenceCase, (sample) => {
      const result = runSilenceCase(sample);
      if (result.outcome === 'sent') sent.set(sample.kind, (sent.get(sample.kind) ?? 0) + 1);
      expect(result.problems).toEqual([]);
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
  // A generator whose requests are nearly all refused would prove nothing.
  for (const kind of ['openai', 'anthropic', 'google', 'deepseek']) expect(sent.get(kind), kind).toBeGreaterThan(20);
});
