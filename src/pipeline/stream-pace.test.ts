import { setImmediate as nextRound } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

import { systemClock } from '../core/clock.ts';
import { FairTurns } from './fair-turns.ts';
import { StreamPace } from './stream-pace.ts';

const KIB = 1024;

describe('StreamPace', () => {
  it('lets a stream go on that comes as fast as models write, however long', () => {
    const pace = new StreamPace(new FairTurns(systemClock), 0);
    // 200 bytes every 2 ms are 500 tokens a second; and a quarter of a second of them may come at once.
    for (let at = 0; at < 60_000; at += 2) expect(pace.take(200, at)).toBeUndefined();
    for (let at = 60_000; at < 120_000; at += 250) expect(pace.take(16 * KIB, at)).toBeUndefined();
  });

  it('makes one wait that pours, until it has stopped for a moment', async () => {
    const pace = new StreamPace(new FairTurns(systemClock), 0);
    expect(pace.take(16 * KIB, 0)).toBeUndefined();
    const turn = pace.take(16 * KIB, 1);
    expect(turn).toBeInstanceOf(Promise);
    await turn;
    expect(pace.take(16 * KIB, 200)).toBeUndefined();
  });
});

describe('FairTurns', () => {
  /** A clock on which every turn takes so long. */
  function slowTurns(turnMs: number): FairTurns {
    let now = 0;
    return new FairTurns({ ...systemClock, now: () => (now += turnMs) });
  }

  it('gives turns by the tickets, not by who asks first', async () => {
    const turns = new FairTurns(systemClock);
    const [first, second, third] = [turns.ticket(), turns.ticket(), turns.ticket()];
    const served: number[] = [];
    const wait = (ticket: number): Promise<void> => turns.next(ticket).then(() => void served.push(ticket));
    await Promise.all([wait(third), wait(first), wait(second), wait(first)]);
    expect(served).toEqual([first, first, second, third]);
  });

  it('gives everybody a turn, also those who ask again and again', async () => {
    const turns = new FairTurns(systemClock);
    const counts = new Map<number, number>();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let time = 0; time < 50; time++) {
          const ticket = turns.ticket();
          await turns.next(ticket);
          counts.set(ticket, (counts.get(ticket) ?? 0) + 1);
        }
      }),
    );
    expect([...counts.values()]).toEqual(Array.from({ length: 1000 }, () => 1));
  });

  it('makes nobody wait for a pause in which the whole process stood still', async () => {
    let now = 0;
    let isSecondTurn = false;
    const turns = new FairTurns({ ...systemClock, now: () => now });
    const first = turns.next(turns.ticket());
    const second = turns.next(turns.ticket());
    await first;
    now += 3_600_000;
    void second.finally(() => (isSecondTurn = true));
    // In a share of an eighth, an hour would have to be made up for by a night.
    await vi.waitFor(() => expect(isSecondTurn).toBe(true), 2_000);
    await second;
  });

  it('lets the event loop go round between any two slices', async () => {
    // Each turn fills a slice.
    const turns = slowTurns(1);
    let rounds = 0;
    let isDone = false;
    const counted = (async () => {
      while (!isDone) {
        await nextRound();
        rounds++;
      }
    })();
    const TURNS = 30;
    await Promise.all(Array.from({ length: TURNS }, () => turns.next(turns.ticket())));
    isDone = true;
    await counted;
    expect(rounds).toBeGreaterThan(TURNS);
  });
});
