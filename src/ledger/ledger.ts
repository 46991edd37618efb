import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import { type FileSystem, nodeFileSystem } from './append-file.ts';
import { ContentWriter, type GenerationContent } from './content-writer.ts';
import { FileLedger } from './file-ledger.ts';
import { lockFolder } from './folder-lock.ts';
import { type ChainPosition, Journal } from './journal.ts';
import { openContentKey } from './keyring.ts';
import { StoreClient } from './store-client.ts';
import { type ConnectStore, connectStore } from './store-port.ts';

export type { GenerationContent } from './content-writer.ts';
export type { ChainPosition } from './journal.ts';
export { LedgerUnavailable } from './ledger-unavailable.ts';

/** The append-only record of every generation: who wrote it, why, with what, at what cost. */
export interface Ledger {
  /** Who writes: random, one per opening. */
  readonly writer: string;
  /** What the operator should know about the state of the folder and the store. */
  readonly warnings: readonly string[];
  /**
   * Resolves when the intent is on the kernel's side (write(2) returned): it then outlives the process.
   * Waits while more than 10,000 records are not in the store yet.
   * @throws LedgerUnavailable when it could not be written, or the store stayed behind for 5 s
   */
  begin(intent: IntentRecord): Promise<void>;
  /**
   * The same promise for the final record and its content. `null`: the content is not kept.
   * @throws LedgerUnavailable when it could not be written; the generation then is `interrupted`, and
   * recorded so as soon as the ledger can be written again
   */
  finish(record: GenerationRecord, content: GenerationContent | null): Promise<ChainPosition>;
  /**
   * The whole record with `chain`, `content` and, where they are kept, the bodies: from the moment
   * `finish` resolved. One that has begun and not finished has status `running`. `null`: unknown id.
   * @throws Error when the store does not answer
   */
  find(id: string): Promise<JsonObject | null>;
  /**
   * The newest by creation, running ones too, at most `limit`, without bodies.
   * `content` says what was kept, not whether it can still be read.
   * @throws Error when the store does not answer
   */
  recent(limit: number): Promise<readonly JsonObject[]>;
  /** Writes what waits, lets the store take it, stops its thread and gives the folder back. What comes later is refused. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** The folder of the gateway's state, absolute; made when it is not there. */
  readonly directory: string;
  /** Milliseconds since the Unix epoch. */
  readonly wallTime: () => number;
  readonly clock?: Pick<Clock, 'setTimer'>;
  readonly fileSystem?: FileSystem;
  readonly connectStore?: ConnectStore;
  /** How many records may wait for the store before `begin` waits. */
  readonly unshippedLimit?: number;
}

const UNSHIPPED_LIMIT = 10_000;
const WRITER_BYTES = 8;
const KEY_LOST =
  'keyring/content.key was not there and was made anew: the prompts and answers kept so far can no longer be read, unless the old file is put back';

/**
 * Opens the ledger of a folder and locks the folder. Generations that a writer before it began and
 * did not finish are recorded as `interrupted`, each in a final record that refers to its intent.
 * @throws FolderLocked when a gateway that runs has it; its message names the pid
 * @throws Error when the folder cannot be written or the store cannot be opened
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { directory, wallTime, fileSystem = nodeFileSystem } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(directory);
  try {
    const folders = { journal: join(directory, 'journal'), content: join(directory, 'content') };
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const writer = randomBytes(WRITER_BYTES).toString('hex');
    const { key, isNew } = openContentKey(join(directory, 'keyring'));
    const warnings = isNew && readdirSync(folders.content).length > 0 ? [KEY_LOST] : [];
    const journal = new Journal({ directory: folders.journal, writer, wallTime, fileSystem });
    journal.open();
    const clock = options.clock ?? systemClock;
    const store = new StoreClient({
      store: { directory, writer },
      connect: options.connectStore ?? connectStore,
      clock,
      onShipped: (seq) => ledger.forget(seq),
    });
    const ledger = new FileLedger({
      writer,
      journal,
      content: new ContentWriter({ directory: folders.content, writer, key, fileSystem }),
      contentDirectory: folders.content,
      key,
      store,
      clock,
      unshippedLimit: options.unshippedLimit ?? UNSHIPPED_LIMIT,
      unlock,
      warnings,
    });
    await ledger.open();
    return ledger;
  } catch (error) {
    unlock();
    throw error;
  }
}
