import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { JournalStore } from './journal-store.ts';
import { isIntent } from '../journal/payload.ts';
import type { RecordStore } from './record-store.ts';
import { findSqlite } from './sqlite.ts';
import { SqliteStore } from './sqlite-store.ts';
import type {
  StoredRow,
  StoreOptions,
  StoreReply,
  StoreRequest,
  UpkeepRequest,
  WrittenSegment,
} from './store-protocol.ts';
import { OtherWriters, takeOver } from './take-over.ts';
import { keepUp } from '../upkeep.ts';

const NO_SQLITE =
  'SQLite is not there (neither node:sqlite nor @photostructure/sqlite): records are kept in the journal only, and looking for one that is not among the newest 1,000 reads all of it';

/**
 * The store's side of the port: opens the store, takes over what earlier processes left in the
 * journal, then ships and looks up on request, in the order of the requests.
 */
export async function serveStore(port: MessagePort, options: StoreOptions): Promise<void> {
  const reply = (message: StoreReply): void => port.postMessage(message);
  const journal = join(options.directory, 'journal');
  const warnings: string[] = [];
  let store: RecordStore;
  let others: OtherWriters;
  let unfinished: readonly StoredRow[];
  try {
    const sqlite = await findSqlite();
    if (sqlite === null) warnings.push(NO_SQLITE);
    store = sqlite === null ? new JournalStore(journal) : new SqliteStore(sqlite, join(options.directory, 'store.db'));
    others = new OtherWriters(store, journal, options.writer);
    warnings.push(...others.catchUp().warnings);
    unfinished = store.unfinished().filter((row) => row.writer !== options.writer);
  } catch (error) {
    reply({ type: 'unusable', message: messageOf(error) });
    return;
  }
  port.on('message', (request: StoreRequest) => {
    switch (request.type) {
      case 'ship':
        reply(ship(store, journal, request.segments));
        break;
      case 'find':
        reply(lookUp(request.call, () => find(store, others, request.id)));
        break;
      case 'list':
      case 'events':
        reply(
          lookUp(request.call, () => {
            takeOverWritten(store, journal, request.segments);
            others.catchUp();
            return request.type === 'list' ? store.list(request.query, request.lost) : store.events(request.query);
          }),
        );
        break;
      case 'recover':
      case 'summarize':
      case 'drop':
        reply(upkeep(store, journal, request));
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

function ship(store: RecordStore, journal: string, segments: readonly WrittenSegment[]): StoreReply {
  try {
    takeOverWritten(store, journal, segments);
    return { type: 'shipped' };
  } catch (error) {
    return { type: 'ship-failed', message: messageOf(error) };
  }
}

/** @throws Error also when a segment does not hold what was written */
function takeOverWritten(store: RecordStore, journal: string, segments: readonly WrittenSegment[]): void {
  for (const { segment, upTo } of segments) {
    const end = takeOver(store, journal, segment, upTo);
    if (end.kind !== 'end') throw new Error(`the journal ${segment} is ${end.kind} at byte ${end.offset}`);
  }
}

/** A generation of another writer may be new here, or have ended since it was last heard of. */
function find(store: RecordStore, others: OtherWriters, id: string): readonly StoredRow[] {
  let row = store.find(id);
  const hasEnded = row !== null && !isIntent(Buffer.from(row.payload));
  if (!hasEnded && others.catchUp().changed) row = store.find(id);
  return row === null ? [] : [row];
}

function lookUp(call: number, rows: () => readonly StoredRow[]): StoreReply {
  try {
    return { type: 'rows', call, rows: rows() };
  } catch (error) {
    return { type: 'call-failed', call, message: messageOf(error) };
  }
}

function upkeep(store: RecordStore, journal: string, request: UpkeepRequest): StoreReply {
  try {
    return keepUp(store, journal, request);
  } catch (error) {
    return { type: 'call-failed', call: request.call, message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
