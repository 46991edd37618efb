import type { Clock } from '../core/clock.ts';
import { HelperThread } from '../threads/helper-thread.ts';
import { serveTokenizer } from './tokenizer-service.ts';
import type { TextCount } from './vocabulary.ts';

const IDLE_MS = 600_000;

/** The tokenizer, on a thread of its own that begins with the first count and ends after ten minutes without one. */
export class TokenizerThread {
  readonly #thread: HelperThread<readonly string[], TextCount | null>;

  constructor(clock: Pick<Clock, 'setTimer'>) {
    const entry = new URL('./tokenizer-worker.ts', import.meta.url);
    this.#thread = new HelperThread<readonly string[], TextCount | null>({
      clock,
      entry,
      serve: serveTokenizer,
      idleMs: IDLE_MS,
      unanswered: null,
    });
  }

  /** Whether it runs and has nothing to do. */
  get isFree(): boolean {
    return this.#thread.isFree;
  }

  /** Tokens of the texts together; `null` when too much waits already, or the thread fails. */
  async count(texts: readonly string[]): Promise<TextCount | null> {
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    return this.#thread.ask(texts, characters);
  }

  /** Ends it; counts under way come to `null`. A later count starts it again. */
  stop(): void {
    this.#thread.stop();
  }
}
