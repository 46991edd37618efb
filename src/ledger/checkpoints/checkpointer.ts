import type { Clock, Timer } from '../../core/clock.ts';
import { checkpointHash, type CheckpointKind, signStatement, type Subject } from './checkpoint-format.ts';
import type { CheckpointLog } from './checkpoint-log.ts';
import type { Journal } from '../journal/journal.ts';
import type { LedgerKey } from '../keyring.ts';
import type { RecordWriter } from '../record-writer.ts';

export interface CheckpointerParts {
  readonly writer: string;
  readonly key: LedgerKey;
  readonly log: CheckpointLog;
  readonly journal: Journal;
  readonly records: RecordWriter;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly wallTime: () => number;
  readonly onWarning: (message: string) => void;
}

/** So many final records are covered together at the latest. */
const CHECKPOINT_RECORDS = 1000;
/** So long after it was written a frame is covered at the latest. */
const CHECKPOINT_MS = 10_000;

/** Signs checkpoints, its own chain's when they are due. One that cannot be written holds nothing up: it is tried again when the next is due. */
export class Checkpointer {
  readonly #parts: CheckpointerParts;
  #previous: string | null = null;
  #timer: Timer | null = null;
  /** The number of final records in the chain at which the next is due. */
  #dueAt = CHECKPOINT_RECORDS;
  #isDue = false;
  #failed = false;
  #closed = false;

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
  }

  /** Notes that records were written, after what is covered. */
  onRecords(): void {
    if (this.#closed) return;
    this.#timer ??= this.#parts.clock.setTimer(CHECKPOINT_MS, () => this.signOwn('running'));
    if (this.#isDue || this.#parts.records.finals < this.#dueAt) return;
    this.#isDue = true;
    // Whoever waits for these records is told first.
    setImmediate(() => this.signOwn('running'));
  }

  /**
   * Covers the beginning of the own chain.
   * @param before SHA-256 of the log as it is, where nobody else writes to it now: the first checkpoint then
   * vouches for all that were made before it
   */
  open(before: string | null): void {
    this.#previous = before;
    this.signOwn('opened');
    // Not written: by the next try others may have added to the log.
    if (this.#previous === before) this.#previous = null;
  }

  /** Covers the own chain up to its end. */
  signOwn(kind: 'opened' | 'running' | 'closed'): void {
    if (this.#closed) return;
    const { writer, journal, records, clock } = this.#parts;
    // Before the chain is looked at: it may write more than the checkpoint that waits.
    if (records.hasCheckpoint) records.flush();
    this.#timer?.cancel();
    this.#timer = null;
    this.#isDue = false;
    this.#dueAt = records.finals + CHECKPOINT_RECORDS;
    const { segment, seq, hash } = journal.head;
    if (this.sign(kind, { writer, segment, seq, head: hash, count: records.finals })) return;
    this.#timer ??= clock.setTimer(CHECKPOINT_MS, () => this.signOwn('running'));
  }

  /** Signs a statement and writes it. @returns whether it is in the log */
  sign(kind: CheckpointKind, subject: Subject): boolean {
    const { writer, key, log, records, wallTime, onWarning } = this.#parts;
    const at = new Date(wallTime()).toISOString();
    const text = signStatement({ kind, by: writer, ...subject, at, previous: this.#previous, key: key.id }, key.key);
    try {
      // The last one must be a frame before the next can stand in the log: the chain has their order too.
      if (records.hasCheckpoint) throw new Error(records.failure ?? 'the journal cannot be written');
      log.append(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // Told when it begins, not each time it goes on.
      if (!this.#failed)
        onWarning(`a checkpoint could not be written (${reason}); the next try is when the next is due`);
      this.#failed = true;
      return false;
    }
    this.#failed = false;
    this.#previous = checkpointHash(text);
    records.addCheckpoint(text);
    return true;
  }

  /** Covers the chain for good, when all that belongs into it was written. */
  close(): void {
    const { records } = this.#parts;
    if (records.lost.size === 0 && !records.hasCheckpoint) this.signOwn('closed');
    this.#closed = true;
    this.#timer?.cancel();
  }
}
