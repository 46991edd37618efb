import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import { type FileSystem, nodeFileSystem } from './journal/append-file.ts';
import { assembleLedger, type LedgerMaterial } from './assemble-ledger.ts';
import { CHECKPOINTS_FILE } from './checkpoints/checkpoint-log.ts';
import type { GenerationContent } from './content/content-writer.ts';
import type { GenerationQuery } from './store/generation-query.ts';
import type { GrowingBody } from './content/growing-body.ts';
import { awaitGuests, enterFolder, lockFolder } from './folder-lock.ts';
import type { ChainPosition } from './journal/journal.ts';
import { type LedgerSigner, openContentKey, openLedgerKey } from './keyring.ts';
import type { GenerationPage } from './ledger-reader.ts';
import type { LedgerEventQuery, StoredEvent } from './read-events.ts';
import { LedgerWarnings } from './ledger-warnings.ts';
import { DEFAULT_ROTATION, type Rotation } from './journal/segment-files.ts';
import { type ConnectStore, connectStore } from './store/store-port.ts';

export type { GenerationContent } from './content/content-writer.ts';
export type { GenerationFilters, GenerationPlace, GenerationQuery } from './store/generation-query.ts';
export type { GrowingBody } from './content/growing-body.ts';
export type { ChainPosition } from './journal/journal.ts';
export type { GenerationPage } from './ledger-reader.ts';
export type { LedgerEventQuery, StoredEvent } from './read-events.ts';
export { LedgerUnavailable } from './ledger-unavailable.ts';

/** The append-only record of every generation: who wrote it, why, with what, at what cost. */
export interface Ledger {
  /** Who writes: random, one per opening. */
  readonly writer: string;
  /** Signs with the key that signs checkpoints (Ed25519, RFC 8032). */
  readonly signer: LedgerSigner;
  /** What the operator should know about the state of the folder and the store. */
  readonly warnings: readonly string[];
  /** Why the last write failed; `null` while records can be written. It is tried again by itself, each second. */
  readonly failure: string | null;
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
   * Begins a body that is too large to be kept in memory until its generation has ended: `append`
   * writes its bytes at once. To be given to `finish` with the rest of the content; what a
   * generation that never finishes has begun stays behind, encrypted, and nothing points to it.
   */
  beginBody(): GrowingBody;
  /**
   * The whole record with `chain`, `content` and, where they are kept, the bodies: from the moment
   * `finish` resolved. One that has begun and not finished has status `running`. `null`: unknown id.
   * @throws Error when the store does not answer
   */
  find(id: string): Promise<JsonObject | null>;
  /**
   * A page of a list, newest first by creation, without bodies: running ones too, and what other
   * processes on the folder write. `content` says what was kept, not whether it can still be read.
   * @throws LedgerUnavailable when the store does not answer, or cannot take over what was written
   */
  list(query: GenerationQuery): Promise<GenerationPage>;
  /**
   * Adds an event to the same chain. Resolves when it is on the kernel's side, as `begin` does.
   * @throws LedgerUnavailable when it could not be written
   */
  note(event: LedgerEvent): Promise<ChainPosition>;
  /**
   * Events of one kind, oldest first by creation, each once: from the moment `note` resolved, in whichever process of the
   * folder. Clocks of processes may differ and `note` takes its time: who asks again with a `since` should let it overlap.
   * @throws LedgerUnavailable when the store does not answer, or cannot take over what was written
   */
  events(query: LedgerEventQuery): Promise<readonly StoredEvent[]>;
  /**
   * For the process that holds the folder, when another one that wrote into it has ended: records as
   * `interrupted` what that writer has begun and not finished, and signs where its chain ends.
   * @throws Error when the store does not answer
   */
  recover(writer: string): Promise<void>;
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
  /** When a file of the journal or of the content is closed and the next one begun. */
  readonly rotation?: Rotation;
  /** How long records are kept, at least; they are deleted by whole files. `null`: for ever. */
  readonly keepMs?: number | null;
  /**
   * Another process holds the folder, and this one is among those that write into it beside: it takes
   * no lock, and leaves recovery and retention to that process.
   */
  readonly shared?: boolean;
  /** Told of each warning that comes after the opening; `Ledger.warnings` has all. */
  readonly onWarning?: (message: string) => void;
}

const UNSHIPPED_LIMIT = 10_000;
const WRITER_BYTES = 8;
const CONTENT_KEY_LOST =
  'keyring/content.key was not there and was made anew: the prompts and answers kept so far can no longer be read, unless the old file is put back';
const LEDGER_KEY_LOST =
  'keyring/ledger.key was not there and was made anew: checkpoints signed so far can be checked only with the public key of the old one';

/**
 * Opens the ledger of a folder and, unless it is shared, locks the folder: what writers before it
 * began and did not finish is then recorded as `interrupted`, each in a final record that refers to its intent.
 * @throws FolderLocked when a gateway that runs has it, or a worker of one that has ended still lives after 10 s; its message names the pid
 * @throws Error when the folder cannot be written, a key cannot be read or the store cannot be opened
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { directory, shared = false } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = shared ? enterFolder(directory) : lockFolder(directory);
  try {
    if (!shared) await awaitGuests(directory, options.clock ?? systemClock);
    const material = materialOf(options, unlock);
    const ledger = assembleLedger(material);
    await ledger.open();
    if (options.onWarning !== undefined) material.warnings.tell(options.onWarning);
    return ledger;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Makes the folders and keys that are missing. */
function materialOf(options: LedgerOptions, unlock: () => void): LedgerMaterial {
  const { directory, keepMs = null, rotation = DEFAULT_ROTATION } = options;
  const journalDirectory = join(directory, 'journal');
  const contentDirectory = join(directory, 'content');
  for (const folder of [journalDirectory, contentDirectory]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const warnings = new LedgerWarnings();
  const contentKey = openContentKey(join(directory, 'keyring'));
  if (contentKey.isNew && readdirSync(contentDirectory).length > 0) warnings.add(CONTENT_KEY_LOST);
  const ledgerKey = openLedgerKey(join(directory, 'keyring'));
  if (ledgerKey.isNew && existsSync(join(journalDirectory, CHECKPOINTS_FILE))) warnings.add(LEDGER_KEY_LOST);
  return {
    ...options,
    directory,
    journalDirectory,
    contentDirectory,
    writer: randomBytes(WRITER_BYTES).toString('hex'),
    contentKey: contentKey.key,
    ledgerKey: ledgerKey.key,
    isOwner: options.shared !== true,
    keepMs,
    // Files that are written for longer than records are kept would keep them for longer.
    rotation: keepMs === null ? rotation : { ...rotation, ageMs: Math.min(rotation.ageMs, keepMs) },
    unshippedLimit: options.unshippedLimit ?? UNSHIPPED_LIMIT,
    clock: options.clock ?? systemClock,
    fileSystem: options.fileSystem ?? nodeFileSystem,
    connectStore: options.connectStore ?? connectStore,
    warnings,
    unlock,
  };
}
