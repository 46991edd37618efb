import { createContext, Script, type Context } from 'node:vm';

/** Gives up on work that holds the event loop for too long. */
export class TimeLimit {
  readonly #script = new Script('work()');
  readonly #context: Context = createContext({ work: null });

  /**
   * Does the work here and now.
   * @throws TimeLimitError when it takes longer; whatever the work throws
   */
  within<T>(limitMs: number, work: () => T): T {
    // Only a script can be stopped by the clock while it keeps the thread busy; nothing of the work is in its text.
    this.#context['work'] = work;
    try {
      return this.#script.runInContext(this.#context, { timeout: limitMs }) as T;
    } catch (error) {
      // Made in the script's own context, it is no instance of this one's `Error`.
      const { code } = Object(error) as { readonly code?: unknown };
      throw code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? new TimeLimitError(limitMs) : error;
    } finally {
      this.#context['work'] = null;
    }
  }

  /**
   * The same for work that can be done again: once it is, as a busy machine, or a collection of memory, may have taken the time.
   * @throws TimeLimitError when it takes longer both times; whatever the work throws
   */
  withinTwice<T>(limitMs: number, work: () => T): T {
    try {
      return this.within(limitMs, work);
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
      return this.within(limitMs, work);
    }
  }
}

/** The work was stopped. */
export class TimeLimitError extends Error {
  constructor(limitMs: number) {
    super(`it would take longer than ${limitMs} ms`);
    this.name = 'TimeLimitError';
  }
}
