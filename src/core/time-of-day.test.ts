import { describe, expect, test } from 'vitest';

import { minuteOfDay, nextMomentOf } from './time-of-day.ts';

const at = (moment: string): number => Date.parse(moment);

describe('the next moment of a time of day', () => {
  test.each([
    ['later the same day', '2026-11-02T12:00:30Z', '14:00', 'UTC', '2026-11-02T14:00:00Z'],
    ['the next day', '2026-11-02T12:00:30Z', '11:59', 'UTC', '2026-11-03T11:59:00Z'],
    ['this very minute, from its beginning', '2026-11-02T12:00:30Z', '12:00', 'UTC', '2026-11-02T12:00:00Z'],
    ['in another zone', '2026-11-02T12:00:00Z', '14:00', 'Asia/Shanghai', '2026-11-03T06:00:00Z'],
    ['in a zone of half hours', '2026-11-02T12:00:00Z', '18:00', 'Asia/Kolkata', '2026-11-02T12:30:00Z'],
    ['after clocks are put back', '2026-10-24T22:30:00Z', '04:00', 'Europe/Berlin', '2026-10-25T03:00:00Z'],
    ['after clocks are put forward', '2026-03-28T23:30:00Z', '04:00', 'Europe/Berlin', '2026-03-29T02:00:00Z'],
    ['that clocks are put forward over', '2026-03-28T23:30:00Z', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
  ])('%s', (_name, now, time, zone, expected) => {
    const moment = nextMomentOf({ at: time, zone }, at(now));
    expect(new Date(moment ?? Number.NaN).toISOString()).toBe(expected.replace('Z', '.000Z'));
  });

  test.each([
    ['24:00', 'UTC'],
    ['9:00', 'UTC'],
    ['09:60', 'UTC'],
    ['09:00', 'Europe/Berlln'],
  ])('there is none of %s %s', (time, zone) => {
    expect(nextMomentOf({ at: time, zone }, 0)).toBeNull();
  });
});

test('the minute of the day on the clocks of a zone', () => {
  expect(minuteOfDay(at('2026-11-02T16:05:00Z'), 'Asia/Shanghai')).toBe(5);
  expect(minuteOfDay(0, 'Nowhere')).toBeNull();
});
