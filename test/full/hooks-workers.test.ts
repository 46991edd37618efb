import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import { askBoth, askHooked, startHookedWorkers } from '../support/hooked-workers.ts';

it('who takes the place of a dead worker has what is in force, not what is being written', async () => {
  const workers = await startHookedWorkers('one');
  const { directory, gateway } = workers;
  try {
    expect([...(await askBoth(gateway.url)).values()]).toEqual(['one', 'one']);
    await workers.reloadVersion('two');
    const before = await askBoth(gateway.url);
    expect([...before.values()]).toEqual(['two', 'two']);

    workers.writeVersion('three');
    writeFileSync(join(directory, 'candor.config.ts'), 'half written {');
    writeFileSync(join(directory, 'facts.yaml'), 'half: [');
    const [dead = 0] = before.keys();
    process.kill(dead, 'SIGKILL');
    await vi.waitUntil(
      async () => {
        const answer = await askHooked(gateway.url).catch(() => null);
        return answer !== null && !before.has(answer.pid);
      },
      { timeout: 20_000, interval: 20 },
    );
    const after = await askBoth(gateway.url);
    expect([...after.values()]).toEqual(['two', 'two']);
    expect(after.has(dead)).toBe(false);
  } finally {
    await workers.remove();
  }
}, 90_000);
