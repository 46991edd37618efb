import { FaultRejected } from '../core/simulation.ts';
import { minuteOfDay, minutesOf, nextMomentOf } from '../core/time-of-day.ts';
import type { SimulatorClock } from './clock.ts';

/** The simulator's time of day. It follows the clock until it is set, and runs on from there. */
export class WallClock {
  readonly #clock: SimulatorClock;
  #offsetMs: number | null = null;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    return this.#clock.wallTime() + (this.#offsetMs ?? 0);
  }

  /**
   * Moves the clock to the next moment at which it is `at` (`HH:MM`) in the IANA time zone.
   * @throws FaultRejected when either is not such a thing.
   */
  set(at: string, zone: string): void {
    if (minutesOf(at) === null) throw new FaultRejected('invalid_request', `the time must be HH:MM, not "${at}"`);
    const wallTimeMs = this.#clock.wallTime();
    const momentMs = nextMomentOf({ at, zone }, wallTimeMs);
    if (momentMs === null)
      throw new FaultRejected('invalid_request', `"${zone}" is no time zone; an IANA name such as Asia/Shanghai is`);
    this.#offsetMs = momentMs - wallTimeMs;
  }

  reset(): void {
    this.#offsetMs = null;
  }

  /** The hour in the zone with its fraction (14.5 is half past two); `null` while the clock has not been set. */
  hourIfSet(zone: string): number | null {
    if (this.#offsetMs === null) return null;
    const minute = minuteOfDay(this.now(), zone);
    return minute === null ? null : minute / 60;
  }
}
