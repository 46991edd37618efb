import { segmentNumber, segmentWriter } from '../journal/segment-files.ts';
import { type EventQuery, eventPlace } from './event-query.ts';
import { type EventFrame, storedRow } from './record-store.ts';
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite.ts';

type Row = Readonly<Record<string, unknown>>;

/** The table of events in SQLite. What changes it is called within a transaction. */
export class SqliteEvents {
  readonly #database: SqliteDatabase;
  readonly #insert: SqliteStatement;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    // One that is there already was written anew, since its segment is about to go.
    this.#insert = database.prepare(
      `INSERT INTO events (id, object, created_ms, segment, writer, seq, prev, hash, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET segment = excluded.segment,
       writer = excluded.writer, seq = excluded.seq, prev = excluded.prev, hash = excluded.hash, payload = excluded.payload`,
    );
  }

  add(segment: string, found: EventFrame): void {
    const { id, object } = found.event;
    const { writer, seq, prev, hash, payload } = storedRow(found);
    const { createdMs } = eventPlace(found.event);
    this.#insert.run(id, object, createdMs, segmentNumber(segment), writer, seq, prev, hash, payload);
  }

  drop(segment: string): void {
    const statement = this.#database.prepare('DELETE FROM events WHERE writer = ? AND segment = ?');
    statement.run(segmentWriter(segment), segmentNumber(segment));
  }

  /** Rows with `writer`, `seq`, `prev`, `hash` and `payload`. */
  select({ object, afterMs, next, limit }: EventQuery): readonly Row[] {
    const conditions = ['object = ?'];
    const values: SqliteValue[] = [object];
    const where = (condition: string, ...bound: readonly SqliteValue[]): void => {
      conditions.push(condition);
      values.push(...bound);
    };
    if (afterMs !== null) where('created_ms > ?', afterMs);
    if (next !== null) where('(created_ms, id) < (?, ?)', next.createdMs, next.id);
    const statement = this.#database.prepare(
      `SELECT writer, seq, prev, hash, payload FROM events WHERE ${conditions.join(' AND ')}
       ORDER BY created_ms DESC, id DESC LIMIT ?`,
    );
    return statement.all(...values, limit);
  }
}
