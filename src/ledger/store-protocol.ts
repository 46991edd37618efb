/** What the store's thread is started with. */
export interface StoreOptions {
  /** The ledger's folder, absolute. */
  readonly directory: string;
  /** The writer whose segments grow now: they are shipped on request only, up to what was written whole. */
  readonly writer: string;
}

/** One record, final or intent, as the store keeps it. */
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

export type StoreRequest =
  | { readonly type: 'ship'; readonly segments: readonly WrittenSegment[] }
  | { readonly type: 'find'; readonly call: number; readonly id: string }
  | { readonly type: 'recent'; readonly call: number; readonly limit: number }
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
  | { readonly type: 'call-failed'; readonly call: number; readonly message: string }
  | { readonly type: 'closed' };
