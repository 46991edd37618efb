import { expect, it } from 'vitest';

import { askBoth, startHookedWorkers } from './support/hooked-workers.ts';

/** A sample of `full/hooks-workers.test.ts`, where a worker also dies. */
it('functions reach every worker, in the version in force', { timeout: 90_000 }, async () => {
  const workers = await startHookedWorkers('one');
  try {
    expect([...(await askBoth(workers.gateway.url)).values()]).toEqual(['one', 'one']);
    await workers.reloadVersion('two');
    expect([...(await askBoth(workers.gateway.url)).values()]).toEqual(['two', 'two']);
  } finally {
    await workers.remove();
  }
});
