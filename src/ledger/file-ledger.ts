import { sign } from 'node:crypto';

import type { JsonObject } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import type { CheckpointLog } from './checkpoints/checkpoint-log.ts';
import type { Checkpointer } from './checkpoints/checkpointer.ts';
import type { ContentWriter, GenerationContent } from './content/content-writer.ts';
import type { GenerationQuery } from './store/generation-query.ts';
import type { GrowingBody } from './content/growing-body.ts';
import type { ChainPosition, Journal } from './journal/journal.ts';
import type { GenerationPage, LedgerReader } from './ledger-reader.ts';
import { type LedgerEventQuery, readEvents, type StoredEvent } from './read-events.ts';
import type { RecordWriter } from './record-writer.ts';
import type { Recovery } from './recovery.ts';
import type { Retention } from './retention.ts';
import type { StoreClient } from './store/store-client.ts';
import type { LedgerKey, LedgerSigner } from './keyring.ts';
import type { LedgerWarnings } from './ledger-warnings.ts';

export interface FileLedgerParts {
  readonly writer: string;
  readonly journal: Journal;
  readonly content: ContentWriter;
  readonly store: StoreClient;
  readonly records: RecordWriter;
  readonly reader: LedgerReader;
  readonly log: CheckpointLog;
  readonly checkpoints: Checkpointer;
  readonly recovery: Recovery;
  /** `null`: records are kept for ever, or another process of the folder sees to it. */
  readonly retention: Retention | null;
  /** Whether this process is the one that holds the folder. */
  readonly isOwner: boolean;
  readonly unlock: () => void;
  readonly warnings: LedgerWarnings;
  readonly ledgerKey: LedgerKey;
}

/** The ledger over its parts: what of them is done when. */
export class FileLedger {
  readonly writer: string;
  readonly signer: LedgerSigner;
  readonly #parts: FileLedgerParts;
  #closed: Promise<void> | null = null;

  constructor(parts: FileLedgerParts) {
    this.writer = parts.writer;
    this.#parts = parts;
    const { id, key } = parts.ledgerKey;
    this.signer = { keyId: id, sign: (bytes) => sign(null, bytes, key) };
  }

  get warnings(): readonly string[] {
    return this.#parts.warnings.all;
  }

  get failure(): string | null {
    return this.#parts.records.failure;
  }

  /** Opens the store and brings to an end what earlier writers left open. @throws Error when it cannot be opened */
  async open(): Promise<void> {
    const { store, log, checkpoints, recovery, retention, isOwner, warnings } = this.#parts;
    const opened = await store.start();
    for (const warning of opened.warnings) warnings.add(warning);
    if (isOwner) log.cutTornLine();
    checkpoints.open(isOwner ? log.digest() : null);
    if (!isOwner) return;
    await recovery.recoverAll(opened.unfinished);
    retention?.start();
  }

  begin(intent: IntentRecord): Promise<void> {
    return this.#parts.records.begin(intent);
  }

  finish(record: GenerationRecord, content: GenerationContent | null): Promise<ChainPosition> {
    return this.#parts.records.finish(record, content);
  }

  note(event: LedgerEvent): Promise<ChainPosition> {
    return this.#parts.records.note(event);
  }

  events(query: LedgerEventQuery): Promise<readonly StoredEvent[]> {
    return readEvents(this.#parts.store, query);
  }

  beginBody(): GrowingBody {
    return this.#parts.content.beginBody();
  }

  recover(writer: string): Promise<void> {
    return this.#parts.recovery.recover(writer);
  }

  find(id: string): Promise<JsonObject | null> {
    return this.#parts.reader.find(id);
  }

  list(query: GenerationQuery): Promise<GenerationPage> {
    return this.#parts.reader.list(query);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { store, records, checkpoints, retention, journal, content, unlock } = this.#parts;
    records.flush();
    records.close();
    await retention?.stop();
    checkpoints.close();
    await store.close();
    journal.close();
    content.close();
    unlock();
  }
}
