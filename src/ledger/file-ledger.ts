import type { Clock, Timer } from '../core/clock.ts';
import { type JsonObject, stringMember } from '../core/json.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import { readContent } from './content-reader.ts';
import type { ContentWriter, GenerationContent } from './content-writer.ts';
import { finishedView, newestFirst } from './generation-view.ts';
import type { ChainPosition, Journal } from './journal.ts';
import type { ContentKey } from './keyring.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';
import { decodePayload, encodeFinal, encodeIntent, encodeRecord } from './payload.ts';
import type { StoreClient } from './store-client.ts';
import type { StoredRow } from './store-protocol.ts';
import {
  encodeLost,
  type LostGeneration,
  newestFrames,
  positionOf,
  textOf,
  viewOfFinal,
  viewOfLost,
  viewOfRunning,
  type WrittenFrame,
  writtenFrame,
} from './written-frame.ts';

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
  readonly warnings: readonly string[];
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

/** A frame about to be written. */
interface Ready {
  readonly id: string;
  readonly createdAt: string;
  readonly kind: Waiting['kind'];
  readonly payload: string;
  /** Who waits for it; `null` for the final record of a lost generation. */
  readonly waiting: Waiting | null;
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
  readonly #warnings: string[];
  readonly #running = new Map<string, WrittenFrame>();
  /** Generations that have ended without a final record: the next write gives them one. */
  readonly #lost = new Map<string, LostGeneration>();
  /** Final records that were written and are not yet in the store. */
  readonly #unshipped = new Map<string, WrittenFrame>();
  #queue: Waiting[] = [];
  #waiters: Waiter[] = [];
  #state: 'open' | 'closed' = 'open';

  constructor(parts: FileLedgerParts) {
    this.writer = parts.writer;
    this.#parts = parts;
    this.#warnings = [...parts.warnings];
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Opens the store and records what earlier writers left unfinished. @throws Error when it cannot be opened */
  async open(): Promise<void> {
    const { warnings, unfinished } = await this.#parts.store.start();
    this.#warnings.push(...warnings);
    if (unfinished.length === 0) return;
    for (const row of unfinished) this.#recover(row);
    this.#flush();
    this.#warnings.push(
      `requests that were under way when the gateway ended last time, now recorded as interrupted: ${unfinished.length}`,
    );
  }

  async begin(intent: IntentRecord): Promise<void> {
    if (this.#unshipped.size >= this.#parts.unshippedLimit) await this.#room();
    await this.#enqueue('intent', intent.id, intent.created_at, encodeIntent(intent), null);
  }

  finish(record: GenerationRecord, content: GenerationContent | null): Promise<ChainPosition> {
    return this.#enqueue('final', record.id, record.created_at, encodeRecord(record), content);
  }

  #recover(row: StoredRow): void {
    const payload = decodePayload(textOf(row));
    if (payload?.type !== 'intent') return;
    const frame = writtenFrame(row, stringMember(payload.intent, 'created_at') ?? '');
    this.#lost.set(stringMember(payload.intent, 'id') ?? '', { ...frame, cause: 'process_ended' });
  }

  async find(id: string): Promise<JsonObject | null> {
    const unshipped = this.#unshipped.get(id);
    if (unshipped !== undefined) return this.#whole(unshipped.payload, unshipped.position);
    const running = this.#running.get(id);
    if (running !== undefined) return viewOfRunning(running);
    const lost = this.#lost.get(id);
    if (lost !== undefined) return viewOfLost(lost);
    const row = await this.#parts.store.find(id);
    return row === null ? null : this.#whole(textOf(row), positionOf(row));
  }

  async recent(limit: number): Promise<readonly JsonObject[]> {
    const most = Math.max(0, Math.floor(limit));
    // Taken before the store is asked: what is shipped in between would else be in neither.
    const begun = [
      ...newestFrames(this.#running, most).map(viewOfRunning),
      ...newestFrames(this.#lost, most).map(viewOfLost),
    ];
    const unshipped = newestFrames(this.#unshipped, most);
    const views = new Map<string, JsonObject | null>();
    for (const row of await this.#parts.store.recent(most)) {
      views.set(`${row.writer}/${row.hash}`, viewOfFinal(textOf(row), positionOf(row)));
    }
    for (const { payload, position } of unshipped)
      views.set(`${position.writer}/${position.hash}`, viewOfFinal(payload, position));
    const finished = [...views.values()].filter((view) => view !== null);
    const ended = new Set(finished.map((view) => view['id']));
    const unfinished = begun.filter((view) => view !== null).filter((view) => !ended.has(view['id']));
    return [...finished, ...unfinished].toSorted(newestFirst).slice(0, most);
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
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { kind, id, createdAt, json, content, resolve, reject };
      if (json.length > MAX_JSON_CHARACTERS) {
        this.#refuse(waiting, 'the record cannot be written', new Error('it is too large'));
        return;
      }
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push(waiting);
    });
  }

  #flush(): void {
    const queue = this.#queue;
    if (queue.length === 0 && this.#lost.size === 0) return;
    this.#queue = [];
    let ready: readonly Ready[] = [];
    let positions: readonly ChainPosition[];
    try {
      ready = this.#encoded(queue);
      if (ready.length === 0) return;
      positions = this.#parts.journal.append(ready.map((frame) => frame.payload));
    } catch (error) {
      const refused = ready.length === 0 ? queue : ready.flatMap((frame) => frame.waiting ?? []);
      for (const waiting of refused) this.#refuse(waiting, 'the ledger cannot be written', error);
      return;
    }
    this.#remember(ready, positions);
  }

  /**
   * The stored form of each frame, with those for the lost generations at the end; the contents are
   * on the kernel's side when it returns. One whose content cannot be encoded is refused by itself.
   * @throws the system's error
   */
  #encoded(queue: readonly Waiting[]): readonly Ready[] {
    const contents: GenerationContent[] = [];
    for (const { content } of queue) if (content !== null) contents.push(content);
    const pointers = contents.length === 0 ? [] : this.#parts.content.append(contents);
    const ready: Ready[] = [];
    let next = 0;
    for (const waiting of queue) {
      const { id, createdAt, kind, json, content } = waiting;
      const pointer = content === null ? null : (pointers[next++] ?? null);
      if (pointer instanceof Error) {
        this.#refuse(waiting, 'the content of the record cannot be written', pointer);
        continue;
      }
      ready.push({ id, createdAt, kind, payload: kind === 'intent' ? json : encodeFinal(json, pointer), waiting });
    }
    for (const [id, lost] of this.#lost) {
      const payload = encodeLost(lost);
      if (payload !== null) ready.push({ id, createdAt: lost.createdAt, kind: 'final', payload, waiting: null });
    }
    return ready;
  }

  /** Tells who waits that the frame was not written. A generation that was to end by it is lost. */
  #refuse(waiting: Waiting, what: string, error: unknown): void {
    const begun = waiting.kind === 'final' ? this.#running.get(waiting.id) : undefined;
    if (begun !== undefined) {
      this.#running.delete(waiting.id);
      this.#lost.set(waiting.id, { ...begun, cause: 'not_written' });
    }
    const reason = error instanceof Error ? error.message : String(error);
    waiting.reject(new LedgerUnavailable(`${what}: ${reason}`, error));
  }

  /** Makes the written frames findable, tells the store, then those who wait: in this order. */
  #remember(ready: readonly Ready[], positions: readonly ChainPosition[]): void {
    let finals = 0;
    let seq = 0;
    let index = -1;
    for (const { kind, id, createdAt, payload } of ready) {
      const position = positions[++index];
      if (position === undefined) continue;
      seq = position.seq;
      const written = { createdAt, payload, position };
      if (kind === 'intent') this.#running.set(id, written);
      else {
        finals++;
        this.#running.delete(id);
        this.#lost.delete(id);
        this.#unshipped.set(id, written);
      }
    }
    const { journal, store } = this.#parts;
    store.written(journal.segment, journal.length, finals, seq);
    index = 0;
    for (const position of positions) ready[index++]?.waiting?.resolve(position);
  }

  async #whole(text: string, position: ChainPosition): Promise<JsonObject | null> {
    const payload = decodePayload(text);
    if (payload?.type !== 'final') return null;
    if (payload.content === null) return finishedView(payload.record, position, 'not_kept', null);
    const bodies = await readContent(this.#parts.contentDirectory, this.#parts.key, payload.content);
    return finishedView(payload.record, position, bodies === null ? 'lost' : 'kept', bodies);
  }
}
