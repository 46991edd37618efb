import { contentCharacters, isContent, type AnswerPart } from '../core/answer.ts';
import type { StreamMode } from '../core/route.ts';
import type { Watch } from '../transport/watchdog.ts';
import type { Steps } from './exchange.ts';

/** Says when a stream may go out: one for each answer that is taken from its beginning. */
export class StreamWindow {
  readonly #mode: StreamMode;
  readonly #steps: Pick<Steps, 'clock' | 'transport'>;
  readonly #onPassed: () => void;
  #characters = 0;
  #opensAt: number | null = null;
  #watch: Watch | null = null;
  #isShut = false;

  /** `onPassed` is called when the window's time is up without another part: the stream may go out. */
  constructor(mode: StreamMode, steps: Pick<Steps, 'clock' | 'transport'>, onPassed: () => void) {
    this.#mode = mode;
    this.#steps = steps;
    this.#onPassed = onPassed;
  }

  /** Takes note of what has come. @returns whether the stream may go out from here on */
  take(parts: readonly AnswerPart[]): boolean {
    const mode = this.#mode;
    if (this.#isShut || mode === 'hold' || !parts.some(isContent)) return false;
    if (mode === 'trail') return true;
    if ('milliseconds' in mode) return this.#hasPassed(mode.milliseconds);
    for (const part of parts) this.#characters += contentCharacters(part);
    return this.#characters >= mode.characters;
  }

  /** Time alone opens it no more, until the next part: the attempt has ended, or the stream goes out. */
  stop(): void {
    this.#watch?.stop();
  }

  /** It opens no more. */
  shut(): void {
    this.#isShut = true;
    this.stop();
  }

  #hasPassed(milliseconds: number): boolean {
    const { clock, transport } = this.#steps;
    const now = clock.now();
    this.#opensAt ??= now + milliseconds;
    if (now >= this.#opensAt) return true;
    this.#watch ??= transport.watch(milliseconds, this.#onPassed);
    this.#watch.until(this.#opensAt);
    return false;
  }
}
