import type { JsonObject } from '../core/json.ts';
import { readContent } from './content/content-reader.ts';
import { generationFacts, type GenerationPlace, type GenerationQuery } from './store/generation-query.ts';
import { finishedView, runningView } from './generation-view.ts';
import type { ChainPosition } from './journal/journal.ts';
import type { ContentKey } from './keyring.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';
import { decodePayload } from './journal/payload.ts';
import type { StoreClient } from './store/store-client.ts';
import type { StoredRow } from './store/store-protocol.ts';
import {
  type LostGeneration,
  positionOf,
  textOf,
  viewOfLost,
  viewOfRunning,
  type WrittenFrame,
} from './journal/written-frame.ts';

/** One page of a list. */
export interface GenerationPage {
  readonly generations: readonly JsonObject[];
  /** The last one of the page, when others may come after it; else `null`. */
  readonly next: GenerationPlace | null;
}

export interface LedgerReaderParts {
  readonly store: Pick<StoreClient, 'find' | 'list'>;
  readonly contentDirectory: string;
  readonly key: ContentKey;
  /** What the writing side has in memory, by id. */
  readonly running: ReadonlyMap<string, WrittenFrame>;
  readonly lost: ReadonlyMap<string, LostGeneration>;
  readonly unshipped: ReadonlyMap<string, WrittenFrame>;
}

/** The reading side of a ledger: one generation from memory or from the store, lists from the store. */
export class LedgerReader {
  readonly #parts: LedgerReaderParts;

  constructor(parts: LedgerReaderParts) {
    this.#parts = parts;
  }

  /** See `Ledger.find`. */
  async find(id: string): Promise<JsonObject | null> {
    const { running, lost, unshipped, store } = this.#parts;
    const written = unshipped.get(id);
    if (written !== undefined) return this.#whole(written.payload, written.position);
    const begun = running.get(id);
    if (begun !== undefined) return viewOfRunning(begun);
    const ended = lost.get(id);
    if (ended !== undefined) return viewOfLost(ended);
    const row = await store.find(id);
    return row === null ? null : this.#whole(textOf(row), positionOf(row));
  }

  /** See `Ledger.list`. */
  async list(query: GenerationQuery): Promise<GenerationPage> {
    // As they are now: what is recorded while the store is asked still counts as it was.
    const lost = new Map(this.#parts.lost);
    const rows = await this.#rows({ ...query, limit: query.limit + 1 }, lost);
    const views = rows.slice(0, query.limit).map((row) => listedView(textOf(row), positionOf(row), lost));
    const generations = views.filter((view) => view !== null);
    const last = generations.at(-1);
    if (rows.length <= query.limit || last === undefined) return { generations, next: null };
    const { createdMs, id } = generationFacts(last);
    return { generations, next: { createdMs, id } };
  }

  async #rows(query: GenerationQuery, lost: ReadonlyMap<string, LostGeneration>): Promise<readonly StoredRow[]> {
    try {
      return await this.#parts.store.list(query, new Set(lost.keys()));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LedgerUnavailable(`the list of records cannot be read: ${reason}`, error);
    }
  }

  async #whole(text: string, position: ChainPosition): Promise<JsonObject | null> {
    const payload = decodePayload(text);
    if (payload?.type === 'intent') return runningView(payload.intent, position);
    if (payload?.type !== 'final') return null;
    if (payload.content === null) return finishedView(payload.record, position, 'not_kept', null);
    const content = await readContent(this.#parts.contentDirectory, this.#parts.key, payload.content);
    if (typeof content === 'string') return finishedView(payload.record, position, content, null);
    return finishedView(payload.record, position, 'kept', content);
  }
}

/** The view of a row without its bodies; `null` when it is no record. */
function listedView(
  text: string,
  position: ChainPosition,
  lost: ReadonlyMap<string, LostGeneration>,
): JsonObject | null {
  const payload = decodePayload(text);
  if (payload?.type === 'final') {
    return finishedView(payload.record, position, payload.content === null ? 'not_kept' : 'kept', null);
  }
  if (payload?.type !== 'intent') return null;
  const ended = lost.get(generationFacts(payload.intent).id);
  return ended === undefined ? runningView(payload.intent, position) : viewOfLost(ended);
}
