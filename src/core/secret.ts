import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

/**
 * A value that never prints. String conversion, JSON, `util.inspect` and template literals give
 * `[secret:xxxxxxxx]`, eight hex digits of its SHA-256, enough to tell two secrets apart in a log.
 */
export class Secret {
  readonly #value: string;
  readonly #fingerprint: string;

  constructor(value: string) {
    this.#value = value;
    this.#fingerprint = createHash('sha256').update(value).digest('hex').slice(0, 8);
  }

  /** The secret itself. Call it only where the value is put on the wire or compared. */
  reveal(): string {
    return this.#value;
  }

  /** The text with every occurrence of this secret replaced by its printed form. */
  scrub(text: string): string {
    return this.#value === '' ? text : text.replaceAll(this.#value, this.toString());
  }

  toString(): string {
    return `[secret:${this.#fingerprint}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
