import { expect, test } from 'vitest';

import { runSchedules } from '../support/random-faults/run-schedules.ts';

const SCHEDULES = 5000;

test('thousands of random requests that meet random faults are answered, recorded and settled without a contradiction', async () => {
  expect(await runSchedules(SCHEDULES, 3)).toEqual([]);
}, 900_000);
