import type { RecordHook } from '../core/hook-functions.ts';
import type { Hook, HookTerms } from '../core/hooks.ts';
import type { GenerationRecord } from '../core/record.ts';
import { callHook, SLOW_HOOK_LIMIT_MS } from './call-hook.ts';

/** So many records wait at most. */
const MAX_WAITING = 1000;
/** So many are with the hook at once. */
const MAX_RUNNING = 8;

interface Delivery {
  readonly hook: Hook<RecordHook>;
  readonly record: GenerationRecord;
}

/** Hands records of generations that have ended to `onRecord`, beside the answers and never in their way. */
export class RecordDeliveries {
  readonly #terms: Omit<HookTerms, 'note'>;
  readonly #waiting: Delivery[] = [];
  #running = 0;
  #dropped = 0;
  readonly #whenIdle: (() => void)[] = [];

  constructor(terms: Omit<HookTerms, 'note'>) {
    this.#terms = terms;
  }

  /** Takes a final record; one too many is counted and logged, not kept. Returns at once: the hook is called later. */
  offer(hook: Hook<RecordHook>, record: GenerationRecord): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped += 1;
      // Once when it begins, not with each: the log would be the next to overflow.
      if (this.#dropped === 1)
        this.#terms.warn(`${hook.at} is too slow: ${MAX_WAITING} records wait for it, further ones are dropped`);
      return;
    }
    this.#waiting.push({ hook, record });
    if (this.#running < MAX_RUNNING) void this.#deliver();
  }

  /** Waits until everything is delivered, at most so long; what is left then is logged and dropped. */
  async end(withinMs: number): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        const watched = this.#terms.watch(withinMs, resolve);
        this.#whenIdle.push(() => {
          watched.stop();
          resolve();
        });
      });
    }
    const left = this.#waiting.length + this.#running;
    this.#waiting.length = 0;
    if (left > 0) this.#terms.warn(`${left} records were not delivered to \`onRecord\` before the end`);
  }

  async #deliver(): Promise<void> {
    this.#running += 1;
    // Whoever offers a record is about to answer somebody.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#call(next);
      if (this.#waiting.length === 0) this.#sayDropped();
    }
    this.#running -= 1;
    if (this.#running === 0) for (const tell of this.#whenIdle.splice(0)) tell();
  }

  async #call({ hook, record }: Delivery): Promise<void> {
    const copy = withoutBodies(record);
    const terms = { ...this.#terms, note: () => undefined };
    const outcome = await callHook('onRecord', hook, (run) => run(copy), SLOW_HOOK_LIMIT_MS, terms);
    if (outcome.ok) return;
    this.#terms.warn(`the hook ${hook.at} failed for ${record.id}: ${outcome.run.reason}`, outcome.cause);
  }

  #sayDropped(): void {
    if (this.#dropped > 0)
      this.#terms.warn(`${this.#dropped} records were not delivered to \`onRecord\`, which was too slow`);
    this.#dropped = 0;
  }
}

/** A frozen copy without what people and models wrote: that can be erased where it is kept, and nowhere else. */
function withoutBodies<Value>(value: Value): Value {
  if (Array.isArray(value)) return Object.freeze((value as readonly unknown[]).map(withoutBodies)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const isContent = 'body' in value && 'sha256' in value;
  const isVerdict = 'validator' in value && 'outcome' in value;
  const members = Object.entries(value as Record<string, unknown>)
    .filter(([name]) => !(isVerdict && name === 'evidence'))
    .map(([name, member]) => [name, isContent && name === 'body' ? null : withoutBodies(member)] as const);
  return Object.freeze(Object.fromEntries(members)) as Value;
}
