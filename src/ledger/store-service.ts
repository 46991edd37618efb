import { basename, join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { JournalStore, listSegments } from './journal-store.ts';
import { readSegment, type SegmentEnd, type SegmentFrame } from './journal-reader.ts';
import { decodePayload } from './payload.ts';
import type { RecordFrame, RecordStore } from './record-store.ts';
import { segmentWriter } from './segment-files.ts';
import { findSqlite } from './sqlite.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { StoredRow, StoreOptions, StoreReply, StoreRequest } from './store-protocol.ts';

/** Records per transaction: enough to share its price, few enough to hold no one up. */
const RECORDS_PER_TRANSACTION = 256;

/**
 * The store's side of the port: opens the store, takes over what earlier processes left in the
 * journal, then ships and looks up on request, in the order of the requests.
 */
export async function serveStore(port: MessagePort, options: StoreOptions): Promise<void> {
  const reply = (message: StoreReply): void => port.postMessage(message);
  const journal = join(options.directory, 'journal');
  const warnings: string[] = [];
  let store: RecordStore;
  let unfinished: readonly StoredRow[];
  try {
    const sqlite = await findSqlite();
    if (sqlite === null) {
      warnings.push(
        'SQLite is not there (neither node:sqlite nor @photostructure/sqlite): records are kept in the journal only, and lists show the newest 1,000',
      );
      store = new JournalStore(journal);
    } else {
      store = new SqliteStore(sqlite, join(options.directory, 'store.db'));
    }
    warnings.push(...shipEarlier(store, journal, options.writer));
    unfinished = store.unfinished().filter((row) => row.writer !== options.writer);
  } catch (error) {
    reply({ type: 'unusable', message: messageOf(error) });
    return;
  }
  port.on('message', (request: StoreRequest) => {
    switch (request.type) {
      case 'ship':
        reply(ship(store, journal, request));
        break;
      case 'find':
        reply(lookUp(request.call, () => [store.find(request.id)]));
        break;
      case 'recent':
        reply(lookUp(request.call, () => store.recent(request.limit)));
        break;
      case 'close':
        store.close();
        reply({ type: 'closed' });
        port.close();
        break;
    }
  });
  reply({ type: 'ready', warnings, unfinished });
}

function ship(store: RecordStore, journal: string, request: StoreRequest & { readonly type: 'ship' }): StoreReply {
  try {
    for (const { segment, upTo } of request.segments) {
      const end = shipSegment(store, journal, segment, upTo);
      if (end.kind !== 'end') {
        return { type: 'ship-failed', message: `the journal ${segment} is ${end.kind} at byte ${end.offset}` };
      }
    }
    return { type: 'shipped' };
  } catch (error) {
    return { type: 'ship-failed', message: messageOf(error) };
  }
}

/** Takes over what other writers left behind. @returns a sentence for each segment that could not be read to its end */
function shipEarlier(store: RecordStore, journal: string, writer: string): readonly string[] {
  const warnings: string[] = [];
  for (const segment of listSegments(journal)) {
    if (segment.startsWith(`${writer}-`)) continue;
    const end = shipSegment(store, journal, segment, null);
    if (end.kind === 'damaged') {
      warnings.push(
        `the journal ${segment} is damaged at byte ${end.offset} (${end.damage}): records after it are not listed`,
      );
    }
  }
  return warnings;
}

function shipSegment(store: RecordStore, journal: string, segment: string, upTo: number | null): SegmentEnd {
  const path = join(journal, basename(segment));
  const writer = segmentWriter(segment);
  const frames = readSegment(path, { from: store.shippedTo(segment), upTo, checkChain: false });
  let intents: RecordFrame[] = [];
  let finals: RecordFrame[] = [];
  let last: SegmentFrame | null = null;
  for (;;) {
    const step = frames.next();
    const full = Math.max(finals.length, intents.length) >= RECORDS_PER_TRANSACTION;
    if (last !== null && (full || step.done === true)) {
      store.take(segment, { intents, finals }, last.next);
      intents = [];
      finals = [];
    }
    if (step.done === true) return step.value;
    last = step.value;
    const payload = decodePayload(last.payload.toString());
    if (payload?.type === 'final') finals.push({ writer, frame: last, record: payload.record });
    else if (payload !== null) intents.push({ writer, frame: last, record: payload.intent });
  }
}

function lookUp(call: number, rows: () => readonly (StoredRow | null)[]): StoreReply {
  try {
    return { type: 'rows', call, rows: rows().filter((row) => row !== null) };
  } catch (error) {
    return { type: 'call-failed', call, message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
