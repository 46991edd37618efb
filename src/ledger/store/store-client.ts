import type { Clock, Timer } from '../../core/clock.ts';
import type { SegmentSummary } from '../journal/chain-reader.ts';
import type { Statement } from '../checkpoints/checkpoint-format.ts';
import type { EventQuery } from './event-query.ts';
import type { GenerationQuery } from './generation-query.ts';
import type { ConnectStore, StorePort } from './store-port.ts';
import type { StoredRow, StoreOptions, StoreReply, StoreRequest, WrittenSegment } from './store-protocol.ts';

/** Records that make a shipment at once. */
const SHIPMENT_RECORDS = 128;
/** How long fewer records wait for more: a transaction shared is cheaper than one each. */
const LINGER_MS = 50;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

export interface StoreClientOptions {
  readonly store: StoreOptions;
  readonly connect: ConnectStore;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Every record up to this number of the chain is in the store. */
  readonly onShipped: (seq: number) => void;
}

interface Shipment {
  readonly segments: Map<string, number>;
  records: number;
  seq: number;
}

/** What a store knows when it has taken over what earlier writers left. */
export interface OpenedStore {
  readonly warnings: readonly string[];
  /** Their intents that never got a final record. */
  readonly unfinished: readonly StoredRow[];
}

interface Call {
  readonly resolve: (reply: StoreReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The ledger's side of the store: tells it how far the journal was written, one shipment at a time,
 * and asks it. A store that fails is asked again after a growing pause, a thread that dies is
 * started again; nothing is lost by it, since the journal has everything.
 */
export class StoreClient {
  readonly #options: StoreClientOptions;
  readonly #calls = new Map<number, Call>();
  #port: StorePort | null = null;
  #lastCall = 0;
  #waiting: Shipment = emptyShipment();
  #underway: Shipment | null = null;
  #timer: Timer | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #failure: string | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #onSettled: (() => void) | null = null;
  #onClosed: (() => void) | null = null;

  constructor(options: StoreClientOptions) {
    this.#options = options;
  }

  /** Opens the store. @throws Error when it cannot be opened */
  start(): Promise<OpenedStore> {
    return new Promise((resolve, reject) => {
      let opened = false;
      this.#port = this.#options.connect(this.#options.store, {
        onReply: (reply) => {
          if (reply.type === 'ready') {
            opened = true;
            resolve(reply);
          } else if (reply.type === 'unusable') {
            void this.#port?.stop();
            reject(new Error(`the store cannot be opened: ${reply.message}`));
          } else this.#take(reply);
        },
        onExit: (error) => {
          this.#port = null;
          if (opened) this.#onExit(error);
          else reject(error ?? new Error('the store ended before it was open'));
        },
      });
    });
  }

  /** Why the last shipment failed; `null` while all is well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Notes that a segment was written whole up to `upTo`, which holds `records` more final records and events; `seq` is its last frame. */
  written(segment: string, upTo: number, records: number, seq: number): void {
    this.#waiting.segments.set(segment, upTo);
    this.#waiting.records += records;
    this.#waiting.seq = seq;
    if (this.#waiting.records === 0 || this.#failure !== null) return;
    if (this.#waiting.records >= SHIPMENT_RECORDS) this.#ship();
    else this.#timer ??= this.#options.clock.setTimer(LINGER_MS, () => this.#ship());
  }

  /** The row of this id, from any writer of the folder; `null` when there is none. @throws Error when the store does not answer */
  async find(id: string): Promise<StoredRow | null> {
    const { rows } = await this.#ask('rows', (call) => ({ type: 'find', call, id }));
    return rows[0] ?? null;
  }

  /**
   * The rows of a list, those written a moment ago and those of other writers of the folder too.
   * @param lost see `RecordStore.list`
   * @throws Error when the store does not answer, or cannot take over what was written
   */
  async list(query: GenerationQuery, lost: ReadonlySet<string>): Promise<readonly StoredRow[]> {
    const segments = this.#unshipped();
    return (await this.#ask('rows', (call) => ({ type: 'list', call, query, lost, segments }))).rows;
  }

  /** A page of events, those written a moment ago and those of other writers of the folder too. @throws Error as `list` */
  async events(query: EventQuery): Promise<readonly StoredRow[]> {
    const segments = this.#unshipped();
    return (await this.#ask('rows', (call) => ({ type: 'events', call, query, segments }))).rows;
  }

  /** Takes over what a dead writer has left. @param from the last statement about its chain @throws Error when the store cannot */
  recover(writer: string, from: Statement | null): Promise<StoreReply & { readonly type: 'recovered' }> {
    return this.#ask('recovered', (call) => ({ type: 'recover', call, writer, from }));
  }

  /** What a segment holds that is not written any more; `null` when not all of it is older. @throws Error when the store cannot tell */
  async summarize(segment: string, untilMs: number, nowMs: number): Promise<SegmentSummary | null> {
    return (await this.#ask('summarized', (call) => ({ type: 'summarize', call, segment, untilMs, nowMs }))).summary;
  }

  /** Forgets segments whose files are no more. @throws Error when the store cannot */
  async drop(segments: readonly string[]): Promise<void> {
    for (const shipment of [this.#waiting, this.#underway]) {
      for (const segment of segments) shipment?.segments.delete(segment);
    }
    await this.#ask('dropped', (call) => ({ type: 'drop', call, segments }));
  }

  /** Ships what is left, or tries to once, and ends the store. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
      if (this.#underway === null) this.#ship();
    });
    const port = this.#port;
    this.#state = 'closing';
    this.#timer?.cancel();
    if (port !== null) {
      await new Promise<void>((resolve) => {
        this.#onClosed = resolve;
        port.post({ type: 'close' });
      });
      await port.stop();
    }
    this.#state = 'closed';
  }

  async #ask<Type extends StoreReply['type']>(
    type: Type,
    request: (call: number) => StoreRequest & { readonly call: number },
  ): Promise<StoreReply & { readonly type: Type }> {
    const port = this.#port;
    if (port === null || this.#state !== 'open') throw new Error('the store is not open');
    const call = ++this.#lastCall;
    const reply = await new Promise<StoreReply>((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      port.post(request(call));
    });
    if (!isReply(reply, type)) throw new TypeError(`the store answered ${reply.type}, not ${type}`);
    return reply;
  }

  #unshipped(): readonly WrittenSegment[] {
    return segmentsOf(this.#underway === null ? this.#waiting : merged(this.#underway, this.#waiting));
  }

  #ship(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#underway !== null) return;
    if (this.#port === null || this.#waiting.segments.size === 0) {
      this.#onSettled?.();
      return;
    }
    this.#underway = this.#waiting;
    this.#waiting = emptyShipment();
    this.#port.post({ type: 'ship', segments: segmentsOf(this.#underway) });
  }

  #take(reply: StoreReply): void {
    switch (reply.type) {
      case 'shipped': {
        const seq = this.#underway?.seq ?? 0;
        this.#underway = null;
        this.#failure = null;
        this.#pauseMs = FIRST_PAUSE_MS;
        this.#options.onShipped(seq);
        if (this.#onSettled !== null || this.#waiting.records >= SHIPMENT_RECORDS) this.#ship();
        else if (this.#waiting.records > 0) this.#timer ??= this.#options.clock.setTimer(LINGER_MS, () => this.#ship());
        break;
      }
      case 'ship-failed':
        this.#onFailure(reply.message);
        break;
      case 'rows':
      case 'recovered':
      case 'summarized':
      case 'dropped':
        this.#call(reply.call)?.resolve(reply);
        break;
      case 'call-failed':
        this.#call(reply.call)?.reject(new Error(reply.message));
        break;
      case 'closed':
        this.#onClosed?.();
        break;
      case 'ready':
      case 'unusable':
        break;
    }
  }

  #call(call: number): Call | undefined {
    const found = this.#calls.get(call);
    this.#calls.delete(call);
    return found;
  }

  /** Puts the shipment back and tries again after a pause; a closing ledger does not wait for that. */
  #onFailure(message: string): void {
    this.#failure = message;
    if (this.#underway !== null) this.#waiting = merged(this.#underway, this.#waiting);
    this.#underway = null;
    if (this.#onSettled !== null) {
      this.#onSettled();
      return;
    }
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(this.#pauseMs, () => void this.#retry());
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async #retry(): Promise<void> {
    try {
      if (this.#port === null) await this.start();
      this.#ship();
    } catch (error) {
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  #onExit(error: Error | null): void {
    this.#onClosed?.();
    for (const call of this.#calls.values()) call.reject(new Error('the store ended before it answered'));
    this.#calls.clear();
    if (this.#state === 'open') this.#onFailure(error?.message ?? 'the store ended');
  }
}

function isReply<Type extends StoreReply['type']>(
  reply: StoreReply,
  type: Type,
): reply is StoreReply & { readonly type: Type } {
  return reply.type === type;
}

function emptyShipment(): Shipment {
  return { segments: new Map(), records: 0, seq: 0 };
}

function segmentsOf({ segments }: Shipment): readonly WrittenSegment[] {
  return [...segments].map(([segment, upTo]) => ({ segment, upTo }));
}

/** One shipment of both; a segment counts as far as the later one says. */
function merged(earlier: Shipment, later: Shipment): Shipment {
  return {
    segments: new Map([...earlier.segments, ...later.segments]),
    records: earlier.records + later.records,
    seq: Math.max(earlier.seq, later.seq),
  };
}
