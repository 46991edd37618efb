/** Why a request is refused before anything of it is read. */
export type ShedReason = 'event loop' | 'requests' | 'memory';

/** Another bound of the gateway, asked for each request: it must answer from what it has in memory. */
export interface Pressure {
  readonly reason: ShedReason;
  exceeded(): boolean;
}

/** What was refused since the last report. */
export interface ShedReport {
  readonly refused: Readonly<Record<ShedReason, number>>;
  /** So many requests may be open at a time now. */
  readonly room: number;
}

/** So many requests may be open whatever the event loop says: streams count, and each holds buffers and two sockets. */
const MAX_OPEN_REQUESTS = 4_096;
/** There is always room for as many, or nothing would be learnt of when there is more. */
const MIN_ROOM = 16;
/**
 * A loop that mostly lets things wait for as long as this, for so long, does not catch up by itself. Less
 * only makes answers a little later than models make them anyway; and a burst passes.
 */
const LATE_MS = 150;
const LATE_FOR_MS = 5_000;
/** Then the wait is brought down to this, for refusals and health checks as for those who are served. */
const TARGET_DELAY_MS = 8;
const WINDOW_MS = 150;
const MIN_SAMPLES = 3;
/** Once nobody has been refused for so long, it is over. */
const CALM_FOR_MS = 5_000;
/** How the room follows the delay from one window to the next. With a larger gain it swings. */
const GAIN = 0.25;
const STEEPEST_CUT = 0.7;
const STEEPEST_RISE = 1.15;
/** While so much of the room is free, everybody is let in; the less of the rest is left, the fewer. */
const FREE_SHARE = 0.5;
const REPORT_MS = 1_000;

/**
 * Decides whether the gateway can take one more request. Where the event loop is late all the time,
 * it makes room for so many requests at a time as the loop serves without being late; the others hear
 * at once that there is none. Who is let in is no matter of chance: at a third, every third.
 */
export class Overload {
  readonly #pressures: readonly Pressure[];
  readonly #onReport: (report: ShedReport) => void;
  /** `null`: as long as the loop is in time, there is room for everybody. */
  #room: number | null = null;
  #credit = 0;
  #openRequests = 0;
  #refusedAt = 0;
  #windowEndsAt: number | null = null;
  #delaysMs: number[] = [];
  #refused: Record<ShedReason, number> = noneRefused();
  #hasRefused = false;
  #reportAt = 0;

  constructor(pressures: readonly Pressure[], onReport: (report: ShedReport) => void) {
    this.#pressures = pressures;
    this.#onReport = onReport;
  }

  /** Why one more request cannot be taken beside those that are open; `null` when it can. */
  refusal(openRequests: number): ShedReason | null {
    this.#openRequests = openRequests;
    const reason = this.#reason(openRequests);
    if (reason !== null) {
      this.#refused[reason]++;
      this.#hasRefused = true;
    }
    return reason;
  }

  #reason(openRequests: number): ShedReason | null {
    if (openRequests >= MAX_OPEN_REQUESTS) return 'requests';
    for (const pressure of this.#pressures) if (pressure.exceeded()) return pressure.reason;
    if (this.#room === null) return null;
    // Those who are done would otherwise take their own place again and again, and the others never come in.
    const share = (this.#room - openRequests) / (this.#room * (1 - FREE_SHARE));
    this.#credit = Math.min(2, this.#credit + Math.min(1, Math.max(0, share)));
    if (this.#credit < 1) return 'event loop';
    this.#credit--;
    return null;
  }

  /**
   * Takes how long the event loop let things wait.
   * @param now monotonic milliseconds
   * @returns whether the loop is to be watched closely
   */
  observe(delayMs: number, now: number): boolean {
    this.#windowEndsAt ??= now + LATE_FOR_MS;
    this.#delaysMs.push(delayMs);
    if (now >= this.#windowEndsAt && this.#delaysMs.length >= MIN_SAMPLES) {
      // The one in the middle: single long turns, as in a burst, are no matter.
      const middleMs = this.#delaysMs.toSorted((a, b) => a - b)[this.#delaysMs.length >> 1] ?? 0;
      this.#room = this.#nextRoom(middleMs, now);
      this.#delaysMs = [];
      this.#windowEndsAt = now + (this.#room === null ? LATE_FOR_MS : WINDOW_MS);
    }
    if (this.#hasRefused && now >= this.#reportAt) this.#report(now);
    return this.#room !== null;
  }

  #nextRoom(delayMs: number, now: number): number | null {
    if (this.#room === null) {
      this.#refusedAt = now;
      // A bold guess: until the room fits, what is open beyond it makes everything late.
      const guess = this.#openRequests * Math.sqrt(TARGET_DELAY_MS / delayMs);
      return delayMs < LATE_MS ? null : Math.max(MIN_ROOM, guess);
    }
    if (this.#hasRefused) this.#refusedAt = now;
    if (now - this.#refusedAt >= CALM_FOR_MS) return null;
    const factor = (TARGET_DELAY_MS / delayMs) ** GAIN;
    // What is open beyond the room has to end first: until then the delay says nothing about the room.
    if (factor < 1 && this.#openRequests > this.#room) return this.#room;
    const next = this.#room * Math.min(STEEPEST_RISE, Math.max(STEEPEST_CUT, factor));
    return Math.min(MAX_OPEN_REQUESTS / FREE_SHARE, Math.max(MIN_ROOM, next));
  }

  #report(now: number): void {
    this.#onReport({ refused: this.#refused, room: Math.floor(this.#room ?? MAX_OPEN_REQUESTS) });
    this.#refused = noneRefused();
    this.#hasRefused = false;
    this.#reportAt = now + REPORT_MS;
  }
}

function noneRefused(): Record<ShedReason, number> {
  return { 'event loop': 0, requests: 0, memory: 0 };
}
