import { describe, expect, test } from 'vitest';

import { Overload, type ShedReport } from './overload.ts';

/** A gateway whose loop turns are as long as the work that has come in the meantime, on a clock of its own. */
class BusyLoop {
  now = 0;
  open = 0;
  readonly overload: Overload;
  /** Requests that come, and how many open ones the loop serves in time: what is more makes every turn longer. */
  readonly #offered: number;
  readonly #capacity: number;

  constructor(overload: Overload, offered: number, capacity: number) {
    this.overload = overload;
    this.#offered = offered;
    this.#capacity = capacity;
  }

  /** Runs turn after turn. @returns how many requests were open on average */
  run(seconds: number): number {
    const endsAt = this.now + seconds * 1000;
    const opens: number[] = [];
    while (this.now < endsAt) {
      // A tenth of what is open ends in a turn; so many come that all places would be taken.
      this.open = Math.floor(this.open * 0.9);
      const coming = this.#offered - this.open;
      for (let request = 0; request < coming; request++) if (this.overload.refusal(this.open) === null) this.open++;
      const delayMs = Math.max(0.1, (this.open - this.#capacity) * 0.25);
      this.now += Math.max(20, delayMs * 2);
      this.overload.observe(delayMs, this.now);
      opens.push(this.open);
    }
    return opens.reduce((sum, count) => sum + count, 0) / opens.length;
  }
}

describe('overload', () => {
  test('a loop that is in time lets everything in, also through bursts', () => {
    const overload = new Overload([], () => undefined);
    for (let turn = 0; turn < 1000; turn++) {
      expect(overload.refusal(3_000)).toBeNull();
      overload.observe(turn % 10 < 3 ? 900 : 1, turn * 250);
    }
  });

  test('a loop that is a little late lets everything in: models take longer than that', () => {
    const loop = new BusyLoop(new Overload([], () => undefined), 500, 128);
    expect(loop.run(30)).toBe(500);
  });

  test('a loop that is late all the time makes room for as much as it can do', () => {
    const loop = new BusyLoop(new Overload([], () => undefined), 1280, 128);
    loop.run(5);
    const open = loop.run(30);
    expect(open).toBeGreaterThan(128);
    expect(open).toBeLessThan(128 * 2);
  });

  test('when there is room again, nobody is refused', () => {
    const overload = new Overload([], () => undefined);
    const busy = new BusyLoop(overload, 1280, 128);
    busy.run(20);
    const calm = new BusyLoop(overload, 60, 128);
    calm.now = busy.now;
    expect(calm.run(5)).toBe(60);
  });

  test('a loop that was late for other reasons has its full room back within five seconds', () => {
    const overload = new Overload([], () => undefined);
    let now = 0;
    for (; now < 60_000; now += 1_000) {
      overload.refusal(200);
      overload.observe(500, now);
    }
    expect(overload.refusal(200)).toBe('event loop');
    const loop = new BusyLoop(overload, 200, 400);
    loop.now = now;
    loop.run(4);
    expect(loop.run(1)).toBe(200);
  });

  test('lets others in as well as those who are done, evenly and the same way each time', () => {
    const patterns = [1, 2].map(() => {
      const overload = new Overload([], () => undefined);
      new BusyLoop(overload, 1280, 128).run(10);
      return Array.from({ length: 100 }, () => (overload.refusal(130) === null ? 1 : 0)).join('');
    });
    expect(patterns[0]).toBe(patterns[1]);
    const gaps = (patterns[0] ?? '').split('1').slice(1, -1);
    expect(gaps.length).toBeGreaterThan(10);
    expect(gaps.length).toBeLessThan(98);
    expect(Math.max(...gaps.map((gap) => gap.length)) - Math.min(...gaps.map((gap) => gap.length))).toBeLessThan(2);
  });

  test('too many open requests and other bounds refuse everything, with their own reason', () => {
    let full = false;
    const overload = new Overload([{ reason: 'memory', exceeded: () => full }], () => undefined);
    expect(overload.refusal(4_095)).toBeNull();
    expect(overload.refusal(4_096)).toBe('requests');
    full = true;
    expect(overload.refusal(0)).toBe('memory');
    full = false;
    expect(overload.refusal(0)).toBeNull();
  });

  test('counts what it refuses, and reports it once a second at most', () => {
    const reports: ShedReport[] = [];
    const overload = new Overload([], (report) => reports.push(report));
    let refused = 0;
    for (let now = 20; now <= 10_000; now += 20) {
      overload.refusal(4_096);
      refused++;
      overload.observe(0.1, now);
    }
    expect(reports).toHaveLength(10);
    overload.observe(0.1, 20_000);
    expect(reports.reduce((sum, report) => sum + report.refused.requests, 0)).toBe(refused);
    const before = reports.length;
    for (let now = 20_000; now < 30_000; now += 20) overload.observe(0.1, now);
    expect(reports).toHaveLength(before);
  });
});
