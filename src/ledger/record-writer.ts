import type { Clock, Timer } from '../core/clock.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type { GenerationRecord, IntentRecord } from '../core/record.ts';
import type { ContentWriter, GenerationContent } from './content/content-writer.ts';
import type { ChainPosition, Journal } from './journal/journal.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';
import { encodeEvent, encodeFinal, encodeIntent, encodeRecord, type WrittenEvent } from './journal/payload.ts';
import type { StoreRoom } from './store-room.ts';
import { encodeLost, type LostGeneration, type WrittenFrame } from './journal/written-frame.ts';

export interface RecordWriterParts {
  readonly journal: Journal;
  readonly content: ContentWriter;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly room: StoreRoom;
  /** A segment was written whole up to `upTo`, which holds so many more final records and events; `seq` is its last frame. */
  readonly onWritten: (segment: string, upTo: number, records: number, seq: number) => void;
  /** There were records among the frames, not a checkpoint alone. */
  readonly onRecords: () => void;
  /** Nothing could be written for a while: writes something, to find out whether it can be now. */
  readonly probe: () => void;
}

/** A frame that waits for the end of the tick. */
interface Waiting {
  readonly id: string;
  readonly createdAt: string;
  /** The payload of an intent or an event, or a final record's JSON. */
  readonly json: string;
  readonly kind: 'intent' | 'final' | 'event';
  readonly content: GenerationContent | null;
  readonly resolve: (position: ChainPosition) => void;
  readonly reject: (error: Error) => void;
}

/** A frame about to be written. */
interface Ready {
  readonly id: string;
  readonly createdAt: string;
  readonly kind: Waiting['kind'] | 'checkpoint';
  readonly payload: string;
  /** Who waits for it; `null` for a checkpoint, and for the final record of a lost generation. */
  readonly waiting: Waiting | null;
}

/** JSON longer than this could take more bytes than a frame may have. */
const MAX_JSON_CHARACTERS = 16 * 1024 * 1024;
/** How soon after a failed write the next one is tried when no request asks for one. */
const PROBE_MS = 1000;

/** Writes records: one write of content and one of frames per tick of the event loop. */
export class RecordWriter {
  readonly #parts: RecordWriterParts;
  readonly #running = new Map<string, WrittenFrame>();
  readonly #lost = new Map<string, LostGeneration>();
  readonly #unshipped = new Map<string, WrittenFrame>();
  #queue: Waiting[] = [];
  /** A checkpoint that is in the log of checkpoints and not yet in the chain: the next frame. */
  #checkpoint: string | null = null;
  #finals = 0;
  #failure: string | null = null;
  #probe: Timer | null = null;
  #closed = false;

  constructor(parts: RecordWriterParts) {
    this.#parts = parts;
  }

  /** Generations that have begun and not ended. */
  get running(): ReadonlyMap<string, WrittenFrame> {
    return this.#running;
  }

  /** Generations that have ended without a final record: the next write gives them one. */
  get lost(): ReadonlyMap<string, LostGeneration> {
    return this.#lost;
  }

  /** Final records that were written and are not yet in the store. */
  get unshipped(): ReadonlyMap<string, WrittenFrame> {
    return this.#unshipped;
  }

  /** How many final records the chain holds. */
  get finals(): number {
    return this.#finals;
  }

  /** Why the last write failed; `null` while all is well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** @throws LedgerUnavailable */
  async begin(intent: IntentRecord): Promise<void> {
    if (this.#parts.room.isFull(this.#unshipped.size)) await this.#parts.room.enter(this.#unshipped.size);
    await this.#enqueue('intent', intent.id, intent.created_at, encodeIntent(intent), null);
  }

  /** @throws LedgerUnavailable */
  finish(record: GenerationRecord, content: GenerationContent | null): Promise<ChainPosition> {
    return this.#enqueue('final', record.id, record.created_at, encodeRecord(record), content);
  }

  /** @throws LedgerUnavailable */
  note(event: LedgerEvent): Promise<ChainPosition> {
    return this.#enqueue('event', event.id, event.created_at, encodeEvent(event, null), null);
  }

  /** Writes an event of a segment that is to be deleted once more. @throws LedgerUnavailable */
  async carry(event: WrittenEvent, at: string): Promise<void> {
    await this.#enqueue('event', event.id, event.created_at, encodeEvent(event, at), null);
  }

  /** Has the next write give this generation its final record. @returns whether it had none yet */
  lose(id: string, lost: LostGeneration): boolean {
    if (this.#lost.has(id) || this.#unshipped.has(id)) return false;
    this.#lost.set(id, lost);
    return true;
  }

  /** Whether a checkpoint of before still waits to become a frame. */
  get hasCheckpoint(): boolean {
    return this.#checkpoint !== null;
  }

  /** Writes a checkpoint as the next frame: now or, when that fails, before any other. */
  addCheckpoint(text: string): void {
    this.#checkpoint = text;
    this.flush();
  }

  /** Lets go of what the store has for good: every frame up to `seq`. */
  forget(seq: number): void {
    for (const [id, written] of this.#unshipped) {
      if (written.position.seq > seq) break;
      this.#unshipped.delete(id);
    }
    this.#parts.room.onSize(this.#unshipped.size);
  }

  /** Takes nothing more. What waits is written by one last `flush`. */
  close(): void {
    this.#closed = true;
    this.#probe?.cancel();
    this.#parts.room.open();
  }

  #enqueue(
    kind: Waiting['kind'],
    id: string,
    createdAt: string,
    json: string,
    content: GenerationContent | null,
  ): Promise<ChainPosition> {
    if (this.#closed) return Promise.reject(new LedgerUnavailable('the ledger is closed'));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { kind, id, createdAt, json, content, resolve, reject };
      if (json.length > MAX_JSON_CHARACTERS) {
        this.#refuse(waiting, 'the record cannot be written', new Error('it is too large'));
        return;
      }
      if (this.#queue.length === 0) setImmediate(() => this.flush());
      this.#queue.push(waiting);
    });
  }

  /** Writes what waits, and tells who waits for it. */
  flush(): void {
    const queue = this.#queue;
    if (queue.length === 0 && this.#lost.size === 0 && this.#checkpoint === null) return;
    this.#queue = [];
    let ready: readonly Ready[] = [];
    let positions: readonly ChainPosition[];
    try {
      ready = this.#encoded(queue);
      if (ready.length === 0) return;
      positions = this.#parts.journal.append(ready.map((frame) => frame.payload));
    } catch (error) {
      this.#onFailure(error);
      const refused = ready.length === 0 ? queue : ready.flatMap((frame) => frame.waiting ?? []);
      for (const waiting of refused) this.#refuse(waiting, 'the ledger cannot be written', error);
      return;
    }
    this.#failure = null;
    this.#remember(ready, positions);
  }

  /**
   * The stored form of each frame, a checkpoint first and those for the lost generations at the end; the
   * contents are on the kernel's side when it returns. One whose content cannot be encoded is refused by itself.
   * @throws the system's error
   */
  #encoded(queue: readonly Waiting[]): readonly Ready[] {
    const contents: GenerationContent[] = [];
    for (const { content } of queue) if (content !== null) contents.push(content);
    const pointers = contents.length === 0 ? [] : this.#parts.content.append(contents);
    const ready: Ready[] = [];
    const checkpoint = this.#checkpoint;
    if (checkpoint !== null)
      ready.push({ id: '', createdAt: '', kind: 'checkpoint', payload: checkpoint, waiting: null });
    let next = 0;
    for (const waiting of queue) {
      const { id, createdAt, kind, json, content } = waiting;
      const pointer = content === null ? null : (pointers[next++] ?? null);
      if (pointer instanceof Error) {
        this.#refuse(waiting, 'the content of the record cannot be written', pointer);
        continue;
      }
      ready.push({ id, createdAt, kind, payload: kind === 'final' ? encodeFinal(json, pointer) : json, waiting });
    }
    for (const [id, lost] of this.#lost) {
      const payload = encodeLost(lost);
      if (payload !== null) ready.push({ id, createdAt: lost.createdAt, kind: 'final', payload, waiting: null });
    }
    return ready;
  }

  #onFailure(error: unknown): void {
    this.#failure = messageOf(error);
    this.#probeLater();
  }

  #probeLater(): void {
    if (this.#closed || this.#probe !== null) return;
    this.#probe = this.#parts.clock.setTimer(PROBE_MS, () => {
      this.#probe = null;
      if (this.#failure !== null) this.#parts.probe();
      if (this.#failure !== null) this.#probeLater();
    });
  }

  /** Tells who waits that the frame was not written. A generation that was to end by it is lost. */
  #refuse(waiting: Waiting, what: string, error: unknown): void {
    const begun = waiting.kind === 'final' ? this.#running.get(waiting.id) : undefined;
    if (begun !== undefined) {
      this.#running.delete(waiting.id);
      this.#lost.set(waiting.id, { ...begun, cause: 'not_written' });
    }
    waiting.reject(new LedgerUnavailable(`${what}: ${messageOf(error)}`, error));
  }

  /** Makes the written frames findable, tells the store, then those who wait: in this order. */
  #remember(ready: readonly Ready[], positions: readonly ChainPosition[]): void {
    let finals = 0;
    let events = 0;
    let seq = 0;
    let index = -1;
    for (const { kind, id, createdAt, payload } of ready) {
      const position = positions[++index];
      if (position === undefined) continue;
      seq = position.seq;
      const written = { createdAt, payload, position };
      if (kind === 'checkpoint') this.#checkpoint = null;
      else if (kind === 'intent') this.#running.set(id, written);
      else if (kind === 'event') events++;
      else {
        finals++;
        this.#running.delete(id);
        this.#lost.delete(id);
        this.#unshipped.set(id, written);
      }
    }
    this.#finals += finals;
    const { journal, onWritten, onRecords } = this.#parts;
    onWritten(journal.segment, journal.length, finals + events, seq);
    index = 0;
    for (const position of positions) ready[index++]?.waiting?.resolve(position);
    if (ready.length > 1 || ready[0]?.kind !== 'checkpoint') onRecords();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
