import type { Clock } from '../core/clock.ts';
import { stringMember } from '../core/json.ts';
import type { ChainStatements, CheckpointLog } from './checkpoints/checkpoint-log.ts';
import type { Checkpointer } from './checkpoints/checkpointer.ts';
import { decodePayload } from './journal/payload.ts';
import type { RecordWriter } from './record-writer.ts';
import { listSegments } from './journal/segment-listing.ts';
import type { StoreClient } from './store/store-client.ts';
import type { StoredRow } from './store/store-protocol.ts';
import { textOf, writtenFrame } from './journal/written-frame.ts';

export interface RecoveryParts {
  /** The writer of this process, which is alive. */
  readonly writer: string;
  readonly journalDirectory: string;
  readonly store: Pick<StoreClient, 'recover'>;
  readonly records: RecordWriter;
  readonly checkpoints: Checkpointer;
  readonly log: CheckpointLog;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly onWarning: (message: string) => void;
}

/** No write of one line takes as long. */
const LINE_WRITE_MS = 50;

/** Brings to an end what writers that are no more have left open. */
export class Recovery {
  readonly #parts: RecoveryParts;
  #underway: Promise<void> = Promise.resolve();

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** All writers but the own one. @param unfinished their intents without a final record */
  async recoverAll(unfinished: readonly StoredRow[]): Promise<void> {
    const { writer: own, journalDirectory, log } = this.#parts;
    this.#interrupt(unfinished, 'when the gateway ended last time');
    const statements = log.read();
    for (const writer of new Set(listSegments(journalDirectory).map((segment) => segment.writer))) {
      const known = statements.get(writer);
      if (writer !== own && known?.isSettled !== true) await this.#settle(writer, known);
    }
  }

  /** A writer whose process has ended while others of the folder run. @throws Error when the store does not answer */
  recover(writer: string): Promise<void> {
    // One after the other: the second must see what the first has signed.
    const recovered = this.#underway.then(() => this.#recoverOne(writer));
    this.#underway = recovered.catch(() => undefined);
    return recovered;
  }

  async #recoverOne(writer: string): Promise<void> {
    await this.#cutTornLine();
    const unfinished = await this.#settle(writer, this.#parts.log.read().get(writer));
    this.#interrupt(unfinished, `when the process of writer ${writer} ended`);
  }

  #interrupt(rows: readonly StoredRow[], when: string): void {
    const { records, onWarning } = this.#parts;
    let interrupted = 0;
    for (const row of rows) {
      const payload = decodePayload(textOf(row));
      if (payload?.type !== 'intent') continue;
      const frame = writtenFrame(row, stringMember(payload.intent, 'created_at') ?? '');
      if (records.lose(stringMember(payload.intent, 'id') ?? '', { ...frame, cause: 'process_ended' })) interrupted++;
    }
    if (interrupted === 0) return;
    records.flush();
    onWarning(`requests that were under way ${when}, now recorded as interrupted: ${interrupted}`);
  }

  /** Signs where the chain ends, unless that is signed. @returns its intents without a final record */
  async #settle(writer: string, known: ChainStatements | undefined): Promise<readonly StoredRow[]> {
    const { store, checkpoints, onWarning } = this.#parts;
    const { chain, unfinished } = await store.recover(writer, known?.last ?? null);
    if (known?.isSettled === true) return unfinished;
    if (chain.kind === 'end') checkpoints.sign('found', chain.end);
    if (chain.kind === 'broken') {
      onWarning(`the journal of writer ${writer} is not signed: ${chain.reason}. \`candor verify\` says more`);
    }
    return unfinished;
  }

  /** The dead process may have been in the middle of a line: one that stays as it is, is no write under way. */
  async #cutTornLine(): Promise<void> {
    const { log, clock } = this.#parts;
    const tornAt = log.tornAt();
    if (tornAt === null) return;
    await new Promise<void>((resolve) => {
      clock.setTimer(LINE_WRITE_MS, resolve);
    });
    if (log.tornAt() === tornAt) log.cutTornLine();
  }
}
