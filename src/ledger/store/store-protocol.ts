import type { ChainEnd, SegmentSummary } from '../journal/chain-reader.ts';
import type { Statement } from '../checkpoints/checkpoint-format.ts';
import type { EventQuery } from './event-query.ts';
import type { GenerationQuery } from './generation-query.ts';

/** What the store's thread is started with. */
export interface StoreOptions {
  /** The ledger's folder, absolute. */
  readonly directory: string;
  /** The writer whose segments grow now: they are shipped on request only, up to what was written whole. */
  readonly writer: string;
}

/** One frame with a record, an intent or an event, as the store keeps it. */
export interface StoredRow {
  readonly writer: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  /** The journal frame's payload, byte for byte. */
  readonly payload: Uint8Array;
}

/** How far a segment of the journal was written whole. */
export interface WrittenSegment {
  readonly segment: string;
  readonly upTo: number;
}

/** What the ledger has the store's thread do for the folder, beside shipping and looking up. */
export type UpkeepRequest =
  /** Takes over what a dead writer has left. `from`: the last statement about its chain. */
  | { readonly type: 'recover'; readonly call: number; readonly writer: string; readonly from: Statement | null }
  /** Takes over a segment that is not written any more, and says what it holds, if all of it is older than `untilMs`. */
  | {
      readonly type: 'summarize';
      readonly call: number;
      readonly segment: string;
      readonly untilMs: number;
      readonly nowMs: number;
    }
  /** Forgets segments whose files are no more. */
  | { readonly type: 'drop'; readonly call: number; readonly segments: readonly string[] };

export type UpkeepReply =
  /** `unfinished`: the writer's intents without a final record. */
  | {
      readonly type: 'recovered';
      readonly call: number;
      readonly chain: ChainEnd;
      readonly unfinished: readonly StoredRow[];
    }
  /** `null`: it is younger, or damaged. */
  | { readonly type: 'summarized'; readonly call: number; readonly summary: SegmentSummary | null }
  | { readonly type: 'dropped'; readonly call: number };

export type StoreRequest =
  | { readonly type: 'ship'; readonly segments: readonly WrittenSegment[] }
  /** For a final record, or an intent that has none. What other writers have written is taken over first where it is needed. */
  | { readonly type: 'find'; readonly call: number; readonly id: string }
  /** Answered when `segments` and what other writers have written are taken over. `lost`: see `RecordStore.list`. */
  | {
      readonly type: 'list';
      readonly call: number;
      readonly query: GenerationQuery;
      readonly lost: ReadonlySet<string>;
      readonly segments: readonly WrittenSegment[];
    }
  /** The same of events. */
  | {
      readonly type: 'events';
      readonly call: number;
      readonly query: EventQuery;
      readonly segments: readonly WrittenSegment[];
    }
  | UpkeepRequest
  | { readonly type: 'close' };

export type StoreReply =
  /**
   * The store is open. `warnings`: what the operator should know about it. `unfinished`: intents of
   * earlier writers that never got a final record.
   */
  | { readonly type: 'ready'; readonly warnings: readonly string[]; readonly unfinished: readonly StoredRow[] }
  /** The store could not be opened at all. */
  | { readonly type: 'unusable'; readonly message: string }
  /** Every frame of the request is in the store for good. */
  | { readonly type: 'shipped' }
  | { readonly type: 'ship-failed'; readonly message: string }
  | { readonly type: 'rows'; readonly call: number; readonly rows: readonly StoredRow[] }
  | UpkeepReply
  | { readonly type: 'call-failed'; readonly call: number; readonly message: string }
  | { readonly type: 'closed' };
