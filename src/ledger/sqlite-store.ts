import { closeSync, openSync } from 'node:fs';
import { arrayMember, isJsonObject, type JsonObject, numberMember, stringMember } from '../core/json.ts';
import type { SegmentPlace } from './journal-reader.ts';
import { type RecordFrame, type RecordFrames, type RecordStore, storedRow } from './record-store.ts';
import type { OpenSqlite, SqliteDatabase, SqliteStatement } from './sqlite.ts';
import type { StoredRow } from './store-protocol.ts';

const SCHEMA_VERSION = '1';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS generations (
    id TEXT PRIMARY KEY,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    route TEXT,
    asked TEXT,
    model TEXT,
    deployment TEXT,
    status TEXT NOT NULL,
    http INTEGER,
    fallback TEXT,
    key TEXT,
    record BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS generations_created ON generations (created_at, id);
  CREATE TABLE IF NOT EXISTS unfinished (
    id TEXT PRIMARY KEY,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    record BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS segments (
    name TEXT PRIMARY KEY,
    shipped_bytes INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    previous BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

const ROW_COLUMNS = 'writer, seq, prev, hash, record';

/** The final records in SQLite, one row each, with what a list filters by as columns; the unfinished intents beside them. */
export class SqliteStore implements RecordStore {
  readonly #database: SqliteDatabase;
  readonly #insert: SqliteStatement;
  readonly #insertIntent: SqliteStatement;
  readonly #deleteIntent: SqliteStatement;
  readonly #unfinished: SqliteStatement;
  readonly #setShipped: SqliteStatement;
  readonly #getShipped: SqliteStatement;
  readonly #find: SqliteStatement;
  readonly #recent: SqliteStatement;

  /** Opens the file, makes it and its tables when they are missing. @throws Error, also for a schema of another version */
  constructor(open: OpenSqlite, path: string) {
    // SQLite gives its side files the rights of the main one: the owner's only.
    closeSync(openSync(path, 'a', 0o600));
    this.#database = open(path);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#database.exec(SCHEMA);
    this.#database
      .prepare('INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)')
      .run('schema_version', SCHEMA_VERSION);
    const version = this.#database.prepare('SELECT value FROM meta WHERE name = ?').get('schema_version')?.['value'];
    if (version !== SCHEMA_VERSION) {
      this.#database.close();
      throw new Error(`${path} has schema version ${String(version)}; this version of Candor reads ${SCHEMA_VERSION}`);
    }
    this.#insert = this.#database.prepare(
      `INSERT INTO generations (id, writer, seq, prev, hash, created_at, route, asked, model, deployment, status,
       http, fallback, key, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#insertIntent = this.#database.prepare(
      `INSERT OR IGNORE INTO unfinished (id, ${ROW_COLUMNS}) SELECT ?, ?, ?, ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM generations WHERE id = ?)`,
    );
    this.#deleteIntent = this.#database.prepare('DELETE FROM unfinished WHERE id = ?');
    this.#unfinished = this.#database.prepare(`SELECT ${ROW_COLUMNS} FROM unfinished ORDER BY writer, seq`);
    this.#setShipped = this.#database.prepare(
      'INSERT OR REPLACE INTO segments (name, shipped_bytes, next_seq, previous) VALUES (?, ?, ?, ?)',
    );
    this.#getShipped = this.#database.prepare('SELECT shipped_bytes, next_seq, previous FROM segments WHERE name = ?');
    this.#find = this.#database.prepare(`SELECT ${ROW_COLUMNS} FROM generations WHERE id = ?`);
    this.#recent = this.#database.prepare(
      `SELECT ${ROW_COLUMNS} FROM generations ORDER BY created_at DESC, id DESC LIMIT ?`,
    );
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

  take(segment: string, { intents, finals }: RecordFrames, place: SegmentPlace): void {
    // Most intents get their final in the same stretch: those are never written.
    const open = new Map(intents.map((intent) => [idOf(intent), intent]));
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const final of finals) {
        this.#insertFinal(final);
        if (!open.delete(idOf(final))) this.#deleteIntent.run(idOf(final));
      }
      for (const [id, intent] of open) this.#addIntent(id, intent);
      this.#setShipped.run(segment, place.offset, place.seq, place.previous);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  find(id: string): StoredRow | null {
    const row = this.#find.get(id);
    return row === undefined ? null : decodeRow(row);
  }

  recent(limit: number): readonly StoredRow[] {
    return this.#recent.all(limit).map(decodeRow);
  }

  unfinished(): readonly StoredRow[] {
    return this.#unfinished.all().map(decodeRow);
  }

  close(): void {
    this.#database.close();
  }

  #addIntent(id: string, intent: RecordFrame): void {
    const { writer, seq, prev, hash, payload } = storedRow(intent);
    this.#insertIntent.run(id, writer, seq, prev, hash, payload, id);
  }

  #insertFinal(final: RecordFrame): void {
    const { record } = final;
    const row = storedRow(final);
    const deployment = lastDeployment(record);
    const fallback = record['fallback'];
    this.#insert.run(
      idOf(final),
      row.writer,
      row.seq,
      row.prev,
      row.hash,
      stringMember(record, 'created_at') ?? '',
      stringMember(record, 'route'),
      stringMember(record, 'asked'),
      deployment === null ? null : deployment.slice(deployment.indexOf('/') + 1),
      deployment,
      stringMember(record, 'status') ?? '',
      numberMember(record, 'http'),
      isJsonObject(fallback) ? stringMember(fallback, 'reason') : null,
      stringMember(record, 'key'),
      row.payload,
    );
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // SQLite rolls some failures (a full disk) back by itself; the first error is the one to tell.
    }
  }
}

function idOf({ record }: RecordFrame): string {
  return stringMember(record, 'id') ?? '';
}

/** The deployment that served or, where none did, the last one asked: what a list by deployment is about. */
function lastDeployment(record: JsonObject): string | null {
  const last = arrayMember(record, 'attempts').at(-1);
  return isJsonObject(last) ? stringMember(last, 'deployment') : null;
}

function decodeRow(row: Readonly<Record<string, unknown>>): StoredRow {
  return {
    writer: String(row['writer']),
    seq: Number(row['seq']),
    prev: String(row['prev']),
    hash: String(row['hash']),
    payload: row['record'] as Uint8Array,
  };
}
