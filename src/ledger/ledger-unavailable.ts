/** A record could not be written: what depends on it must not be sent. `cause` is the system's error, where there is one. */
export class LedgerUnavailable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'LedgerUnavailable';
  }
}
