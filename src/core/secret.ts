import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

const SHOWN_FROM_LENGTH = 20;

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

  /** Its length as it stands on the wire. */
  get byteLength(): number {
    return Buffer.byteLength(this.#value);
  }

  /** The same for bytes of any kind; `null` when the secret is not in them. */
  scrubBytes(bytes: Buffer): Buffer | null {
    if (this.#value === '' || !bytes.includes(this.#value)) return null;
    // Latin-1 keeps every byte as it is.
    const value = Buffer.from(this.#value).toString('latin1');
    return Buffer.from(bytes.toString('latin1').replaceAll(value, this.toString()), 'latin1');
  }

  /** `…x9Qf`: its last four characters, for a person to tell keys apart; `…` alone when it is so short that they would give it away. */
  get ending(): string {
    return this.#value.length < SHOWN_FROM_LENGTH ? '…' : `…${this.#value.slice(-4)}`;
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
