/** What the operator should know about the state of the ledger. */
export class LedgerWarnings {
  readonly #all = new Set<string>();
  #onWarning: (message: string) => void = () => undefined;

  /** Each once, however often it happened. */
  get all(): readonly string[] {
    return [...this.#all];
  }

  /** Has the listener told of each from now on, as it happens. */
  tell(onWarning: (message: string) => void): void {
    this.#onWarning = onWarning;
  }

  add(message: string): void {
    this.#all.add(message);
    this.#onWarning(message);
  }
}
