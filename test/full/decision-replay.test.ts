import { expect, test } from 'vitest';

import { decide } from '../../src/routing/decide.ts';
import { decidedByOneFigure, decidedOtherwise, recordDecisions } from '../support/decision-replay.ts';

test('1,000 decisions come out as recorded, and otherwise when the figure is another that decided', async () => {
  const decisions = await recordDecisions(1000, 5);
  expect(decisions).toHaveLength(1000);
  expect(decidedOtherwise(decisions)).toEqual([]);
  const deciding = decidedByOneFigure(decisions);
  for (const by of ['p95', 'price', 'evidence']) {
    expect(deciding.filter((each) => each.by === by).length, by).toBeGreaterThan(10);
  }
  const unmoved = deciding.filter(({ record, changed }) => decide(changed).order.join() === record.order.join());
  expect(unmoved).toEqual([]);
}, 600_000);
