import { expect, it } from 'vitest';

import { demoJson, demoText } from './demo-view.ts';
import type { PlayedArm, PlayedDemo } from './play-scenes.ts';

function arm(lines: readonly string[], calls: number, costNanoUsd: number): PlayedArm {
  return { figures: {}, lines, spent: { calls, costNanoUsd, waitedMs: 1_000 * calls } };
}

const NOTHING = { calls: 0, costNanoUsd: 0, waitedMs: 0 };
const PLAYED: PlayedDemo = {
  seed: 1,
  scenes: [
    {
      key: 'outage',
      title: 'outage',
      situation: 'openai 503 for 20 s, 20 legal questions',
      mechanism: 'certificates, a prompt for each model, citations',
      isCaught: true,
      arms: {
        plain: arm(['20 answered, 6 cite invented cases'], 20, 1_000_000_000),
        candor: arm(['17 answered by another model, 17 prompts rewritten', '3 refused (HTTP 424)'], 25, 3_000_000_000),
      },
    },
    {
      key: 'residency',
      title: 'residency',
      situation: 'data: phi, 30 requests',
      mechanism: 'refusing',
      isCaught: false,
      arms: { plain: arm(['9 reached region cn'], 30, 4_000_000_000), candor: arm(['30 refused'], 0, 0) },
    },
  ],
  certificates: NOTHING,
  wallMs: { plain: [1], candor: [1] },
};

it('counts no work as saved that was refused', () => {
  expect(demoJson(PLAYED)['cost']).toMatchObject({ extra: { calls: 5, cost_usd: 2, virtual_ms: 5_000 } });
  expect(demoText(PLAYED)).toMatch(/in all +\+5 +\+\$2\.00/);
});

it.each([80, 120, undefined])('keeps to a window of %s columns', (columns) => {
  const lines = demoText(PLAYED, columns).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns ?? Infinity);
  for (const said of ['6 cite invented cases', '3 refused (HTTP 424)', 'NOT CAUGHT by refusing', '1 of 2 failures']) {
    expect(lines.join('\n')).toContain(said);
  }
});
