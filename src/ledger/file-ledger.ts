import type { Clock, Timer } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import { readContent } from './content-reader.ts';
import type { ContentWriter, GenerationContent } from './content-writer.ts';
import { finishedView, newestFirst, runningView } from './generation-view.ts';
import type { ChainPosition, Journal } from './journal.ts';
import type { ContentKey } from './keyring.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';
import { decodePayload, encodeFinal, encodeIntent, encodeRecord } from './payload.ts';
import type { StoreClient } from './store-client.ts';
import type { StoredRow } from './store-protocol.ts';

export interface FileLedgerParts {
  readonly writer: string;
  readonly journal: Journal;
  readonly content: ContentWriter;
  readonly contentDirectory: string;
  readonly key: ContentKey;
  readonly store: StoreClient;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly unshippedLimit: number;
  readonly unlock: () => void;
}

/** A frame that waits for the end of the tick. */
interface Waiting {
  readonly id: string;
  readonly createdAt: string;
  /** An intent's payload, or a final record's JSON. */
  readonly json: string;
  readonly kind: 'intent' | 'final';
  readonly content: GenerationContent | null;
  readonly resolve: (position: ChainPosition) => void;
  readonly reject: (error: Error) => void;
}

/** A frame that was written and is not yet in the store. */
interface Written {
  readonly createdAt: string;
  readonly payload: string;
  readonly position: ChainPosition;
}

interface Waiter {
  readonly resume: () => void;
  readonly timer: Timer;
}

/** How long `begin` waits for a store that is behind. */
const STORE_WAIT_MS = 5000;
/** JSON longer than this could take more bytes than a frame may have. */
const MAX_JSON_CHARACTERS = 16 * 1024 * 1024;

/** The ledger over its parts: one write of content and one of frames per tick of the event loop. */
export class FileLedger {
  readonly writer: string;
  readonly #parts: FileLedgerParts;
  readonly #warnings: string[] = [];
  readonly #running = new Map<string, Written>();
  readonly #unshipped = new Map<string, Written>();
  #queue: Waiting[] = [];
  #waiters: Waiter[] = [];
  #state: 'open' | 'closed' = 'open';

  constructor(parts: FileLedgerParts) {
    this.writer = parts.writer;
    this.#parts = parts;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Opens the store. @throws Error when it cannot be opened */
  async open(): Promise<void> {
    this.#warnings.push(...(await this.#parts.store.start()));
  }

  async begin(intent: IntentRecord): Promise<void> {
    if (this.#unshipped.size >= this.#parts.unshippedLimit) await this.#room();
    await this.#enqueue('intent', intent.id, intent.created_at, encodeIntent(intent), null);
  }

  finish(record: GenerationRecord, content: GenerationContent | null): Promise<ChainPosition> {
    return this.#enqueue('final', record.id, record.created_at, encodeRecord(record), content);
  }

  async find(id: string): Promise<JsonObject | null> {
    const unshipped = this.#unshipped.get(id);
    if (unshipped !== undefined) return this.#whole(unshipped.payload, unshipped.position);
    const running = this.#running.get(id);
    if (running !== undefined) return runningOf(running);
    const row = await this.#parts.store.find(id);
    return row === null ? null : this.#whole(textOf(row), positionOf(row));
  }

  async recent(limit: number): Promise<readonly JsonObject[]> {
    const most = Math.max(0, Math.floor(limit));
    // Taken before the store is asked: what is shipped in between would else be in neither.
    const running = newest(this.#running, most);
    const unshipped = newest(this.#unshipped, most);
    const views = new Map<string, JsonObject | null>();
    for (const row of await this.#parts.store.recent(most)) {
      views.set(`${row.writer}/${row.hash}`, bare(textOf(row), positionOf(row)));
    }
    for (const { payload, position } of unshipped)
      views.set(`${position.writer}/${position.hash}`, bare(payload, position));
    const finished = [...views.values()].filter((view) => view !== null);
    const ended = new Set(finished.map((view) => view['id']));
    const begun = running.map(runningOf).filter((view) => view !== null && !ended.has(view['id']));
    return [...finished, ...begun.filter((view) => view !== null)].toSorted(newestFirst).slice(0, most);
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#flush();
    this.#state = 'closed';
    for (const waiter of this.#waiters.splice(0)) waiter.resume();
    await this.#parts.store.close();
    this.#parts.journal.close();
    this.#parts.content.close();
    this.#parts.unlock();
  }

  /** Lets go of what the store has for good: every frame up to `seq`. */
  forget(seq: number): void {
    for (const [id, written] of this.#unshipped) {
      if (written.position.seq > seq) break;
      this.#unshipped.delete(id);
    }
    if (this.#unshipped.size >= this.#parts.unshippedLimit) return;
    for (const waiter of this.#waiters.splice(0)) waiter.resume();
  }

  #room(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#parts.clock.setTimer(STORE_WAIT_MS, () => {
        this.#waiters = this.#waiters.filter((waiter) => waiter.timer !== timer);
        const reason = this.#parts.store.failure ?? 'it does not keep up';
        reject(new LedgerUnavailable(`the store is ${this.#unshipped.size} records behind: ${reason}`));
      });
      const resume = (): void => {
        timer.cancel();
        resolve();
      };
      this.#waiters.push({ resume, timer });
    });
  }

  #enqueue(
    kind: Waiting['kind'],
    id: string,
    createdAt: string,
    json: string,
    content: GenerationContent | null,
  ): Promise<ChainPosition> {
    if (this.#state === 'closed') return Promise.reject(new LedgerUnavailable('the ledger is closed'));
    if (json.length > MAX_JSON_CHARACTERS) return Promise.reject(new LedgerUnavailable('the record is too large'));
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ kind, id, createdAt, json, content, resolve, reject });
    });
  }

  #flush(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    let payloads: readonly string[];
    let positions: readonly ChainPosition[];
    try {
      payloads = this.#payloads(queue);
      positions = this.#parts.journal.append(payloads);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const waiting of queue)
        waiting.reject(new LedgerUnavailable(`the ledger cannot be written: ${reason}`, error));
      return;
    }
    this.#remember(queue, payloads, positions);
  }

  /** The stored form of each frame; the contents are on the kernel's side when it returns. @throws the system's error */
  #payloads(queue: readonly Waiting[]): string[] {
    const contents: GenerationContent[] = [];
    for (const { content } of queue) if (content !== null) contents.push(content);
    const pointers = contents.length === 0 ? [] : this.#parts.content.append(contents);
    let next = 0;
    return queue.map(({ kind, json, content }) => {
      if (kind === 'intent') return json;
      return encodeFinal(json, content === null ? null : (pointers[next++] ?? null));
    });
  }

  /** Makes the written frames findable, tells the store, then those who wait: in this order. */
  #remember(queue: readonly Waiting[], payloads: readonly string[], positions: readonly ChainPosition[]): void {
    let finals = 0;
    let seq = 0;
    let index = -1;
    for (const { kind, id, createdAt } of queue) {
      const payload = payloads[++index];
      const position = positions[index];
      if (payload === undefined || position === undefined) continue;
      seq = position.seq;
      const written = { createdAt, payload, position };
      if (kind === 'intent') this.#running.set(id, written);
      else {
        finals++;
        this.#running.delete(id);
        this.#unshipped.set(id, written);
      }
    }
    const { journal, store } = this.#parts;
    store.written(journal.segment, journal.length, finals, seq);
    index = 0;
    for (const position of positions) queue[index++]?.resolve(position);
  }

  async #whole(text: string, position: ChainPosition): Promise<JsonObject | null> {
    const payload = decodePayload(text);
    if (payload?.type !== 'final') return null;
    if (payload.content === null) return finishedView(payload.record, position, 'not_kept', null);
    const bodies = await readContent(this.#parts.contentDirectory, this.#parts.key, payload.content);
    return finishedView(payload.record, position, bodies === null ? 'lost' : 'kept', bodies);
  }
}

function runningOf(written: Written): JsonObject | null {
  const payload = decodePayload(written.payload);
  return payload?.type === 'intent' ? runningView(payload.intent, written.position) : null;
}

/** A finished generation without its bodies. */
function bare(text: string, position: ChainPosition): JsonObject | null {
  const payload = decodePayload(text);
  if (payload?.type !== 'final') return null;
  return finishedView(payload.record, position, payload.content === null ? 'not_kept' : 'kept', null);
}

/** The newest by creation, at most `limit`, without reading their JSON. */
function newest(frames: ReadonlyMap<string, Written>, limit: number): readonly Written[] {
  const byAge = [...frames.values()].toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return byAge.slice(0, limit);
}

function textOf(row: StoredRow): string {
  return Buffer.from(row.payload.buffer, row.payload.byteOffset, row.payload.byteLength).toString();
}

function positionOf(row: StoredRow): ChainPosition {
  return { writer: row.writer, seq: row.seq, prev: row.prev, hash: row.hash };
}
