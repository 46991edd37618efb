import { lookup, type LookupAddress } from 'node:dns';

import type { Clock } from '../core/clock.ts';

/** Finds every address of a host name. Rejects with an error whose `code` is one of `node:dns`. */
export type LookUpHost = (hostname: string) => Promise<readonly LookupAddress[]>;

/** For so long addresses are taken as they were found. */
const FRESH_MS = 30_000;
/** For so long they are better than none, where the name service fails. */
const STALE_MS = 600_000;
/** The system's resolver blocks one of the four threads of Node's pool a name: of these some are left for others. */
const MAX_LOOKUPS = 2;

interface Found {
  readonly addresses: readonly LookupAddress[];
  /** Monotonic time. */
  readonly at: number;
}

/**
 * Resolves the names of upstreams and remembers what it found. A name service that stalls holds up only the names
 * it does not answer for: one lookup a name at a time, and few at once.
 */
export class NameResolver {
  readonly #clock: Clock;
  readonly #lookUp: LookUpHost;
  readonly #found = new Map<string, Found>();
  readonly #open = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param lookUp the system's resolver when left out */
  constructor(clock: Clock, lookUp: LookUpHost = lookUpBySystem) {
    this.#clock = clock;
    this.#lookUp = lookUp;
  }

  /**
   * The addresses of a name. Old ones are given when the name service fails, or has not answered after `patienceMs`.
   * Rejects with the error of the name service where nothing is known.
   */
  async resolve(hostname: string, patienceMs: number): Promise<readonly LookupAddress[]> {
    const found = this.#found.get(hostname);
    const ageMs = found === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - found.at;
    if (found !== undefined && ageMs < FRESH_MS) return found.addresses;
    const asked = this.#ask(hostname);
    return found === undefined || ageMs >= STALE_MS ? asked : this.#orElse(asked, found.addresses, patienceMs);
  }

  #orElse(
    asked: Promise<readonly LookupAddress[]>,
    old: readonly LookupAddress[],
    patienceMs: number,
  ): Promise<readonly LookupAddress[]> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(patienceMs, () => resolve(old));
      const settle = (addresses: readonly LookupAddress[]): void => {
        timer.cancel();
        resolve(addresses);
      };
      asked.then(settle, () => settle(old));
    });
  }

  #ask(hostname: string): Promise<readonly LookupAddress[]> {
    const open = this.#open.get(hostname);
    if (open !== undefined) return open;
    const asked = this.#lookUpInTurn(hostname).finally(() => this.#open.delete(hostname));
    this.#open.set(hostname, asked);
    return asked;
  }

  async #lookUpInTurn(hostname: string): Promise<readonly LookupAddress[]> {
    while (this.#running >= MAX_LOOKUPS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const addresses = await this.#lookUp(hostname);
      this.#found.set(hostname, { addresses, at: this.#clock.now() });
      return addresses;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

function lookUpBySystem(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}
