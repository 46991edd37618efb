import { FaultRejected } from '../core/simulation.ts';
import type { SimulatorClock } from './clock.ts';

const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

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
    const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at);
    if (match === null) throw new FaultRejected('invalid_request', `the time must be HH:MM, not "${at}"`);
    const target = Number(match[1]) * 60 + Number(match[2]);
    const wallTimeMs = this.#clock.wallTime();
    const current = minuteOfDay(wallTimeMs, zone);
    if (current === null)
      throw new FaultRejected('invalid_request', `"${zone}" is no time zone; an IANA name such as Asia/Shanghai is`);
    const ahead = (target - current + DAY_MINUTES) % DAY_MINUTES;
    this.#offsetMs = ahead * MINUTE_MS - (wallTimeMs % MINUTE_MS);
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

function minuteOfDay(wallTimeMs: number, zone: string): number | null {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const [hour, minute] = format.format(wallTimeMs).split(':');
    return Number(hour) * 60 + Number(minute);
  } catch {
    return null;
  }
}
