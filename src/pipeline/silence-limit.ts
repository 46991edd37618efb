import type { Clock } from '../core/clock.ts';
import { failure } from '../core/failure.ts';
import type { OpenCall } from '../transport/send.ts';
import type { Watch } from '../transport/watchdog.ts';
import type { Steps } from './exchange.ts';

/**
 * Gives a call up when its answer does not go on. What is a sign of life is for the reader to say;
 * time in which the reader waits for something else is not the upstream's silence.
 */
export class SilenceLimit {
  readonly #clock: Clock;
  readonly #watch: Watch;
  #heardAt: number;
  #patienceMs: number;

  /** Counts from `since`, the monotonic time at which the response's head came. */
  constructor(call: OpenCall, idleMs: number, since: number, steps: Pick<Steps, 'clock' | 'transport'>) {
    this.#clock = steps.clock;
    this.#heardAt = since;
    this.#patienceMs = idleMs;
    this.#watch = steps.transport.watch(idleMs, () =>
      call.abort(failure('idle_timeout', `nothing of the answer came for ${this.#patienceMs} ms`)),
    );
    this.#move();
  }

  /** The answer went on at this time. */
  heard(at: number): void {
    this.#heardAt = at;
    this.#move();
  }

  /** From now on the upstream may be silent for so long after it was last heard. */
  allow(patienceMs: number): void {
    if (patienceMs === this.#patienceMs) return;
    this.#patienceMs = patienceMs;
    this.#move();
  }

  /** Waits for something else than the upstream. */
  async except(other: Promise<void>): Promise<void> {
    const from = this.#clock.now();
    this.#watch.stop();
    await other;
    this.#heardAt += this.#clock.now() - from;
    this.#move();
  }

  stop(): void {
    this.#watch.stop();
  }

  #move(): void {
    this.#watch.until(this.#heardAt + this.#patienceMs);
  }
}
