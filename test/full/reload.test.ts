import { afterAll, beforeAll, expect, test } from 'vitest';

import { compileSources, type CompiledSources } from '../support/compiled-sources.ts';
import { runConfigSaves } from '../support/config-saves.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

test.each([
  ['dev, whose watch notices', 'dev'],
  ['serve, by SIGHUP and by `candor reload`', 'serve'],
] as const)(
  '200 saves, 50 of them with errors, under 100 requests a second: %s',
  async (_name, mode) => {
    const outcome = await runConfigSaves({
      sources,
      mode,
      saves: 200,
      invalidEach: 4,
      requestsPerSecond: 100,
      saveEveryMs: 150,
    });
    const { requests, streams, seconds, straddling } = outcome;
    process.stdout.write(
      `${mode}: ${requests} requests (${streams} streamed) in ${seconds.toFixed(1)} s, ${straddling} of them during a change\n`,
    );
    expect(outcome.failures).toEqual([]);
    expect(outcome.mixed).toEqual([]);
    expect(outcome).toMatchObject({ valid: 150, invalid: 50 });
    expect(requests / seconds).toBeGreaterThan(90);
    expect(straddling).toBeGreaterThan(0);
  },
  120_000,
);
