import { afterAll, beforeAll, expect, test } from 'vitest';

import { compileSources, type CompiledSources } from '../support/compiled-sources.ts';
import { runRollingRestarts } from '../support/rolling-restart.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

test('20 rolling restarts under 500 open streams and 500 plain requests: no client notices', async () => {
  const rounds = 20;
  const capMs = 20_000;
  const server = `{ drain: { grace: 1s, cap: ${capMs}ms } }`;
  const outcome = await runRollingRestarts({ sources, rounds, clients: 500, answerMs: 2_500, server });
  const { failures, exitCodes, slowestEndMs, streams, wholes } = outcome;
  expect({ count: failures.length, first: failures.slice(0, 5) }).toEqual({ count: 0, first: [] });
  expect(exitCodes).toEqual(Array.from({ length: rounds * 2 }, () => 0));
  // All of it ended by itself, so that nothing was ended at the cap.
  expect(slowestEndMs).toBeLessThan(capMs);
  expect(Math.min(streams, wholes)).toBeGreaterThan(500 * rounds);
}, 600_000);
