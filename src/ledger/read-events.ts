import type { LedgerEvent, LedgerEventKind } from '../core/ledger-event.ts';
import { parseIsoTime } from '../core/iso-time.ts';
import type { ChainPosition } from './journal/journal.ts';
import { decodePayload } from './journal/payload.ts';
import { positionOf, textOf } from './journal/written-frame.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';
import { eventPlace, type EventQuery } from './store/event-query.ts';
import type { StoreClient } from './store/store-client.ts';
import type { StoredRow } from './store/store-protocol.ts';

/** Which events are asked for. */
export interface LedgerEventQuery {
  readonly object: LedgerEventKind;
  /** Only those created after this time; ISO 8601. */
  readonly since?: string;
  /** The newest so many of them; all when left out. */
  readonly limit?: number;
}

/** An event, and where it stands: one that retention has written anew, where it stands since. */
export interface StoredEvent extends LedgerEvent {
  readonly chain: ChainPosition;
}

/** Events in one message from the store's thread. */
const PAGE_EVENTS = 5000;

/** See `Ledger.events`. @throws RangeError for a `since` that is no time, LedgerUnavailable */
export async function readEvents(
  store: Pick<StoreClient, 'events'>,
  { object, since, limit = Number.POSITIVE_INFINITY }: LedgerEventQuery,
): Promise<readonly StoredEvent[]> {
  const afterMs = since === undefined ? null : parseIsoTime(since);
  if (since !== undefined && afterMs === null) throw new RangeError('`since` must be an ISO 8601 time');
  const found: StoredEvent[] = [];
  let next: EventQuery['next'] = null;
  for (;;) {
    const wanted = Math.min(PAGE_EVENTS, limit - found.length);
    const rows = await readPage(store, { object, afterMs, next, limit: wanted });
    found.push(...rows.flatMap((row) => eventOf(row, object)));
    const last = found.at(-1);
    if (rows.length < wanted || last === undefined || found.length >= limit) return found.toReversed();
    next = eventPlace(last);
  }
}

async function readPage(store: Pick<StoreClient, 'events'>, query: EventQuery): Promise<readonly StoredRow[]> {
  try {
    return await store.events(query);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LedgerUnavailable(`the events cannot be read: ${reason}`, error);
  }
}

function eventOf(row: StoredRow, object: LedgerEventKind): readonly StoredEvent[] {
  const payload = decodePayload(textOf(row));
  return payload?.type === 'event' ? [{ ...payload.event, object, chain: positionOf(row) }] : [];
}
