import { closeSync, openSync } from 'node:fs';
import { isJsonObject, type JsonObject, objectMember, parseJson, stringMember } from '../../core/json.ts';
import {
  generationFacts,
  type GenerationPlace,
  type GenerationQuery,
  isListed,
  newestFirst,
} from './generation-query.ts';
import type { EventQuery } from './event-query.ts';
import { dataColumn, selectGenerations } from './generation-select.ts';
import type { SegmentPlace } from '../journal/journal-reader.ts';
import { type RecordFrame, type RecordFrames, type RecordStore, storedRow } from './record-store.ts';
import { segmentNumber, segmentWriter } from '../journal/segment-files.ts';
import type { OpenSqlite, SqliteDatabase, SqliteStatement } from './sqlite.ts';
import { SqliteEvents } from './sqlite-events.ts';
import { migrate } from './sqlite-schema.ts';
import type { StoredRow } from './store-protocol.ts';

type Row = Readonly<Record<string, unknown>>;

const ROW_COLUMNS = 'writer, seq, prev, hash, payload';
const FINISHED = 'generations JOIN frames ON frames.number = generations.number';

/**
 * The final records in SQLite: narrow rows with what a list looks at, each record's frame in
 * a table beside them; the unfinished intents; and the events. Several processes may have the file open.
 */
export class SqliteStore implements RecordStore {
  readonly #database: SqliteDatabase;
  readonly #insert: SqliteStatement;
  readonly #insertFrame: SqliteStatement;
  readonly #insertIntent: SqliteStatement;
  readonly #deleteIntent: SqliteStatement;
  readonly #unfinished: SqliteStatement;
  readonly #setShipped: SqliteStatement;
  readonly #getShipped: SqliteStatement;
  readonly #find: SqliteStatement;
  readonly #read: SqliteStatement;
  readonly #events: SqliteEvents;

  /** Opens the file, makes it and its tables when they are missing. @throws Error, also for a schema of a later version */
  constructor(open: OpenSqlite, path: string) {
    // SQLite gives its side files the rights of the main one: the owner's only.
    closeSync(openSync(path, 'a', 0o600));
    const database = open(path);
    this.#database = database;
    try {
      migrate(database, path);
    } catch (error) {
      database.close();
      throw isDamage(error) ? damagedStore(path, error) : error;
    }
    this.#events = new SqliteEvents(database);
    this.#insert = database.prepare(
      `INSERT INTO generations (id, writer, segment, created_ms, route, model, deployment, status, fallback, key,
       aside, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING RETURNING number`,
    );
    this.#insertFrame = database.prepare(
      'INSERT INTO frames (number, seq, prev, hash, payload) VALUES (?, ?, ?, ?, ?)',
    );
    this.#insertIntent = database.prepare(
      `INSERT OR IGNORE INTO unfinished (id, segment, ${ROW_COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM generations WHERE id = ?)`,
    );
    this.#deleteIntent = database.prepare('DELETE FROM unfinished WHERE id = ?');
    this.#unfinished = database.prepare(`SELECT ${ROW_COLUMNS} FROM unfinished ORDER BY writer, seq`);
    // Another process may have come further with the same segment in between.
    this.#setShipped = database.prepare(
      `INSERT INTO segments (name, shipped_bytes, next_seq, previous) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET shipped_bytes = excluded.shipped_bytes, next_seq = excluded.next_seq,
       previous = excluded.previous WHERE excluded.shipped_bytes > shipped_bytes`,
    );
    this.#getShipped = database.prepare('SELECT shipped_bytes, next_seq, previous FROM segments WHERE name = ?');
    this.#find = database.prepare(
      `SELECT ${ROW_COLUMNS} FROM ${FINISHED} WHERE id = ?1 UNION ALL SELECT ${ROW_COLUMNS} FROM unfinished WHERE id = ?1`,
    );
    this.#read = database.prepare(`SELECT ${ROW_COLUMNS} FROM ${FINISHED} WHERE generations.number = ?`);
  }

  shippedTo(segment: string): SegmentPlace | null {
    const row = this.#getShipped.get(segment);
    if (row === undefined) return null;
    return {
      offset: Number(row['shipped_bytes']),
      seq: Number(row['next_seq']),
      previous: Buffer.from(row['previous'] as Uint8Array),
    };
  }

  take(segment: string, { intents, finals, events }: RecordFrames, place: SegmentPlace): void {
    this.#transaction(() => {
      // Another process may have come further with the same segment since this stretch was read.
      const takenTo = this.shippedTo(segment)?.offset ?? 0;
      const isNew = ({ frame }: Pick<RecordFrame, 'frame'>): boolean => frame.offset >= takenTo;
      // Most intents get their final in the same stretch: those are never written.
      const open = new Map(intents.filter(isNew).map((intent) => [idOf(intent), intent]));
      for (const final of finals.filter(isNew)) {
        this.#addFinal(segment, final);
        if (!open.delete(idOf(final))) this.#deleteIntent.run(idOf(final));
      }
      for (const [id, intent] of open) this.#addIntent(segment, id, intent);
      for (const event of events.filter(isNew)) this.#events.add(segment, event);
      this.#setShipped.run(segment, place.offset, place.seq, place.previous);
    });
  }

  segments(): readonly string[] {
    const rows = this.#database.prepare('SELECT name FROM segments ORDER BY name').all();
    return rows.map((row) => String(row['name']));
  }

  drop(segment: string): void {
    const place = [segmentWriter(segment), segmentNumber(segment)];
    this.#transaction(() => {
      const gone = 'FROM generations WHERE writer = ? AND segment = ?';
      this.#database.prepare(`DELETE FROM frames WHERE number IN (SELECT number ${gone})`).run(...place);
      this.#database.prepare(`DELETE ${gone}`).run(...place);
      this.#database.prepare('DELETE FROM unfinished WHERE writer = ? AND segment = ?').run(...place);
      this.#events.drop(segment);
      this.#database.prepare('DELETE FROM segments WHERE name = ?').run(segment);
    });
  }

  find(id: string): StoredRow | null {
    const row = this.#find.get(id);
    return row === undefined ? null : decodeRow(row);
  }

  list(query: GenerationQuery, lost: ReadonlySet<string>): readonly StoredRow[] {
    // First what is unfinished: what another process ends in between is then among the finished too, and not in neither.
    const found = new Map<string, GenerationPlace & { readonly row: StoredRow | null; readonly number: number }>();
    for (const row of this.#unfinished.all().map(decodeRow)) {
      const { id, createdMs, ...facts } = generationFacts(intentOf(row));
      const status = lost.has(id) ? 'interrupted' : 'running';
      if (isListed({ ...facts, id, createdMs, status }, query)) found.set(id, { id, createdMs, row, number: 0 });
    }
    const { sql, values } = selectGenerations('number, id, created_ms', query);
    for (const row of this.#database.prepare(sql).all(...values)) {
      const id = String(row['id']);
      found.set(id, { id, createdMs: Number(row['created_ms']), row: null, number: Number(row['number']) });
    }
    const page = [...found.values()].toSorted(newestFirst).slice(0, query.limit);
    return page.flatMap(({ row, number }) => row ?? this.#frameRow(number));
  }

  events(query: EventQuery): readonly StoredRow[] {
    return this.#events.select(query).map(decodeRow);
  }

  unfinished(): readonly StoredRow[] {
    return this.#unfinished.all().map(decodeRow);
  }

  close(): void {
    this.#database.close();
  }

  #frameRow(number: number): readonly StoredRow[] {
    const row = this.#read.get(number);
    return row === undefined ? [] : [decodeRow(row)];
  }

  #addIntent(segment: string, id: string, intent: RecordFrame): void {
    const { writer, seq, prev, hash, payload } = storedRow(intent);
    this.#insertIntent.run(id, segmentNumber(segment), writer, seq, prev, hash, payload, id);
  }

  #addFinal(segment: string, final: RecordFrame): void {
    const facts = generationFacts(final.record);
    const row = storedRow(final);
    const inserted = this.#insert.get(
      facts.id,
      row.writer,
      segmentNumber(segment),
      facts.createdMs,
      facts.route,
      facts.model,
      facts.deployment,
      facts.status,
      facts.fallback,
      facts.key,
      facts.aside,
      dataColumn(facts.data),
    );
    if (inserted === undefined) return;
    this.#insertFrame.run(Number(inserted['number']), row.seq, row.prev, row.hash, row.payload);
  }

  #transaction(statements: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      statements();
      this.#database.exec('COMMIT');
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // SQLite rolls some failures (a full disk) back by itself; the first error is the one to tell.
      }
      throw error;
    }
  }
}

/** Whether SQLite says that the file is not, or no longer, what it writes. */
function isDamage(error: unknown): error is Error {
  return error instanceof Error && /not a database|malformed/.test(error.message);
}

function damagedStore(path: string, error: Error): Error {
  const advice = 'Remove it, and the files beside it that begin with its name: it is made again from the journal';
  return new Error(`${path} is damaged (${error.message}). ${advice}`, { cause: error });
}

function idOf({ record }: RecordFrame): string {
  return stringMember(record, 'id') ?? '';
}

/** The intent in a row of the unfinished. */
function intentOf({ payload }: StoredRow): JsonObject {
  const value = parseJson(Buffer.from(payload).toString());
  return (isJsonObject(value) ? objectMember(value, 'intent') : null) ?? {};
}

function decodeRow(row: Row): StoredRow {
  return {
    writer: String(row['writer']),
    seq: Number(row['seq']),
    prev: String(row['prev']),
    hash: String(row['hash']),
    payload: row['payload'] as Uint8Array,
  };
}
